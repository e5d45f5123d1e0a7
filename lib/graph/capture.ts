import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { checkOptions, checkPositive, describe } from '../options.js'
import { checkCaptureBudget } from './budget.js'
import type { GraphOrigin } from './graph-types.js'
import { HeapGraph } from './heap-graph.js'
import { attempt, checkJobOptions, jobOptionNames, runGraphJob, throwIfAborted } from './jobs.js'
import type { JobOptions } from './jobs.js'
import type { NativeGraph } from './native-graph.js'
import { idEpoch, idsWereForgotten } from './object-ids.js'

export interface SyncCaptureOptions {
  /** `'in-process'` pauses this thread; `'twin'` is to come; `'auto'`, the default, takes what can. */
  mode?: 'auto' | 'in-process' | 'twin'
  /** Bytes that the capture may take meanwhile. What the system has free is looked at anyway. */
  maxMemory?: number
  /**
   * Objects that `graph.nodeOf` finds again, by any names. What this record itself holds is not
   * counted as held: make it for the call.
   */
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
 * Takes the graph of this thread's heap. V8's part pauses the thread: 1.3 to 3.4 µs and up to
 * 900 bytes of memory an object; dominators and sizes follow on another thread. Contents of strings
 * are not read. Refuses beforehand (ERR_HEAPSCOPE_BUDGET) where the memory is not there.
 */
export async function captureHeap(options: CaptureOptions = {}): Promise<HeapGraph> {
  checkOptions(options, [...syncNames, ...jobOptionNames, 'timeoutMs'], 'captureHeap')
  checkJobOptions(options)
  const { timeoutMs, signal, onProgress } = options
  if (timeoutMs !== undefined) checkPositive(timeoutMs, 'timeoutMs')
  throwIfAborted(signal)
  const capture = prepare(options, timeoutMs)
  const deadline = timeoutMs === undefined ? undefined : withDeadline(signal, timeoutMs)
  const ending = deadline?.signal ?? signal
  try {
    const { keepIds, list } = capture
    const work = runGraphJob((done) => native.captureGraph(keepIds, done, list), {
      ...(ending ? { signal: ending } : {}),
      ...(onProgress ? { onProgress } : {}),
    })
    // V8's snapshot is gone: what is left to do is on another thread.
    capture.taken()
    return capture.graph(await work)
  } finally {
    deadline?.clear()
  }
}

/** The same at once, all of it on this thread. For tests and scripts. */
export function captureHeapSync(options: SyncCaptureOptions = {}): HeapGraph {
  checkOptions(options, syncNames, 'captureHeapSync')
  const capture = prepare(options)
  let handle
  try {
    handle = attempt(() => native.captureGraphSync(capture.keepIds, capture.list))
  } finally {
    capture.taken()
  }
  return capture.graph(handle)
}

/** What both have before and after the snapshot. */
class Capture {
  readonly #start = performance.now()
  readonly #objects: Readonly<Record<string, object>>
  readonly #origin: Omit<GraphOrigin, 'totalMs'> = { mode: 'in-process' }
  /** For native code, which empties it: the last is the record itself. */
  readonly list: object[]

  constructor(
    objects: Readonly<Record<string, object>>,
    readonly keepIds: boolean,
  ) {
    this.#objects = objects
    this.list = [...Object.values(objects), objects]
  }

  /** To be called once the thread is free again, whether or not it failed: V8 may have forgotten its ids. */
  taken(): void {
    if (!this.keepIds) idsWereForgotten()
    else this.#origin.idEpoch = idEpoch()
    this.#origin.pauseMs = performance.now() - this.#start
    // Only now: in the graph it would show as one more weak reference. It holds nothing alive.
    this.#origin.noted = new WeakMap(Object.values(this.#objects).map((each, i) => [each, i]))
  }

  graph(handle: NativeGraph): HeapGraph {
    const nodes = native.graphObjects(handle)
    const totalMs = performance.now() - this.#start
    return new HeapGraph(handle, { ...this.#origin, nodes, totalMs })
  }
}

function prepare(options: SyncCaptureOptions, maxPauseMs?: number): Capture {
  const { mode = 'auto', maxMemory, objects = {}, keepIds = false } = options
  checkMode(mode)
  if (maxMemory !== undefined) checkPositive(maxMemory, 'maxMemory')
  if (typeof keepIds !== 'boolean') {
    throw invalidArgument(`keepIds must be true or false, not ${describe(keepIds)}`)
  }
  checkObjects(objects)
  checkCaptureBudget(maxMemory, maxPauseMs)
  return new Capture(objects, keepIds)
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

function checkObjects(objects: unknown): void {
  if (typeof objects !== 'object' || objects === null) {
    throw invalidArgument(`objects must be an object of objects, not ${describe(objects)}`)
  }
  for (const [name, object] of Object.entries(objects) as [string, unknown][]) {
    if ((typeof object === 'object' && object !== null) || typeof object === 'function') continue
    throw invalidArgument(`objects.${name} must be an object, not ${describe(object)}`)
  }
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
