import { invalidArgument } from '../errors.js'
import {
  checkFunction,
  checkInteger,
  checkOptions,
  checkPositive,
  checkWord,
  describe,
} from '../options.js'
import { describeCount } from '../graph/prose.js'
import type { LeakDetectorOptions } from './detector-options.js'
import { LeakDetector } from './detector.js'
import { Failures } from './failures.js'
import type { LeakSnapshot } from './leak-snapshot.js'
import { Periodic } from './periodic.js'
import type { Sink } from './sinks.js'
import { diffSnapshots, type SnapshotDiff } from './snapshot-diff.js'

export interface AlarmOptions {
  /** More resident memory than at the start by more than so many MB. 500. */
  memoryMb?: number
  /**
   * More living instances than at the start by more than so many. 10,000. Where more are counted a
   * full collection runs first, at most one a period, as the dead may be among them.
   */
  objects?: number
  /** 3,600,000: every hour. */
  everyMs?: number
  sinks?: readonly Sink[]
  /**
   * While it lasts, an alert at `'every'` period, only `'once'`, or (`'rearm'`) again only after all was
   * below the limits in between. An alert that no sink took does not count. `'every'`.
   */
  repeat?: 'every' | 'once' | 'rearm'
  /** A sink that takes longer is given up. 30,000. */
  sinkTimeoutMs?: number
  /** How its detector counts. In mode `'counts'` only tracked classes are among the objects. */
  detector?: LeakDetectorOptions
}

export interface Alert {
  /** ISO 8601. */
  time: string
  /** One for each limit that was passed. */
  messages: string[]
  memoryDiffMb: number
  objectDiff: number
  /** At most five, most growth first. */
  topTypes: { type: string; growth: number }[]
  /** All of it, for a person. */
  text: string
}

const names = ['memoryMb', 'objects', 'everyMs', 'sinks', 'repeat', 'sinkTimeoutMs', 'detector']

/** Starts to compare with this moment, at every period. Its timer does not keep the process alive. */
export async function createAlarm(options: AlarmOptions = {}): Promise<Alarm> {
  const checked = checkAlarmOptions(options)
  return new Alarm(checked, await LeakDetector.create(checked.detector))
}

export class Alarm implements AsyncDisposable {
  readonly detector: LeakDetector
  readonly #options: Required<AlarmOptions>
  readonly #initial: LeakSnapshot
  readonly #periodic: Periodic
  readonly #deliveries = new Set<Promise<void>>()
  readonly #busySinks = new Set<number>()
  readonly #failures = new Failures()
  #armed = true

