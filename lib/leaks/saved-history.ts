import { invalidArgument } from '../errors.js'
import { isObject } from '../options.js'
import { historyKind, readHistory } from './history-file.js'
import { historyText, type HistoryTextOptions } from './history-text.js'
import { secretsWarning, writePrivate } from './private-file.js'
import type { SizeMember } from './size-members.js'

/** One moment of the tracked classes. Bytes; times in milliseconds since 1970. */
export interface TrackerSnapshot {
  /** `alpha (1.234s)`: the description and the time since the history was begun. */
  label: string
  time: number
  /** Resident memory, and the heap in use. */
  memoryUsage: number
  heapUsed: number
  /** What the sized instances together are credited with: all of them up to `limit` of a class. */
  trackedTotal: number
  /** Living instances, how many of these were sized, and their bytes; most bytes first. */
  classes: { className: string; active: number; sized: number; size: number }[]
}

/** One instance over its life. */
export interface TrackedLife {
  className: string
  id: number
  bornAt: number
  /** When the first snapshot without it was taken; null while it lives. */
  diedAt: number | null
  /** As last seen: what it is credited with, of that its own bytes, and the members. */
  size: number
  ownSize: number
  members?: SizeMember[]
}

/** What a history is saved as: nothing but what JSON knows. */
export interface HistoryData {
  heapscope: typeof historyKind
  warning: string
  snapshots: readonly TrackerSnapshot[]
  lives: readonly TrackedLife[]
}

/** A history as it was at one moment. */
export class SavedHistory {
  private constructor(private readonly data: HistoryData) {
    if (!isObject(data)) throw invalidArgument('a SavedHistory comes from SavedHistory.load')
  }

  /** @internal */
  static of(snapshots: readonly TrackerSnapshot[], lives: readonly TrackedLife[]): SavedHistory {
    return new SavedHistory({ heapscope: historyKind, warning: secretsWarning, snapshots, lives })
  }

  /**
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_SNAPSHOT_INVALID` of a file that is something else or damaged,
   *   `ERR_HEAPSCOPE_GRAPH_VERSION` of one that another version saved, `ERR_HEAPSCOPE_IO`
   */
  static async load(path: string): Promise<SavedHistory> {
    return new SavedHistory(await readHistory(path))
  }

  get snapshots(): readonly TrackerSnapshot[] {
    return this.data.snapshots
  }

  /** The instances seen, oldest first. */
  get lives(): readonly TrackedLife[] {
    return this.data.lives
  }

  toText(options: HistoryTextOptions = {}): string {
    return historyText(this.data, options)
  }

  save(path: string): Promise<void> {
    return writePrivate(path, `${JSON.stringify(this.data)}\n`)
  }

  toJSON(): HistoryData {
    return this.data
  }
}
