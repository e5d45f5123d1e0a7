import { DurationHistogram, type HistogramSummary } from '../histogram.js'
import { native } from '../native.js'
import { CREATED, FAILED } from './cells.js'
import { readFigures, type ClassFigures } from './figures.js'
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
  /** Live and not closed; like `collected`, `collectedUnclosed`, `pendingDeletion` and the count of
   * `lifetimeMs` an estimate where `liveStdError` is above 0. */
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

/** The statistics of some classes. Each class is read once, however many of them derive from it. */
export function statsOf(records: readonly ClassRecord[]): ClassStats[] {
  const known = new Map<ClassRecord, Counted>()
  return records.map((record) => describe(record, countsOf(record, known)))
}

interface Counted {
  figures: ClassFigures
  own: ClassCounts
  inclusive: ClassCounts
}

function countsOf(record: ClassRecord, known: Map<ClassRecord, Counted>): Counted {
  const before = known.get(record)
  if (before) return before
  const figures = readFigures(record)
  const created = record.cells[CREATED]!
  const { live, liveStdError } = figures
  // The estimate is unbiased, so it can exceed what was ever made.
  const own = { created, live, liveStdError, collected: Math.max(0, created - live) }
  const inclusive = record.derived
    .map((derived) => countsOf(derived, known).inclusive)
    .reduce(add, own)
  const counted = { figures, own, inclusive }
  known.set(record, counted)
  return counted
}

/** Populations are sampled independently of each other, so their variances add. */
function add(a: ClassCounts, b: ClassCounts): ClassCounts {
  return {
    created: a.created + b.created,
    live: a.live + b.live,
    liveStdError: Math.hypot(a.liveStdError, b.liveStdError),
    collected: a.collected + b.collected,
  }
}

function describe(record: ClassRecord, { figures, own, inclusive }: Counted): ClassStats {
  const { closed, collectedUnclosed, pendingDeletion, followed, probability, oldestBornMs } =
    figures
  const lifetimes = DurationHistogram.read(native.classLifetimes(record.index), 1)
  return {
    className: record.name,
    ...own,
    failed: record.cells[FAILED]!,
    active: Math.max(0, own.live - pendingDeletion),
    closed,
    collectedUnclosed,
    pendingDeletion,
    lifetimeMs: lifetimes.toJSON(),
    oldestMs: oldestBornMs < 0 ? null : Math.max(0, native.coarseNowMs() - oldestBornMs),
    followed,
    sampleProbability: probability,
    tracking: record.enabled,
    baseName: record.base?.name ?? null,
    inclusive,
  }
}
