import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { checkOptions, checkPositive, describe } from '../options.js'
import { checkCaptureBudget } from './budget.js'
import type { GraphOrigin } from './graph-types.js'
import { HeapGraph } from './heap-graph.js'
import { attempt, checkJobOptions, jobOptionNames, runJob, throwIfAborted } from './jobs.js'
import type { JobOptions } from './jobs.js'
import type { NativeGraph } from './native-graph.js'
import { idEpoch, idsWereForgotten, objectIdOf } from './object-ids.js'

export interface SyncCaptureOptions {
  /** `'in-process'` pauses this thread; `'twin'` is to come; `'auto'`, the default, takes what can. */
  mode?: 'auto' | 'in-process' | 'twin'
  /** Bytes that the capture may take meanwhile. What the system has free is looked at anyway. */
  maxMemory?: number
  /** Objects that `graph.nodeOf` finds again, by any names. */
  objects?: Readonly<Record<string, object>>
  /**
   * Keeps V8's numbers of objects, so that `nodeOf` finds every object and `diff` compares object by
   * object with other captures that kept them. The price: scavenges are 5 to 10 times slower until
   * a later capture, without this, lets V8 forget them. false.
   */
  keepIds?: boolean
}

export interface CaptureOptions extends SyncCaptureOptions, JobOptions {
  /** Refused where the pause is expected to be longer; ended where the rest is not done by then. */
  timeoutMs?: number
}

const syncNames = ['mode', 'maxMemory', 'objects', 'keepIds'] as const

/**
 * Takes the graph of this thread's heap. V8's part pauses the thread: 1.3 to 3.4 µs and 400 to 600
 * bytes of memory an object; dominators and sizes follow on another thread. Refuses beforehand
 * (ERR_HEAPSCOPE_BUDGET) where the memory is not there.
 */
export async function captureHeap(options: CaptureOptions = {}): Promise<HeapGraph> {
  checkOptions(options, [...syncNames, ...jobOptionNames, 'timeoutMs'], 'captureHeap')
  checkJobOptions(options)
  const { timeoutMs, signal, onProgress } = options
  if (timeoutMs !== undefined) checkPositive(timeoutMs, 'timeoutMs')
  throwIfAborted(signal)
  const preparation = prepare(options, timeoutMs)
  const deadline = timeoutMs === undefined ? undefined : withDeadline(signal, timeoutMs)
  const ending = deadline?.signal ?? signal
  try {
    const work = runJob<NativeGraph>((done) => native.captureGraph(preparation.keepIds, done), {
      ...(ending ? { signal: ending } : {}),
      ...(onProgress ? { onProgress } : {}),
    })
    // The snapshot is taken by now: what is left is on another thread.
    const origin = preparation.originNow()
    return new HeapGraph(await work, { ...origin, totalMs: preparation.elapsedMs() })
  } finally {
    deadline?.clear()
  }
}

/** The same at once, all of it on this thread. For tests and scripts. */
export function captureHeapSync(options: SyncCaptureOptions = {}): HeapGraph {
  checkOptions(options, syncNames, 'captureHeapSync')
  const preparation = prepare(options)
  let handle, origin
  try {
    handle = attempt(() => native.captureGraphSync(preparation.keepIds))
  } finally {
    origin = preparation.originNow() // whatever failed, V8 may have forgotten its ids by then
  }
  return new HeapGraph(handle, { ...origin, totalMs: preparation.elapsedMs() })
}

interface Preparation {
  keepIds: boolean
  originNow(): Omit<GraphOrigin, 'totalMs'>
  elapsedMs(): number
}

function prepare(options: SyncCaptureOptions, maxPauseMs?: number): Preparation {
  const { mode = 'auto', maxMemory, objects = {}, keepIds = false } = options
  checkMode(mode)
  if (maxMemory !== undefined) checkPositive(maxMemory, 'maxMemory')
  if (typeof keepIds !== 'boolean') {
    throw invalidArgument(`keepIds must be true or false, not ${describe(keepIds)}`)
  }
  const noted = noteIds(objects)
  const record = objectIdOf(objects)
  checkCaptureBudget(maxMemory, maxPauseMs)
  const start = performance.now()
  return {
    keepIds,
    originNow() {
      if (!keepIds) idsWereForgotten()
      return { mode: 'in-process', noted, record, ...(keepIds ? { idEpoch: idEpoch() } : {}) }
    },
    elapsedMs: () => performance.now() - start,
  }
}

function checkMode(mode: unknown): void {
  if (mode === 'auto' || mode === 'in-process') return
  if (mode !== 'twin') {
    throw invalidArgument(`mode is 'auto', 'twin' or 'in-process', not ${describe(mode)}`)
  }
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_UNSUPPORTED',
    "captures by a twin process are not there yet: take mode 'in-process', which pauses the thread",
  )
}

/** V8 gives the number now and uses it in the snapshot. Held weakly: a graph keeps nothing alive. */
function noteIds(objects: Readonly<Record<string, object>>): WeakMap<object, number> {
  if (typeof objects !== 'object' || (objects as object | null) === null) {
    throw invalidArgument(`objects must be an object of objects, not ${describe(objects)}`)
  }
  const noted = new WeakMap<object, number>()
  for (const [name, object] of Object.entries(objects)) {
    if (
      (typeof object !== 'object' && typeof object !== 'function') ||
      (object as object | null) === null
    ) {
      throw invalidArgument(`objects.${name} must be an object, not ${describe(object)}`)
    }
    noted.set(object, objectIdOf(object))
  }
  return noted
}

/** A signal that aborts with the given one, and when the time is up. */
function withDeadline(
  signal: AbortSignal | undefined,
  timeoutMs: number,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController()
  const follow = (): void => {
    controller.abort(signal?.reason)
  }
  const timer = setTimeout(() => {
    const message = `the capture was not done within ${timeoutMs} ms`
    controller.abort(new HeapscopeError('ERR_HEAPSCOPE_TIMEOUT', message))
  }, timeoutMs)
  timer.unref()
  signal?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', follow)
    },
  }
}