  /** @internal */
  constructor(options: Required<AlarmOptions>, detector: LeakDetector) {
    this.#options = options
    this.detector = detector
    this.#initial = detector.snapshots[0]!
    this.#periodic = new Periodic(
      options.everyMs,
      () => this.check(),
      (error) => {
        this.#failures.add(error)
      },
    )
    this.#periodic.start()
  }

  /** Sinks and checks that failed. */
  get errorCount(): number {
    return this.#failures.count
  }

  /** What the last twenty of them failed with. */
  get errors(): readonly string[] {
    return this.#failures.last
  }

  /**
   * What every period does: a snapshot, and where a limit is passed an alert to all sinks at once. Does
   * not wait for the sinks. null without an alert.
   */
  async check(): Promise<Alert | null> {
    // The first snapshot is after a collection: what is dead now but not collected must not pass for growth.
    const limit = this.#initial.objectCount + this.#options.objects
    const diff = diffSnapshots(this.#initial, await this.detector.snapshotSettledAbove(limit))
    const messages = this.#breaches(diff)
    if (messages.length === 0) {
      if (this.#options.repeat === 'rearm') this.#armed = true
      return null
    }
    if (!this.#armed) return null
    this.#armed = this.#options.repeat === 'every'
    const alert = describeAlert(messages, diff)
    const delivery = this.#tell(alert).finally(() => {
      this.#deliveries.delete(delivery)
    })
    this.#deliveries.add(delivery)
    return alert
  }

  /** Resolves when every sink has its alerts, or was given up. */
  async delivered(): Promise<void> {
    while (this.#deliveries.size > 0) await Promise.all(this.#deliveries)
  }

  /** Ends it: no more alerts once this resolves, which waits for what is under way. */
  stop(): Promise<void> {
    return this[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#periodic.stop()
    await this.delivered()
    this.detector[Symbol.dispose]()
  }

  #breaches({ memoryDiffMb, objectDiff }: SnapshotDiff): string[] {
    const { memoryMb, objects } = this.#options
    return [
      ...(memoryDiffMb > memoryMb
        ? [`memory grew by ${memoryDiffMb.toFixed(2)} MB, the limit is ${memoryMb}`]
        : []),
      ...(objectDiff > objects
        ? [`objects grew by ${describeCount(objectDiff)}, the limit is ${describeCount(objects)}`]
        : []),
    ]
  }

  async #tell(alert: Alert): Promise<void> {
    const { sinks } = this.#options
    const told = await Promise.all(sinks.map((sink, i) => this.#deliver(sink, i, alert)))
    if (told.length > 0 && !told.includes(true)) this.#armed = true // the next period tries again
  }

  /** Whether the sink took it. One that is waited for, with the alert before, is not called meanwhile. */
  #deliver(sink: Sink, i: number, alert: Alert): Promise<boolean> {
    const { sinkTimeoutMs } = this.#options
    if (this.#busySinks.has(i)) {
      this.#failures.add(new Error('a sink was still at work on the alert before'))
      return Promise.resolve(false)
    }
    this.#busySinks.add(i)
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`a sink took longer than ${sinkTimeoutMs} ms`))
      }, sinkTimeoutMs)
      timer.unref()
    })
    return Promise.race([Promise.resolve(alert).then(sink), tooLong])
      .then(
        () => true,
        (error: unknown) => {
          this.#failures.add(error)
          return false
        },
      )
      .finally(() => {
        clearTimeout(timer)
        this.#busySinks.delete(i) // once given up it is tried again: an alarm must not fall silent
      })
  }
}

function describeAlert(messages: string[], diff: SnapshotDiff): Alert {
  const time = new Date().toISOString()
  const topTypes = Object.entries(diff.typeDiff)
    .filter(([, growth]) => growth > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 5)
    .map(([type, growth]) => ({ type, growth }))
  const rows = topTypes.map(({ type, growth }) => `- ${type}: +${describeCount(growth)}`)
  const text = [`${time} memory alarm: ${messages.join('; ')}`, ...rows].join('\n')
  const { memoryDiffMb, objectDiff } = diff
  return { time, messages, memoryDiffMb, objectDiff, topTypes, text }
}

function checkAlarmOptions(options: AlarmOptions): Required<AlarmOptions> {
  checkOptions(options, names, 'createAlarm')
  const { memoryMb = 500, objects = 10_000, everyMs = 3_600_000, sinks = [] } = options
  const { repeat = 'every', sinkTimeoutMs = 30_000, detector = {} } = options
  checkPositive(memoryMb, 'memoryMb')
  checkInteger(objects, 'objects', 0, 1e12)
  checkInteger(everyMs, 'everyMs', 1, 2 ** 31 - 1)
  checkInteger(sinkTimeoutMs, 'sinkTimeoutMs', 1, 2 ** 31 - 1)
  checkWord(repeat, ['every', 'once', 'rearm'], 'repeat')
  if (!Array.isArray(sinks)) throw invalidArgument(`sinks must be an array, not ${describe(sinks)}`)
  for (const sink of sinks) checkFunction(sink, 'a sink')
  return { memoryMb, objects, everyMs, sinks, repeat, sinkTimeoutMs, detector }
}
