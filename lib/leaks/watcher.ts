import { collect } from '../gc/collect.js'
import { invalidArgument } from '../errors.js'
import { monitorGc, type GcMonitor } from '../gc/monitor.js'
import { census, type ClassCount } from '../graph/census.js'
import { describeCount } from '../graph/prose.js'
import { callGuarded, warnOfThrown } from '../listeners.js'
import { checkFunction, checkInteger, checkOptions, checkPositive, describe } from '../options.js'
import { growthRateOf, trendOf, type MemorySample } from './growth-rate.js'
import { guarded, type Logger } from './logger.js'
import { prometheusText, readMetrics, type MemoryMetrics } from './metrics.js'
import { Periodic } from './periodic.js'
import { checkPicturePath, savePicture } from './pictures.js'
import { Ring } from './ring.js'
import { trendSvg } from './trend.js'

const mebibyte = 2 ** 20

export interface MemoryWatcherOptions {
  /** 60,000. */
  intervalMs?: number
  /** So many samples are kept. 60. */
  historySize?: number
  /** From one sample to the next more MB than so many are an alert. 50. */
  thresholdMb?: number
  /** Called with each alert; what it throws or rejects with becomes a process warning. */
  onAlert?: (message: string, currentMb: number, growthMb: number) => unknown
  /** Each alert draws the history into this file: `.svg`, or `.png`, which needs the package sharp. */
  pictureFile?: string
  /** Runs a full collection before each sample. false: a service is not to be paused for a figure. */
  collect?: boolean
  logger?: Logger
}

export interface MemoryAnalysis {
  currentMb: number
  /** By the full collection that an analysis runs. */
  freedBytes: number
  /** MB an hour. */
  growthRate: number
  /** At most ten, most instances first. */
  topTypes: ClassCount[]
  report: string
}

const names = [
  'intervalMs',
  'historySize',
  'thresholdMb',
  'onAlert',
  'pictureFile',
  'collect',
  'logger',
]

/**
 * Follows the resident memory of the process: a sample in microseconds at every interval, the last ones
 * kept, an alert where it jumped. Its timer does not keep the process alive.
 */
export class MemoryWatcher implements AsyncDisposable {
  readonly options: Required<Omit<MemoryWatcherOptions, 'onAlert' | 'pictureFile' | 'logger'>>
  readonly #onAlert: MemoryWatcherOptions['onAlert']
  readonly #pictureFile: string | undefined
  readonly #logger: Logger
  readonly #history: Ring<MemorySample>
  readonly #periodic: Periodic
  readonly #monitor: GcMonitor
  #drawing = Promise.resolve()

