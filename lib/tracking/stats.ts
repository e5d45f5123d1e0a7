import { DurationHistogram, type HistogramSummary } from '../histogram.js'
import { native } from '../native.js'
import { CREATED, FAILED } from './cells.js'
import type { ClassRecord } from './record.js'

/** The counts that also roll up from derived classes to their base. */
export interface ClassCounts {
  /** Exact. */
  created: number
  /** Not collected yet, closed or not; an estimate once the class is sampled. */
  live: number
  /** Standard error of `live`: 0 while every instance has been followed. */
  liveStdError: number
  collected: number
}

export interface ClassStats extends ClassCounts {
  className: string
  /** Constructions that threw; not among `created`. Exact. */
  failed: number
  /** Live and not closed. */
  active: number
  /** Exact. */
  closed: number
  /** Collected though the class has a close and it was not called. */
  collectedUnclosed: number
  /** Closed, but still in memory. */
  pendingDeletion: number
  /** From creation to the collection that found the instance dead, in milliseconds (to about 4). */
  lifetimeMs: HistogramSummary
  /** Age of the oldest followed live instance; null when there is none. */
  oldestMs: number | null
  /** Instances followed one by one now, and the probability with which a new one is. */
  followed: number
  sampleProbability: number
  /** New instances are counted: false after `untrackClass`. */
  tracking: boolean
  /** The nearest tracked class it derives from. */
  baseName: string | null
  /** With all derived classes, of which each instance counts under its own class alone. */
  inclusive: ClassCounts
}

export interface GlobalStats {
  totalClasses: number
  /** In memory, closed ones included. */
  totalInstances: number
  activeInstances: number
  /** Instances collected unclosed that no listener could be told of, because too many died at once. */
  unclosedDropped: number
  classes: ClassStats[]
}

/** Reads a class's figures: one sweep over its slots, no collection. */
export function readStats(record: ClassRecord): ClassStats {
  const {
    live,
    liveStdError,
    closed,
    collectedUnclosed,
    pendingDeletion,
    followed,
    probability,
    oldestBornMs,
  } = readNative(record)
  const lifetimes = DurationHistogram.read(native.classLifetimes(record.index), 1)
  return {
    className: record.name,
    ...countsOf(record, live, liveStdError),
    failed: record.cells[FAILED]!,
    active: Math.max(0, live - pendingDeletion),
    closed,
    collectedUnclosed,
    pendingDeletion,
    lifetimeMs: lifetimes.toJSON(),
    oldestMs: oldestBornMs < 0 ? null : Math.max(0, native.coarseNowMs() - oldestBornMs),
    followed,
    sampleProbability: probability,
    tracking: record.enabled,
    baseName: record.base?.name ?? null,
    inclusive: inclusiveOf(record),
  }
}

/** The classes' populations are independent, so their variances add. */
function inclusiveOf(record: ClassRecord): ClassCounts {
  const { live, liveStdError } = readNative(record)
  const own = countsOf(record, live, liveStdError)
  return record.derived.map(inclusiveOf).reduce(
    (sum, counts) => ({
      created: sum.created + counts.created,
      live: sum.live + counts.live,
      liveStdError: Math.hypot(sum.liveStdError, counts.liveStdError),
      collected: sum.collected + counts.collected,
    }),
    own,
  )
}

function countsOf(record: ClassRecord, live: number, liveStdError: number): ClassCounts {
  const created = record.cells[CREATED]!
  return { created, live, liveStdError, collected: Math.max(0, created - live) }
}

/** In the order of `ClassStats` in `native/tracking/tracking_bindings.cc`. */
function readNative(record: ClassRecord) {
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
