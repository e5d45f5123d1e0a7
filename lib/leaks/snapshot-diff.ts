import type { LeakSnapshot } from './leak-snapshot.js'
import { numberOf } from './table.js'

/** What changed from one snapshot to another. */
export interface SnapshotDiff {
  /** The labels. */
  from: string
  to: string
  /** Instances by class, those that changed. */
  typeDiff: Record<string, number>
  /** Bytes by class, those that changed; null where only instances were counted. */
  sizeDiffByType: Record<string, number> | null
  objectDiff: number
  /** Resident memory. */
  memoryDiff: number
  memoryDiffMb: number
  heapUsedDiff: number
  /** Milliseconds. */
  timeDiff: number
}

export function diffSnapshots(earlier: LeakSnapshot, later: LeakSnapshot): SnapshotDiff {
  const memoryDiff = later.memoryUsage - earlier.memoryUsage
  const { sizesByType: before } = earlier
  const { sizesByType: after } = later
  return {
    from: earlier.label,
    to: later.label,
    typeDiff: differences(earlier.typeCounts, later.typeCounts),
    sizeDiffByType: before && after && differences(before, after),
    objectDiff: later.objectCount - earlier.objectCount,
    memoryDiff,
    memoryDiffMb: memoryDiff / 2 ** 20,
    heapUsedDiff: later.heapUsed - earlier.heapUsed,
    timeDiff: later.time - earlier.time,
  }
}

function differences(
  before: Record<string, number>,
  after: Record<string, number>,
): Record<string, number> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const all = [...names].map(
    (name) => [name, numberOf(after, name) - numberOf(before, name)] as const,
  )
  return Object.fromEntries(all.filter(([, difference]) => difference !== 0))
}
