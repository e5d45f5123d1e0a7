import type { ClassRecord } from './record.js'

/** What is kept of one instance, of a class that pays for it. */
export interface InstanceMeta {
  record: ClassRecord
  /** Of the record's native half when the instance was counted: it is another after a restart. */
  index: number
  /** null where the instance was passed over by sampling before anything asked for it. */
  id: number | null
  bornMs: number | null
  slot: number
  site: number
  closedAtMs: number | null
}

/** The native half's slot of an instance that is not followed. */
export const noSlot = 2 ** 32 - 1

/** The instances that have an entry. It holds none of them. */
export const metas = new WeakMap<object, InstanceMeta>()
