import { native } from '../native.js'
import { metas } from '../tracking/metas.js'
import type { ClassRecord } from '../tracking/record.js'
import { allRecords, recordOfInstance } from '../tracking/registry.js'

/** One instance of a tracked class that was followed when the graph was taken. */
export interface FollowedInstance {
  record: ClassRecord
  id: number
  /** By the addon's coarse clock. */
  bornMs: number
  site: number
  /** Index of its node. */
  node: number
}

const width = 5

/**
 * The followed instances as a capture found them: where in the graph each is. Numbers in native
 * order, as `NativeTwinEnd.followed` has them. Holds no instance.
 */
export class FollowedInstances {
  readonly #rows: Float64Array
  readonly #records: ReadonlyMap<number, ClassRecord>
  readonly takenAtMs = native.coarseNowMs()
  #nodes: Map<string, number> | undefined

  constructor(rows: Float64Array) {
    this.#rows = rows
    this.#records = new Map(allRecords().map((record) => [record.index, record]))
  }

  /** The index of the object's node, where it was followed then. */
  nodeOf(object: object): number | undefined {
    const [index, id] = identity(object) ?? []
    if (index === undefined) return undefined
    this.#nodes ??= new Map(
      this.#starts().map((at) => [`${this.#rows[at]} ${this.#rows[at + 1]}`, this.#rows[at + 4]!]),
    )
    return this.#nodes.get(`${index} ${id}`)
  }

  /** Those of the records given, in the order in which they were made. */
  oldestFirst(records: ReadonlySet<ClassRecord>): FollowedInstance[] {
    const found: FollowedInstance[] = []
    for (const at of this.#starts()) {
      const [index, id, bornMs, site, node] = this.#rows.subarray(at, at + width)
      const record = this.#records.get(index!)
      if (!record || !records.has(record)) continue
      found.push({ record, id: id!, bornMs: bornMs!, site: site!, node: node! })
    }
    return found.sort((a, b) => a.bornMs - b.bornMs || a.id - b.id)
  }

  #starts(): number[] {
    return Array.from({ length: this.#rows.length / width }, (_, i) => i * width)
  }
}

/** A followed object's class, by its native half, and its number in that. */
function identity(object: object): [index: number, id: number] | undefined {
  const meta = metas.get(object)
  if (meta) return meta.id === null ? undefined : [meta.index, meta.id]
  const record = recordOfInstance(object)
  const [id] = record ? (native.findInstance(record.index, object) ?? []) : []
  return id === undefined ? undefined : [record!.index, id]
}
