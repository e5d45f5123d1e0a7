import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { heapStatistics } from '../gc/heap-statistics.js'
import { HeapscopeError } from '../errors.js'
import { native } from '../native.js'
import { checkInteger, checkOptions, checkPath, checkPositive } from '../options.js'
import { attempt } from './jobs.js'
import type { NativeLimitWatch } from './native-twin.js'
import type { Spill } from './spill-directory.js'
import { limitTwinBudget } from './twin-budget.js'

export interface NearHeapLimitOptions {
  /** Where the graph is saved, for `HeapGraph.open`; a second one has `.2` behind the name. */
  capture: string
  /** Bytes by which the limit is raised meanwhile. A tenth of the limit, at least 64 MB. */
  extendBy?: number
  /** At most so many graphs are saved; for each, five twins are tried at most. 1. */
  times?: number
  /** So long after a capture there is no other. 60,000. */
  coolDownMs?: number
  /**
   * How long the twin may take. A process that is to die waits for its graph 10 s longer at most.
   * 300,000.
   */
  timeoutMs?: number
  /** Bytes that the twin may take. What the system has free is looked at anyway. */
  maxMemory?: number
  /** As of `captureHeap`. */
  spill?: Spill
}

/**
 * Until it is disposed of, a graph is taken near the heap's limit. That does not wait: a twin at work
 * ends soon, and a graph that it has brought is still saved.
 */
export interface NearHeapLimitWatch extends Disposable {
  /** How many graphs are on disk. */
  readonly saved: number
  /** Why the last one is not, in words; undefined where nothing failed. */
  readonly failure: string | undefined
}

/** What script does not keep watches all the same, and saves its graph when it was disposed of. */
const watching = new Set<NativeLimitWatch>()

const names = ['capture', 'extendBy', 'times', 'coolDownMs', 'timeoutMs', 'maxMemory', 'spill']

/**
 * Takes the graph of this thread's heap by a twin when V8 is about to give up for want of room, and
 * saves it. The limit is raised once by `extendBy`, so that the service lives meanwhile, and restored
 * when half of the heap is free again; where that is used up before the graph is on disk, this thread
 * waits for it, 10 s longer than `timeoutMs` at most: pauses of seconds, in a process that is to die. So
 * does its `abort()`, by a handler of SIGABRT that is there while a twin is at work. Needs no turn of
 * the event loop. Inside a collection no twin can be forked, but at its end: for each that is tried there
 * in place of another the limit is raised by an eighth of `extendBy` more, at least 1 MB.
 *
 * V8 calls only the one that asked last: Node's own `--heapsnapshot-near-heap-limit` is mute meanwhile.
 * Throws ERR_HEAPSCOPE_BUSY where the process has a watch that was not disposed of,
 * ERR_HEAPSCOPE_UNSUPPORTED in a worker and where there can be no twin, ERR_HEAPSCOPE_BUDGET where a
 * full heap would leave no memory for one, ERR_HEAPSCOPE_IO where the file cannot be written.
 */
export function onNearHeapLimit(options: NearHeapLimitOptions): NearHeapLimitWatch {
  checkOptions(options, names, 'onNearHeapLimit')
  if (!isMainThread) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_UNSUPPORTED',
      'onNearHeapLimit is for the main thread: Node.js ends a worker alone that is out of memory, and ' +
        'who raises its limit makes that the end of the process',
    )
  }
  const { limit } = heapStatistics()
  const { capture, extendBy = Math.max(64e6, limit / 10), times = 1, coolDownMs = 60_000 } = options
  const { timeoutMs = 300_000, maxMemory, spill = 'auto' } = options
  checkPath(capture, 'the option capture')
  checkCanBeSaved(capture)
  checkPositive(extendBy, 'extendBy')
  checkInteger(times, 'times', 1, 1000)
  if (coolDownMs !== 0) checkPositive(coolDownMs, 'coolDownMs')
  checkPositive(timeoutMs, 'timeoutMs')
  if (maxMemory !== undefined) checkPositive(maxMemory, 'maxMemory')
  const { memoryBytes, spillTo = '' } = limitTwinBudget(limit, maxMemory, spill)
  const watch = attempt(() =>
    native.watchHeapLimit(resolve(capture), {
      extendBy,
      times,
      coolDownMs,
      memoryBytes,
      deadlineMs: timeoutMs,
      spillTo,
    }),
  )
  for (const old of watching) if (native.heapLimitWatch(old).over) watching.delete(old)
  watching.add(watch)
  return {
    get saved() {
      return native.heapLimitWatch(watch).saved
    },
    get failure() {
      return native.heapLimitWatch(watch).failure || undefined
    },
    [Symbol.dispose]() {
      native.closeHeapLimitWatch(watch)
    },
  }
}

/** Now, while there is somebody to read it; the disk may still fail when the time comes. */
function checkCanBeSaved(path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK | constants.X_OK)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats && !stats.isFile()) throw new Error('it is not a regular file')
  } catch (cause) {
    const message = `no graph could be saved as ${path}: ${(cause as Error).message}`
    throw new HeapscopeError('ERR_HEAPSCOPE_IO', message, { cause })
  }
}
