import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { checkOptions, checkPositive, checkWord, describe } from '../options.js'
import { checkCaptureBudget } from './budget.js'
import { estimateCapture } from './estimate.js'
import { FollowedInstances } from './followed.js'
import type { GraphOrigin } from './graph-types.js'
import { HeapGraph } from './heap-graph.js'
import { attempt, checkJobOptions, jobOptionNames, runGraphJob, throwIfAborted } from './jobs.js'
import type { JobOptions } from './jobs.js'
import type { NativeGraph } from './native-graph.js'
import { idEpoch, idsWereForgotten } from './object-ids.js'
import type { Spill } from './spill-directory.js'
import { checkTwinBudget } from './twin-budget.js'
import { captureByTwin } from './twin.js'

export interface SyncCaptureOptions {
  /** captureHeapSync knows `'in-process'` alone, which is what `'auto'` means to it. */
  mode?: 'auto' | 'in-process' | 'twin'
  /** Bytes that the capture may take meanwhile. What the system has free is looked at anyway. */
  maxMemory?: number
  /**
   * Objects that `graph.nodeOf` finds again, by any names. What this record itself holds is not
   * counted as held: make it for the call.
   */
  objects?: Readonly<Record<string, object>>
  /**
   * In-process alone. Keeps V8's numbers of objects, so that `nodeOf` finds every object and `diff` compares object by
   * object with other captures that kept them. The price: scavenges are 5 to 10 times slower until
   * a later capture, without this, lets V8 forget them. false.
   */
  keepIds?: boolean
}

export interface CaptureOptions extends SyncCaptureOptions, JobOptions {
  /**
   * `'twin'` forks this process and lets the twin do the work: this thread pauses for milliseconds.
   * `'in-process'` pauses it for seconds. `'auto'`, the default, is `'twin'`, and refused with the
   * reason where there can be none, unless `fallback` allows otherwise.
   */
  mode?: 'auto' | 'in-process' | 'twin'
  /** What `'auto'` may do where there can be no twin (ERR_HEAPSCOPE_UNSUPPORTED). */
  fallback?: 'in-process'
  /** A process has one twin at a time: a second capture is refused (the default), or waits. */
  whenBusy?: 'refuse' | 'wait'
  /**
   * Where memory is short a twin can put most of what it takes into a file without a name, in a
   * directory that is on a disk: slower, for a fraction of the memory. `'auto'`, the default, does so in
   * the system's directory for temporary files, or /var/tmp; a directory says where; `'never'` is
   * refused instead. Up to 900 bytes an object there. ERR_HEAPSCOPE_UNSUPPORTED where a directory is
   * named and malloc is not that of the GNU C library.
   */
  spill?: Spill
  /** Refused where the pause is expected to be longer; ended where the rest is not done by then. */
  timeoutMs?: number
}

/** The options of `captureHeap` that callers of what takes graphs by itself may give. */
export const captureOptionNames = [
  'mode',
  'maxMemory',
  ...jobOptionNames,
  'timeoutMs',
  'fallback',
  'whenBusy',
  'spill',
] as const

const syncNames = ['mode', 'maxMemory', 'objects', 'keepIds'] as const

/**
 * Takes the graph of this thread's heap. By default a twin of this process does, a fork of it: this
 * thread pauses for about 40 ms a gigabyte of its memory, and goes on. In-process V8's part pauses the
 * thread: 1.3 to 3.4 µs an object; dominators and sizes follow on another thread. Either takes up to
 * 900 bytes of memory an object meanwhile. Contents of strings are not read. Refuses beforehand
 * (ERR_HEAPSCOPE_BUDGET) where the memory is not there.
 */
export async function captureHeap(options: CaptureOptions = {}): Promise<HeapGraph> {
  checkOptions(options, [...captureOptionNames, 'objects', 'keepIds'], 'captureHeap')
  checkJobOptions(options)
  checkMode(options)
  const { timeoutMs, signal, mode = 'auto', fallback } = options
  if (timeoutMs !== undefined) checkPositive(timeoutMs, 'timeoutMs')
  throwIfAborted(signal)
  if (mode === 'in-process') return captureInProcess(options)
  try {
    return await captureWithTwin(options)
  } catch (error) {
    if (mode === 'twin' || fallback === undefined || !isRefusal(error)) throw error
    return captureInProcess(options)
  }
}

async function captureWithTwin(options: CaptureOptions): Promise<HeapGraph> {
  if (options.keepIds) {
    throw invalidArgument(
      "keepIds goes with mode: 'in-process' alone: V8's ids of two twins do not mean the same objects",
    )
  }
  const { maxMemory, objects = {}, timeoutMs, whenBusy = 'refuse', spill = 'auto' } = options
  const { signal, onProgress } = options
  checkCapture(options)
  const budget = checkTwinBudget(maxMemory, timeoutMs, spill)
  const capture = new Capture(objects, false)
  const withinMs = timeoutMs ?? defaultTwinMs()
  const deadline = withDeadline(signal, withinMs)
  try {
    const { graph, followed, pauseMs, attempts, spilledBytes } = await captureByTwin({
      objects: () => capture.list(),
      ...budget,
      deadlineAt: performance.now() + withinMs,
      whenBusy,
      signal: deadline.signal,
      ...(onProgress ? { onProgress } : {}),
    })
    capture.note()
    const origin = { mode: 'twin', pauseMs, attempts, spilledBytes } as const
    return capture.graph(graph, { ...origin, followed: new FollowedInstances(followed) })
  } finally {
    deadline.clear()
  }
}

