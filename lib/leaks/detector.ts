import { monitorGc } from '../gc/monitor.js'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { collect } from '../gc/collect.js'
import { checkInteger, describe, isObject } from '../options.js'
import { atIndex } from './at-index.js'
import { Baselines } from './baselines.js'
import { ClassTable } from './class-table.js'
import {
  checkDetectorOptions,
  type CheckedDetectorOptions,
  type LeakDetectorOptions,
} from './detector-options.js'
import { formatReport } from './detector-report.js'
import { snapshotsSvg } from './detector-trend.js'
import { explain, type Diagnosis } from './diagnose.js'
import { htmlReport } from './html-report.js'
import { LeakSnapshot } from './leak-snapshot.js'
import { Observer, type Observation } from './observe.js'
import { writePrivate } from './private-file.js'
import { Ring } from './ring.js'
import { diffSnapshots, type SnapshotDiff } from './snapshot-diff.js'
import { numberOf } from './table.js'
import { defaultPeriods, judge, type Verdict } from './verdict.js'
import { WatchedObjects, type TrackedObjects } from './watched-objects.js'

/** A class that has more instances than it had. */
export interface FoundLeak {
  type: string
  growth: number
  currentCount: number
}

/**
 * Compares moments of this thread's heap and judges whether it leaks. Start it when the program has
 * warmed up, take snapshots at even distances while it does the same again and again, and ask for the
 * `report`: from six snapshots on it can say `leak`.
 */
export class LeakDetector implements Disposable {
  readonly #options: CheckedDetectorOptions
  readonly #table = new ClassTable()
  readonly #observer: Observer
  readonly #monitor = monitorGc() // its hook records the collections that the observer reads
  readonly #snapshots: Ring<LeakSnapshot>
  readonly #baselines = new Baselines()
  readonly #watched = new WatchedObjects()
  #detectedLeaks: readonly FoundLeak[] = []
  #last: Promise<unknown> = Promise.resolve()
  #taken = 0
  #disposed = false

  private constructor(options: CheckedDetectorOptions) {
    if (!isObject(options) || !isObject(options.verdict)) {
      throw invalidArgument('a LeakDetector comes from await LeakDetector.create(options)')
    }
    this.#options = options
    this.#observer = new Observer()
    this.#snapshots = new Ring(options.maxSnapshots)
  }

  /** Takes the first snapshot, labelled `initial`, after a full collection. */
  static async create(options: LeakDetectorOptions = {}): Promise<LeakDetector> {
    const detector = new LeakDetector(checkDetectorOptions(options))
    try {
      if (detector.#options.collectOnInit) collect()
      const { typeCounts } = await detector.snapshot('initial')
      if (detector.#options.collectOnInit) {
        detector.#baselines.noteLiving(new Map(Object.entries(typeCounts)), 0)
      }
      return detector
    } catch (error) {
      detector[Symbol.dispose]()
      throw error
    }
  }

  get snapshots(): readonly LeakSnapshot[] {
    return [...this.#snapshots.items]
  }

  /** The names of single objects given to `trackObject`. */
  get trackedObjects(): readonly string[] {
    return this.#watched.names
  }

  /** Instances of all classes, one figure a snapshot. */
  get objectCounts(): readonly number[] {
    return this.#snapshots.items.map(({ objectCount }) => objectCount)
  }

  /** Resident memory in MB (2^20 bytes), one figure a snapshot. */
  get memoryUsage(): readonly number[] {
    return this.#snapshots.items.map(({ memoryUsage }) => memoryUsage / 2 ** 20)
  }

  /** What the last `findLeaks` found. */
  get detectedLeaks(): readonly FoundLeak[] {
    return this.#detectedLeaks
  }

  /**
   * Snapshots asked for while one is being taken are taken after it.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_RELEASED` once it is disposed of
   */
  async snapshot(label?: string): Promise<LeakSnapshot> {
    if (label !== undefined && typeof label !== 'string') {
      throw invalidArgument(`the label must be a string, not ${describe(label)}`)
    }
    return this.#queue(label)
  }

  /**
   * @internal The same, but where it counts more instances than so many, and may count the dead, it
   * collects and counts again.
   */
  snapshotSettledAbove(instances: number): Promise<LeakSnapshot> {
    return this.#queue(undefined, instances)
  }

  #queue(label: string | undefined, settledAbove = Infinity): Promise<LeakSnapshot> {
    const taken = this.#last.then(() => this.#take(label, settledAbove))
    this.#last = taken.catch(() => {}) // the caller is told
    return taken
  }

  async #take(label: string | undefined, settledAbove: number): Promise<LeakSnapshot> {
    if (this.#disposed) {
      const why = 'the detector was disposed of: it sees no collections any more'
      throw new HeapscopeError('ERR_HEAPSCOPE_RELEASED', why)
    }
    const { rows, memory, graph } = await this.#observe(settledAbove)
    const packed = this.#table.pack(rows)
    const name = label ?? `snapshot ${this.#taken}`
    const snapshot = new LeakSnapshot(name, memory, this.#table, packed)
    this.#taken++
    this.#snapshots.push(snapshot)
    if (graph) {
      this.#baselines.note(graph, this.verdict().suspects)
      graph[Symbol.dispose]()
    }
    return snapshot
  }

  async #observe(settledAbove: number): Promise<Observation> {
    const seen = await this.#observer.observe(this.#options)
    const settled = this.#options.mode === 'heap' || this.#options.collect
    const counted = seen.rows.reduce((sum, [, { count }]) => sum + count, 0)
    if (settled || counted <= settledAbove) return seen
    return this.#observer.observe({ ...this.#options, collect: true })
  }

