import { native } from '../native.js'
import type { ClassRecord } from './record.js'

/** What the native half knows of one class. */
export interface ClassFigures {
  live: number
  liveStdError: number
  closed: number
  collectedUnclosed: number
  pendingDeletion: number
  followed: number
  probability: number
  oldestBornMs: number
}

/** In the order of `ClassStats` in `native/bindings/tracking.cc`. One sweep over the class's slots. */
export function readFigures(record: ClassRecord): ClassFigures {
  const [
    live = 0,
    liveStdError = 0,
    closed = 0,
    collectedUnclosed = 0,
    pendingDeletion = 0,
    followed = 0,
    probability = 1,
    oldestBornMs = -1,
  ] = native.classStats(record.index)
  return {
    live,
    liveStdError,
    closed,
    collectedUnclosed,
    pendingDeletion,
    followed,
    probability,
    oldestBornMs,
  }
}