  constructor(options: MemoryWatcherOptions = {}) {
    checkOptions(options, names, 'MemoryWatcher')
    const { intervalMs = 60_000, historySize = 60, thresholdMb = 50 } = options
    const { onAlert, pictureFile, collect: collects = false, logger } = options
    checkInteger(intervalMs, 'intervalMs', 1, 2 ** 31 - 1)
    checkInteger(historySize, 'historySize', 2, 1e6)
    checkPositive(thresholdMb, 'thresholdMb')
    if (onAlert !== undefined) checkFunction(onAlert, 'onAlert')
    if (pictureFile !== undefined) checkPicturePath(pictureFile)
    if (typeof collects !== 'boolean') {
      throw invalidArgument(`collect must be true or false, not ${describe(collects)}`)
    }
    this.options = Object.freeze({ intervalMs, historySize, thresholdMb, collect: collects })
    this.#onAlert = onAlert
    this.#pictureFile = pictureFile
    this.#logger = guarded(logger, 'info', 'warn')
    this.#history = new Ring(historySize)
    this.#periodic = new Periodic(
      intervalMs,
      () => this.sample(),
      (error) => {
        warnOfThrown('a sample of MemoryWatcher', error)
      },
    )
    this.#monitor = monitorGc() // after the checks: nobody could end what a constructor that throws began
    this.sample()
    this.#logger.info(`memory watcher ready: every ${intervalMs} ms, alert above ${thresholdMb} MB`)
  }

  /** The last samples, oldest first. */
  get history(): readonly MemorySample[] {
    return [...this.#history.items]
  }

  get running(): boolean {
    return this.#periodic.active
  }

  /** Samples now and at every interval; false, with a warning, where it runs already. */
  start(): boolean {
    if (!this.#periodic.start()) {
      this.#logger.warn('the memory watcher runs already')
      return false
    }
    this.sample()
    return true
  }

  /** Resolves once its pictures are written; to false, with a warning, where it does not run. */
  async stop(): Promise<boolean> {
    const was = await this.#stop()
    if (!was) this.#logger.warn('the memory watcher does not run')
    return was
  }

  /** Resident memory in MB, not kept. */
  current(): number {
    return process.memoryUsage.rss() / mebibyte
  }

  /** Resident memory in MB, kept in the history, and an alert where it jumped. */
  sample(): number {
    if (this.options.collect) collect()
    const memoryMb = this.current()
    const before = this.#history.items.at(-1)
    this.#history.push({ time: Date.now(), memoryMb })
    const growthMb = before ? memoryMb - before.memoryMb : 0
    if (growthMb > this.options.thresholdMb) this.#alert(memoryMb, growthMb)
    return memoryMb
  }

  /**
   * MB an hour from the first sample kept to the last; 0 with fewer than two, or less than `minSpanMs`
   * between them: what a few seconds seem to say of an hour is nothing.
   */
  growthRate({ minSpanMs = 3600 }: { minSpanMs?: number } = {}): number {
    checkPositive(minSpanMs, 'minSpanMs')
    return growthRateOf(this.#history.items, minSpanMs)
  }

  /** The same by least squares over all samples kept. */
  trend({ minSpanMs = 3600 }: { minSpanMs?: number } = {}): number {
    checkPositive(minSpanMs, 'minSpanMs')
    return trendOf(this.#history.items, minSpanMs)
  }

  /** Runs a full collection, takes a sample and counts all objects (a pause: see `census`). */
  analyze(): MemoryAnalysis {
    const { freedBytes } = collect()
    const currentMb = this.sample()
    const growthRate = this.growthRate()
    const topTypes = census().slice(0, 10)
    const report = [
      'Memory analysis',
      `  current: ${currentMb.toFixed(2)} MB`,
      `  freed by a full collection: ${describeCount(freedBytes)} bytes`,
      `  growth: ${growthRate.toFixed(2)} MB/h`,
      '  most common types:',
      ...topTypes.map(
        ({ className, count }, i) => `    ${i + 1}. ${className}: ${describeCount(count)}`,
      ),
    ].join('\n')
    return { currentMb, freedBytes, growthRate, topTypes, report }
  }

  /** The history as an SVG picture. RangeError with a single sample. */
  toSvg(): string {
    const samples = this.#history.items
    const first = samples[0]?.time ?? 0
    return trendSvg({
      title: `Memory, ${this.growthRate().toFixed(2)} MB/h`,
      x: { label: 'minutes', values: samples.map(({ time }) => (time - first) / 60_000) },
      panels: [{ title: 'Memory', label: 'MB', values: samples.map(({ memoryMb }) => memoryMb) }],
    })
  }

  /** A sample a line, as JSON: to be appended to a file. */
  toNdjson(): string {
    return this.#history.items.map((sample) => `${JSON.stringify(sample)}\n`).join('')
  }

  /** Memory, tracked classes and collections, as numbers. */
  metrics(): MemoryMetrics {
    return readMetrics(this.#monitor)
  }

  /** The same in Prometheus' text format. */
  toPrometheus(): string {
    return prometheusText(this.metrics())
  }

  /** Stops it, and ends its watch of the collections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    this.#monitor[Symbol.dispose]()
  }

  async #stop(): Promise<boolean> {
    const was = await this.#periodic.stop()
    await this.#drawing
    return was
  }

  #alert(currentMb: number, growthMb: number): void {
    const message = `memory grew by ${growthMb.toFixed(2)} MB to ${currentMb.toFixed(2)} MB`
    this.#logger.warn(message)
    callGuarded('onAlert', () => this.#onAlert?.(message, currentMb, growthMb))
    if (this.#pictureFile !== undefined) this.#draw(this.#pictureFile)
  }

  /** One after the other: the last alert's picture is the one that stays. */
  #draw(path: string): void {
    const svg = this.toSvg()
    this.#drawing = this.#drawing
      .then(() => savePicture(svg, path))
      .catch((error: unknown) => {
        warnOfThrown('the picture of a MemoryWatcher', error)
      })
  }
}
