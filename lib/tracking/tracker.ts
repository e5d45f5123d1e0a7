import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { checkInteger, checkOptions, describe, isObject } from '../options.js'
import { toIso } from './clock.js'
import { checkOpen, markClosed } from './closing.js'
import type { Constructor } from './options.js'
import { readFigures } from './figures.js'
import { metas, noSlot, type InstanceMeta } from './metas.js'
import type { ClassRecord } from './record.js'
import { allRecords, find, liveInstancesOf, recordOfInstance } from './registry.js'
import { formatReport, type ReportOptions } from './report.js'
import { statsOf, type ClassStats, type GlobalStats } from './stats.js'
import { endUses } from './uses.js'
import {
  clearUnclosedListeners,
  onUnclosed,
  unclosedDropped,
  type UnclosedEvent,
} from './unclosed.js'

/** What is known of one instance. Times in ISO 8601, UTC, to about 4 ms. */
export interface InstanceMetadata {
  /** Which of its class's instances it is, counted from 1; never reused. */
  id: number
  className: string
  createdAt: string
  closedAt: string | null
  isActive: boolean
  ageMs: number
  /** The stack that made it, the caller's frame first, where it was kept (`sites`). */
  site?: string
}

/** What has become of the tracked classes' instances in this thread. */
export const tracker = {
  /**
   * The statistics of a tracked class, given itself or by its name. One sweep over its slots, a
   * fraction of a millisecond; never a collection, so what is dead but not yet collected is live.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_NOT_TRACKED`, or `ERR_HEAPSCOPE_AMBIGUOUS_NAME` where
   *   several classes bear the name
   */
  stats(clsOrName: Constructor | string): ClassStats {
    return statsOf([find(clsOrName)])[0]!
  },

  /** The statistics of every tracked class, most live first. */
  allStats(): ClassStats[] {
    return statsOf(allRecords()).sort((a, b) => b.live - a.live)
  },

  globalStats(): GlobalStats {
    const classes = tracker.allStats()
    return {
      totalClasses: classes.length,
      totalInstances: classes.reduce((sum, { live }) => sum + live, 0),
      activeInstances: classes.reduce((sum, { active }) => sum + active, 0),
      unclosedDropped: unclosedDropped(),
      classes,
    }
  },

  /** The statistics as text for a person. */
  report(options: ReportOptions = {}): string {
    checkOptions(options, ['top', 'threads'], 'tracker.report')
    if (options.top !== undefined) checkInteger(options.top, 'top', 0, 1e6)
    if (options.threads !== undefined && !isObject(options.threads)) {
      throw invalidArgument(`threads must be an object, not ${describe(options.threads)}`)
    }
    return formatReport(tracker.globalStats(), options)
  },

  /** The followed live instances of a class. They stay alive for as long as you hold them. */
  liveInstances<T extends object>(clsOrName: Constructor<T> | string): T[] {
    return liveInstancesOf(find(clsOrName)) as T[]
  },

  /**
   * What is known of an instance; null where it was passed over by sampling, or never counted: made
   * before its class was tracked, or by the original class. Of a class without a
   * close, and without the option `metadata`, it is looked for among all that are followed: at most
   * a fraction of a millisecond.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_NOT_TRACKED` of an object whose class is not tracked
   */
  metadata(instance: object): InstanceMetadata | null {
    const meta = metaOf(instance)
    return meta.id === null || meta.bornMs === null
      ? null
      : describeMeta(meta, meta.id, meta.bornMs)
  },

  /**
   * Marks an instance as closed: the end in which `using` and the class's own close come out as
   * well. Idempotent; calls nothing of the instance's own; of one that was never counted, nothing.
   */
  close(instance: object): void {
    const meta = metaOf(instance)
    if (!metas.has(instance)) {
      if (!wasCounted(meta)) return
      metas.set(instance, meta)
    }
    markClosed(meta, instance)
  },

  /**
   * For `using` with an instance that has no close of its own: marks it closed at the end of the
   * block.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_ALREADY_CLOSED`
   */
  enter<T extends object>(instance: T): Disposable & { instance: T } {
    tracker.assertOpen(instance)
    const close = () => {
      tracker.close(instance)
    }
    return { instance, [Symbol.dispose]: close }
  },

  /** @throws {HeapscopeError} `ERR_HEAPSCOPE_ALREADY_CLOSED`, naming class and id */
  assertOpen(instance: object): void {
    checkOpen(metaOf(instance))
  },

  /**
   * Calls the listener for each instance of a class with a close that was collected without it:
   * once, from the event loop, some time after the collection. A listener that throws is reported as
   * a process warning. Instances passed over by sampling cannot be told of.
   */
  onUnclosed(listener: (event: UnclosedEvent) => void): Disposable {
    return onUnclosed(listener)
  },

  /**
   * Stops tracking: every class goes on as if it were plain, every handle is given up, no listener is
   * called any more. The statistics stay readable, as they are now. `trackClass` of one of them begins
   * it anew, with all counts at 0.
   */
  [Symbol.dispose](): void {
    for (const record of allRecords()) {
      endUses(record)
      record.end()
    }
    clearUnclosedListeners()
    native.releaseTracker()
  },
}

/** The instance's entry, or what the native half knows of it as one. */
function metaOf(instance: object): InstanceMeta {
  if (!isObject(instance)) {
    throw invalidArgument(`an instance of a tracked class is needed, not ${describe(instance)}`)
  }
  const known = metas.get(instance)
  if (known) return known
  const record = recordOfInstance(instance)
  if (!record) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_NOT_TRACKED',
      'this object is not an instance of a tracked class; see trackClass and trackObject',
    )
  }
  return findFollowed(record, instance)
}

function findFollowed(record: ClassRecord, instance: object): InstanceMeta {
  const { index } = record
  const [id = null, bornMs = null, , site = 0, slot = noSlot] =
    native.findInstance(index, instance) ?? []
  return { record, index, id, bornMs, slot, site, closedAtMs: null }
}

/** Where every instance has been followed, one that is not found was never counted. */
function wasCounted(meta: InstanceMeta): boolean {
  return meta.id !== null || readFigures(meta.record).liveStdError > 0
}

function describeMeta(meta: InstanceMeta, id: number, bornMs: number): InstanceMetadata {
  const site = meta.record.sites?.stackOf(meta.site)
  return {
    id,
    className: meta.record.name,
    createdAt: toIso(bornMs),
    closedAt: meta.closedAtMs === null ? null : toIso(meta.closedAtMs),
    isActive: meta.closedAtMs === null,
    ageMs: Math.max(0, native.coarseNowMs() - bornMs),
    ...(site === undefined ? {} : { site }),
  }
}
