import { invalidArgument } from '../errors.js'
import { checkInteger, checkOptions, describe } from '../options.js'
import { Failures } from './failures.js'
import { Followed } from './followed.js'
import type { HistoryTextOptions } from './history-text.js'
import { Periodic } from './periodic.js'
import { graphOptions, type GraphOptions } from './graph-options.js'
import { Ring } from './ring.js'
import {
  SavedHistory,
  type HistoryData,
  type TrackedLife,
  type TrackerSnapshot,
} from './saved-history.js'
import { trackedNow, type LiveCounts, type TrackedNow } from './tracked-now.js'

export interface TrackerHistoryOptions {
  /** How deep the sizes are broken down: 0, not at all, to 5. 0. */
  resolution?: number
  /** Of each class at most so many instances are sized, the same ones again while they live. 1000. */
  limit?: number
  /** The oldest go first. 100. */
  maxSnapshots?: number
  capture?: GraphOptions
}

/** Of the dead the last so many are kept. */
const mostDead = 10_000

/**
 * What the instances of tracked classes hold over time: snapshots, taken by hand or again and again,
 * which can be printed, saved, loaded and printed again.
 */
export class TrackerHistory {
  readonly #options: Required<TrackerHistoryOptions>
  readonly #since = Date.now()
  readonly #snapshots: Ring<TrackerSnapshot>
  readonly #living = new Map<string, TrackedLife>()
  readonly #followed = new Followed()
  readonly #dead = new Ring<TrackedLife>(mostDead)
  readonly #failures = new Failures()
  #periodic: Periodic | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: TrackerHistoryOptions = {}) {
    checkOptions(options, ['resolution', 'limit', 'maxSnapshots', 'capture'], 'TrackerHistory')
    const { resolution = 0, limit = 1000, maxSnapshots = 100 } = options
    const capture = graphOptions(options.capture)
    checkInteger(resolution, 'resolution', 0, 5)
    checkInteger(limit, 'limit', 1, 1e6)
    checkInteger(maxSnapshots, 'maxSnapshots', 1, 1e6)
    this.#options = { resolution, limit, maxSnapshots, capture }
    this.#snapshots = new Ring(maxSnapshots)
  }

  get snapshots(): readonly TrackerSnapshot[] {
    return [...this.#snapshots.items]
  }

  /** The instances seen, oldest first, the dead among them. */
  get lives(): readonly TrackedLife[] {
    return [...this.#dead.items, ...this.#living.values()].sort((a, b) => a.bornAt - b.bornAt)
  }

  /** Periodic snapshots that failed, for want of memory for instance. */
  get errorCount(): number {
    return this.#failures.count
  }

  /** What the last twenty of them failed with. */
  get errors(): readonly string[] {
    return this.#failures.last
  }

  /** Runs full collections and takes one graph. Snapshots asked for meanwhile are taken after it. */
  async snapshot(description: string | number = ''): Promise<TrackerSnapshot> {
    if (typeof description !== 'string' && typeof description !== 'number') {
      throw invalidArgument(
        `the description must be a string or a number, not ${describe(description)}`,
      )
    }
    const taken = this.#last.then(() => this.#take(String(description)))
    this.#last = taken.catch(() => {}) // the caller is told
    return taken
  }

  async #take(description: string): Promise<TrackerSnapshot> {
    const time = Date.now()
    const { rows, live } = await trackedNow({ ...this.#options, followed: this.#followed })
    for (const { key, ...life } of rows) this.#living.set(key, { ...life, diedAt: null })
    for (const key of this.#followed.takeDead()) {
      const life = this.#living.get(key)
      if (!life) continue // gone before it could be sized
      this.#living.delete(key)
      this.#dead.push({ ...life, diedAt: time })
    }
    const { rss, heapUsed } = process.memoryUsage()
    const seconds = `${((time - this.#since) / 1000).toFixed(3)}s`
    const snapshot: TrackerSnapshot = {
      label: description === '' ? seconds : `${description} (${seconds})`,
      time,
      memoryUsage: rss,
      heapUsed,
      trackedTotal: rows.reduce((sum, { size }) => sum + size, 0),
      classes: byClass(rows, live),
    }
    this.#snapshots.push(snapshot)
    return snapshot
  }

  /** Takes a snapshot at every interval, without keeping the process alive; called again it changes the interval. */
  start(options: { intervalMs?: number } = {}): void {
    checkOptions(options, ['intervalMs'], 'TrackerHistory.start')
    const { intervalMs = 60_000 } = options
    checkInteger(intervalMs, 'intervalMs', 1, 2 ** 31 - 1)
    void this.#periodic?.stop()
    this.#periodic = new Periodic(
      intervalMs,
      () => this.snapshot(),
      (error) => {
        this.#failures.add(error) // the next period may have the memory
      },
    )
    this.#periodic.start()
  }

  /** Resolves once a snapshot under way is taken; to false where it was not started. */
  async stop(): Promise<boolean> {
    const was = (await this.#periodic?.stop()) ?? false
    this.#periodic = undefined
    return was
  }

  /** As text: a block a snapshot, then the instances, sorted and limited as asked. */
  toText(options: HistoryTextOptions = {}): string {
    return this.#saved().toText(options)
  }

  /** As JSON, mode 0600, for `SavedHistory.load`. */
  save(path: string): Promise<void> {
    return this.#saved().save(path)
  }

  toJSON(): HistoryData {
    return this.#saved().toJSON()
  }

  #saved(): SavedHistory {
    return SavedHistory.of(this.snapshots, this.lives)
  }
}

function byClass(rows: readonly TrackedNow[], live: LiveCounts): TrackerSnapshot['classes'] {
  const classes = new Map(
    [...live].map(([className, active]) => [className, { className, active, sized: 0, size: 0 }]),
  )
  for (const { className, size } of rows) {
    const known = classes.get(className)!
    known.sized++
    known.size += size
  }
  return [...classes.values()].sort((a, b) => b.size - a.size)
}
