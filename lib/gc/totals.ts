import { byKind, type GcKind } from './kinds.js'

/** What one kind of collection has cost and brought. */
export interface GcKindStats {
  count: number
  totalMs: number
  maxMs: number
  /** Bytes of the heap by which use fell from before to after. */
  reclaimedBytes: number
}

const fieldsPerKind = 4

/** Reads what `gcTotals` of the addon wrote. */
export function readTotals(values: Float64Array): Record<GcKind, GcKindStats> {
  return byKind((_, i) => {
    const [count = 0, totalNs = 0, maxNs = 0, reclaimedBytes = 0] = values.subarray(
      i * fieldsPerKind,
    )
    return { count, totalMs: totalNs / 1e6, maxMs: maxNs / 1e6, reclaimedBytes }
  })
}
