import { getHeapStatistics } from 'node:v8'
import { startDelivery, stopDelivery } from '../delivery.js'
import { DurationHistogram } from '../histogram.js'
import { Listeners } from '../listeners.js'
import { native } from '../native.js'
import { checkOptions, checkPositive, checkWord } from '../options.js'
import { nextEventIndex, readEvents, toPerformanceClock, type GcEvent } from './events.js'
import { byKind, gcKinds, type GcKind } from './kinds.js'
import { minimumUtilization } from './mutator-utilization.js'
import { ratesOf, type GcRates } from './rates.js'
import { readThreads, type ThreadGcStats } from './threads.js'
import { readTotals, type GcKindStats } from './totals.js'

export type GcListener = (batch: readonly GcEvent[], info: { dropped: number }) => void

/**
 * Starts to watch this thread's collections. Costs a few microseconds per collection however many
 * monitors there are (`ownCostMs` tells), pauses nothing and collects nothing. The last monitor of the process to
 * be disposed takes V8's hook away in every thread, but for those that track classes.
 */
export function monitorGc(options: Record<string, never> = {}): GcMonitor {
  checkOptions(options, [], 'monitorGc')
  return new GcMonitor()
}

/**
 * The collections of this thread since the monitor was started, or until it was disposed. One that is
 * only dropped goes on counting.
 */
export class GcMonitor implements Disposable {
  readonly #startMs = now()
  readonly #firstEvent = nextEventIndex()
  readonly #usedAtStart = usedHeap()
  readonly #atStart = readFigures()
  #final: Figures | undefined
  #nextEvent = this.#firstEvent
  #delivering = false
  readonly #listeners = new Listeners<Parameters<GcListener>>('onGc', (size) => {
    if (size === 0) {
      stopDelivery(this.#deliver)
      this.#delivering = false
    } else if (!this.#delivering && !this.#final) {
      this.#nextEvent = nextEventIndex()
      this.#delivering = true
      startDelivery(this.#deliver)
    }
  })

  /** @internal */
  constructor() {
    native.addGcMonitors(1)
  }

  /**
   * The pauses of one kind, or of all together, to read percentiles from. Incremental steps and
   * concurrent work are not pauses and not in it. A kind that runs inside another's pause
   * (`weak-callbacks`) is a pause of its own here.
   */
  histogram(kind?: GcKind): DurationHistogram {
    if (kind !== undefined) checkWord(kind, gcKinds, 'the kind of collection')
    const { pauses } = this.#figures()
    const since = (k: GcKind) => pauses[k].since(this.#atStart.pauses[k])
    return kind === undefined ? DurationHistogram.sum(gcKinds.map(since)) : since(kind)
  }

  /** Count, time and bytes by kind. `maxMs` is exact, or within 0.8 % if an older monitor ran. */
  stats(): Record<GcKind, GcKindStats> {
    const { totals } = this.#figures()
    return byKind((kind) => {
      const earlier = this.#atStart.totals[kind]
      const later = totals[kind]
      return {
        count: later.count - earlier.count,
        totalMs: later.totalMs - earlier.totalMs,
        maxMs: later.maxMs > earlier.maxMs ? later.maxMs : this.histogram(kind).max,
        reclaimedBytes: later.reclaimedBytes - earlier.reclaimedBytes,
      }
    })
  }

  /** The last collections, at most 4096, oldest first. */
  events(): GcEvent[] {
    return this.#record().events
  }

  /**
   * Calls the listener after collections, from the event loop, with all that there were since the
   * last call. While the loop is blocked nothing can be called; what the record of 4096 then
   * outgrows is in `info.dropped`, and still counted in every figure. A listener that throws is
   * reported as a process warning.
   */
  onGc(listener: GcListener): Disposable {
    return this.#listeners.add(listener)
  }

  /** Allocation, promotion and survival since the start, or as far back as the record reaches. */
  rates(): GcRates {
    const { events, fromMs, toMs, usedBefore, usedAfter } = this.#record()
    return ratesOf(events, fromMs, toMs, usedBefore, usedAfter)
  }

  /**
   * The least share of any window of `windowMs` that was left to the program, over the record: 1 is
   * no pause at all, 0 a window lost to collection. null before a whole window has passed, and where the
   * record of 4096 collections does not reach back as far. Exact for
   * the pauses; incremental and concurrent work, which slows the program without stopping it, is
   * outside it.
   */
  mutatorUtilization(windowMs: number): number | null {
    checkPositive(windowMs, 'windowMs')
    const { events, fromMs, toMs } = this.#record()
    return minimumUtilization(events, windowMs, fromMs, toMs)
  }

  /**
   * Every thread of the process that loaded heapscope, this one included, read without asking it:
   * one that is blocked, or in a collection, is told of all the same. Counts from when the thread
   * loaded heapscope, as far as a monitor or a tracked class had them counted.
   */
  threads(): ThreadGcStats[] {
    return readThreads()
  }

  /** What our callbacks have cost since the start, in milliseconds, the sweep of tracked classes included. */
  ownCostMs(): number {
    return (this.#figures().ownCostNs - this.#atStart.ownCostNs) / 1e6
  }

  /** Ends the monitor. Its figures stay as they are now. */
  [Symbol.dispose](): void {
    if (this.#final) return
    this.#final = readFigures(this.#firstEvent)
    this.#listeners.clear()
    native.addGcMonitors(-1)
  }

  #figures(): Figures {
    return this.#final ?? readFigures()
  }

  /** The events of this monitor that are still there, and the time and heap use they span. */
  #record() {
    const { first, events, atMs, used } = this.#final?.record ?? readRecord(this.#firstEvent)
    const whole = first === this.#firstEvent
    const oldest = events[0]
    return {
      events,
      fromMs: whole || !oldest ? this.#startMs : oldest.startMs,
      toMs: atMs,
      usedBefore: whole || !oldest ? this.#usedAtStart : oldest.usedBefore,
      usedAfter: used,
    }
  }

  readonly #deliver = (): void => {
    const { first, events } = readEvents(this.#nextEvent)
    if (events.length === 0) return
    const dropped = first - this.#nextEvent
    this.#nextEvent = first + events.length
    this.#listeners.emit(Object.freeze(events), Object.freeze({ dropped }))
  }
}

interface Figures {
  totals: Record<GcKind, GcKindStats>
  pauses: Record<GcKind, DurationHistogram>
  ownCostNs: number
  record?: EventsNow
}

interface EventsNow {
  first: number
  events: GcEvent[]
  atMs: number
  used: number
}

function readFigures(withRecordFrom?: number): Figures {
  return {
    totals: readTotals(native.gcTotals()),
    pauses: byKind((_, i) => DurationHistogram.read(native.gcHistogram(i), 1e-6)),
    ownCostNs: native.gcOwnCostNs(),
    ...(withRecordFrom === undefined ? {} : { record: readRecord(withRecordFrom) }),
  }
}

function readRecord(from: number): EventsNow {
  return { ...readEvents(from), atMs: now(), used: usedHeap() }
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size
}

function now(): number {
  return toPerformanceClock(native.nowNs())
}