  /** Later minus earlier; negative indexes count from the last. RangeError where there is none. */
  compare(index1 = 0, index2 = -1): SnapshotDiff {
    const items = this.#snapshots.items
    return diffSnapshots(atIndex(items, index1, 'snapshot'), atIndex(items, index2, 'snapshot'))
  }

  /**
   * The classes with more than `threshold` instances more in the last snapshot than in the first, most
   * growth first. One difference only: `verdict` tells what goes on growing.
   */
  findLeaks(threshold = 10): FoundLeak[] {
    checkInteger(threshold, 'threshold', 0, 1e9)
    const last = this.#snapshots.items.at(-1)!
    const counts = last.typeCounts
    const found = Object.entries(this.compare().typeDiff)
      .filter(([, growth]) => growth > threshold)
      .map(([type, growth]) => ({ type, growth, currentCount: numberOf(counts, type) }))
      .sort((a, b) => b.growth - a.growth)
    this.#detectedLeaks = found
    return found
  }

  /** The classes with most instances in the last snapshot. */
  mostCommonTypes(topN = 10): [type: string, count: number][] {
    checkInteger(topN, 'topN', 0, 1e9)
    const counts = Object.entries(this.#snapshots.items.at(-1)!.typeCounts)
    return counts.sort((a, b) => b[1] - a[1]).slice(0, topN)
  }

  /** From the snapshots there are: at once, no graph. The rule is in `docs/leaks.md`. */
  verdict(): Verdict {
    const { names } = this.#table
    return judge({ snapshots: this.#snapshots.items, names }, this.#options.verdict)
  }

  /** The verdict, and how real instances of the suspects are held. Takes a graph where there are any. */
  async diagnose(): Promise<Diagnosis> {
    const { verdict, capture } = this.#options
    const judged = Math.min(this.#snapshots.items.length, (verdict.periods ?? defaultPeriods) + 1)
    const window = { first: this.#taken - judged, next: this.#taken }
    return explain(this.verdict(), capture, this.#baselines, window)
  }

  /**
   * Follows one object without holding it. Takes a graph to count the references to it; throws a
   * TypeError of a primitive.
   */
  trackObject(object: object, name: string): Promise<void> {
    return this.#watched.add(object, name, this.#options.capture)
  }

  /** Follows it no longer. False of a name that nothing is followed under. */
  untrackObject(name: string): boolean {
    return this.#watched.remove(name)
  }

  /** What has become of them, of the dead the last thousand. Runs full collections and takes a graph. */
  checkTrackedObjects(): Promise<TrackedObjects> {
    return this.#watched.check(this.#options.capture)
  }

  /** Everything as text; costs what `diagnose`, unless given one, and `checkTrackedObjects` do. */
  async report(given?: Diagnosis): Promise<string> {
    const tracked = await this.checkTrackedObjects()
    const diagnosis = given ?? (await this.diagnose())
    const found = this.#snapshots.items.length > 1
    return formatReport({
      diff: found ? this.compare() : null,
      last: this.#snapshots.items.at(-1)!,
      first: this.#snapshots.items[0]!,
      leaks: this.findLeaks(),
      common: this.mostCommonTypes(),
      tracked,
      diagnosis,
    })
  }

  /** Objects and memory over the snapshots, two panels, as SVG. RangeError with a single snapshot. */
  trendSvg(): string {
    return snapshotsSvg(this.#snapshots.items)
  }

  /**
   * Charts, suspects with their paths and classes as one HTML file that loads nothing. Costs what
   * `diagnose` does, unless given one.
   */
  async toHtml(given?: Diagnosis): Promise<string> {
    return htmlReport(this.#snapshots.items, given ?? (await this.diagnose()))
  }

  /** Writes `toHtml` to a file, mode 0600: it may contain secrets. */
  async saveHtml(path: string, given?: Diagnosis): Promise<void> {
    return writePrivate(path, await this.toHtml(given))
  }

  /** Ends its watch of the collections: it takes no more snapshots, those there are stay readable. */
  [Symbol.dispose](): void {
    this.#disposed = true
    this.#monitor[Symbol.dispose]()
  }
}
