import type { GcEvent } from './events.js'

/** How fast the program fills its heap, and how much of that stays. */
export interface GcRates {
  /** Bytes of the JavaScript heap; buffers outside it are not among them. */
  allocatedBytesPerSecond: number
  /** Bytes that moved from the young to the old generation. */
  promotedBytesPerSecond: number
  /** The share of the young generation that outlived its collections; null when there were none. */
  survivalRatio: number | null
}

/** The rates over `events`, in their order, and the time up to now, when `usedNow` bytes are in use. */
export function ratesOf(
  events: readonly GcEvent[],
  sinceMs: number,
  nowMs: number,
  usedAtStart: number,
  usedNow: number,
): GcRates {
  let allocated = 0
  let promoted = 0
  let youngBefore = 0
  let survived = 0
  let used = usedAtStart
  for (const event of events) {
    const minor = event.kind === 'scavenge' || event.kind === 'minor-mark-sweep'
    if (!minor && event.kind !== 'mark-sweep-compact') continue // these free nothing
    allocated += Math.max(0, event.usedBefore - used)
    used = event.usedAfter
    if (!minor) continue
    const oldBefore = event.usedBefore - event.youngBefore
    const oldAfter = event.usedAfter - event.youngAfter
    const moved = Math.max(0, oldAfter - oldBefore)
    promoted += moved
    survived += moved + event.youngAfter
    youngBefore += event.youngBefore
  }
  allocated += Math.max(0, usedNow - used)
  const seconds = Math.max(nowMs - sinceMs, Number.EPSILON) / 1000
  return {
    allocatedBytesPerSecond: allocated / seconds,
    promotedBytesPerSecond: promoted / seconds,
    survivalRatio: youngBefore === 0 ? null : Math.min(1, survived / youngBefore),
  }
}
