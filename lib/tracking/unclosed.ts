import { startDelivery, stopDelivery } from '../delivery.js'
import { Listeners } from '../listeners.js'
import { native } from '../native.js'
import { toIso } from './clock.js'
import type { ClassRecord } from './record.js'
import { allRecords } from './registry.js'

/** An instance of a class with a close that was collected without it. */
export interface UnclosedEvent {
  id: number
  className: string
  /** ISO 8601. The second is when the collection ran that found it dead. */
  createdAt: string
  collectedAt: string
  ageMs: number
  /** The stack that made it, where it was kept (`sites`). */
  site?: string
}

const fieldsPerInstance = 5
const listeners = new Listeners<[event: UnclosedEvent]>('onUnclosed', (size) => {
  if (size === 0) stopDelivery(deliver)
  else startDelivery(deliver)
  if (size > 0 === watching) return
  watching = size > 0
  native.watchUnclosed(watching)
})
let watching = false
let dropped = 0

export function onUnclosed(listener: (event: UnclosedEvent) => void): Disposable {
  return listeners.add(listener)
}

export function clearUnclosedListeners(): void {
  listeners.clear()
}

export function unclosedDropped(): number {
  return dropped
}

function deliver(): void {
  const values = native.takeUnclosed()
  dropped += values[0]!
  const records = new Map<number, ClassRecord>(allRecords().map((one) => [one.index, one]))
  for (let i = 1; i < values.length; i += fieldsPerInstance) {
    const [index = 0, id = 0, bornMs = 0, diedMs = 0, siteIndex = 0] = values.subarray(i)
    const record = records.get(index)
    if (!record) continue // begun anew since
    const site = record.sites?.stackOf(siteIndex)
    listeners.emit({
      id,
      className: record.name,
      createdAt: toIso(bornMs),
      collectedAt: toIso(diedMs),
      ageMs: diedMs - bornMs,
      ...(site === undefined ? {} : { site }),
    })
  }
}