/**
 * Five minutes, and 50 µs for each node: ten times what it takes on an idle machine. One that hangs is
 * noticed long before.
 */
function defaultTwinMs(): number {
  return 300_000 + estimateCapture().nodes / 20
}

/**
 * Here there can be no twin. Not: there is none just now, for want of memory or because another is at work;
 * who allowed the pause did not mean that.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof HeapscopeError && error.code === 'ERR_HEAPSCOPE_UNSUPPORTED'
}

async function captureInProcess(options: CaptureOptions): Promise<HeapGraph> {
  const { timeoutMs, signal, onProgress } = options
  const capture = prepare(options, timeoutMs)
  const deadline = timeoutMs === undefined ? undefined : withDeadline(signal, timeoutMs)
  const ending = deadline?.signal ?? signal
  try {
    const { keepIds } = capture
    const work = runGraphJob((done) => native.captureGraph(keepIds, done, capture.list()), {
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
  if (options.mode === 'twin') {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_UNSUPPORTED',
      "a twin takes its time: captureHeap waits for it, captureHeapSync knows mode 'in-process' alone",
    )
  }
  checkMode(options)
  const capture = prepare(options)
  let handle
  try {
    handle = attempt(() => native.captureGraphSync(capture.keepIds, capture.list()))
  } finally {
    capture.taken()
  }
  return capture.graph(handle)
}

/** What both have before and after the snapshot. */
class Capture {
  readonly #start = performance.now()
  #objects: Readonly<Record<string, object>>
  readonly #origin: Omit<GraphOrigin, 'totalMs'> = { mode: 'in-process' }
  constructor(
    objects: Readonly<Record<string, object>>,
    readonly keepIds: boolean,
  ) {
    this.#objects = objects
  }

  /** For native code, which empties it: the last is the record itself. */
  list(): object[] {
    return [...Object.values(this.#objects), this.#objects]
  }

  /** To be called once the thread is free again, whether or not it failed: V8 may have forgotten its ids. */
  taken(): void {
    if (!this.keepIds) idsWereForgotten()
    else this.#origin.idEpoch = idEpoch()
    this.#origin.pauseMs = performance.now() - this.#start
    this.note()
  }

  /**
   * Only then: in the graph it would show as one more weak reference. It holds nothing alive. The record
   * itself would show in the next graph, where this is not collected yet.
   */
  note(): void {
    this.#origin.noted = new WeakMap(Object.values(this.#objects).map((each, i) => [each, i]))
    this.#objects = {}
  }

  graph(handle: NativeGraph, more: Partial<GraphOrigin> = {}): HeapGraph {
    const nodes = native.graphObjects(handle)
    const totalMs = performance.now() - this.#start
    return new HeapGraph(handle, { ...this.#origin, nodes, totalMs, ...more })
  }
}

function prepare(options: SyncCaptureOptions, maxPauseMs?: number): Capture {
  const { maxMemory, objects = {}, keepIds = false } = options
  checkCapture(options)
  checkCaptureBudget(maxMemory, maxPauseMs)
  return new Capture(objects, keepIds)
}

function checkCapture({ maxMemory, objects = {}, keepIds = false }: SyncCaptureOptions): void {
  if (maxMemory !== undefined) checkPositive(maxMemory, 'maxMemory')
  if (typeof keepIds !== 'boolean') {
    throw invalidArgument(`keepIds must be true or false, not ${describe(keepIds)}`)
  }
  checkObjects(objects)
}

function checkMode({ mode = 'auto', fallback, whenBusy }: CaptureOptions): void {
  checkWord(mode, ['auto', 'twin', 'in-process'], 'mode')
  if (fallback !== undefined) checkWord(fallback, ['in-process'], 'fallback')
  if (whenBusy !== undefined) checkWord(whenBusy, ['refuse', 'wait'], 'whenBusy')
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

/** What is longer, Node.js takes for one millisecond. */
const mostTimerMs = 2 ** 31 - 1

/** A signal that aborts with the given one, and when the time is up. */
function withDeadline(
  signal: AbortSignal | undefined,
  timeoutMs: number,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController()
  const follow = (): void => {
    controller.abort(signal?.reason)
  }
  const timer = setTimeout(
    () => {
      const message = `the capture was not done within ${timeoutMs} ms`
      controller.abort(new HeapscopeError('ERR_HEAPSCOPE_TIMEOUT', message))
    },
    Math.min(timeoutMs, mostTimerMs),
  )
  timer.unref()
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', follow)
    },
  }
}
