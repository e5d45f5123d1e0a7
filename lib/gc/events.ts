import { performance } from 'node:perf_hooks'
import { native } from '../native.js'
import { gcKinds, type GcKind } from './kinds.js'

/** One pause for collection. */
export interface GcEvent {
  kind: GcKind
  /** On the clock of `performance.now()` in this thread. */
  startMs: number
  durationMs: number
  /**
   * Asked for by a program (`collect`, `gc()`), not by V8's own judgement. A heap snapshot's
   * collections V8 marks from Node 26 on only.
   */
  forced: boolean
  /** Bytes of the heap in use, and of these the young generation's. */
  usedBefore: number
  usedAfter: number
  youngBefore: number
  youngAfter: number
}

const fieldsPerEvent = 8
/** The largest of some: the system may stop the thread between the two readings. */
const clockOffsetMs = Math.max(
  ...Array.from({ length: 5 }, () => performance.now() - native.nowNs() / 1e6),
)

/** Milliseconds of the addon's clock on that of `performance.now()`. */
export function toPerformanceClock(nowNs: number): number {
  return nowNs / 1e6 + clockOffsetMs
}

/** Events written so far: the index of the next one. */
export function nextEventIndex(): number {
  return native.gcEventsWritten()
}

/**
 * The events from index `from` on that the record still holds. `first` is the index of the oldest
 * one given: beyond `from` where the record, which holds 4096, has moved on.
 */
export function readEvents(from: number): { first: number; events: GcEvent[] } {
  const values = native.gcEvents(from)
  const events: GcEvent[] = []
  for (let i = 1; i < values.length; i += fieldsPerEvent) {
    events.push({
      kind: gcKinds[values[i]!]!,
      forced: values[i + 1] === 1,
      startMs: toPerformanceClock(values[i + 2]!),
      durationMs: values[i + 3]! / 1e6,
      usedBefore: values[i + 4]!,
      youngBefore: values[i + 5]!,
      usedAfter: values[i + 6]!,
      youngAfter: values[i + 7]!,
    })
  }
  return { first: values[0]!, events }
}
