import { setTimeout as sleep } from 'node:timers/promises'
import { HeapscopeError, type HeapscopeErrorCode } from '../errors.js'
import { native } from '../native.js'
import { attempt, runJob, throwIfAborted, type JobOptions } from './jobs.js'
import { GRAPH_STAGES, type NativeGraph } from './native-graph.js'
import { TWIN_CAUSES, TWIN_STARTS, type NativeTwin, type NativeTwinEnd } from './native-twin.js'

export interface TwinRequest extends JobOptions {
  /** Makes the list of objects whose nodes are wanted; nothing else of ours may hold them then. */
  objects: () => object[]
  /** Bytes that the twin may take. */
  memoryBytes: number
  /** The directory where it thinks on disk; nothing: it does not. */
  spillTo?: string
  /** By then it is over, whatever happens. As of performance.now(). */
  deadlineAt: number
  /** Where the process has a twin already. */
  whenBusy: 'refuse' | 'wait'
}

export interface TwinResult {
  graph: NativeGraph
  followed: Float64Array
  /** All pauses of the thread together. */
  pauseMs: number
  peakBytes: number
  spilledBytes: number
  attempts: number
}

/** A twin that hangs or crashes did so because of what other threads were at when it was forked. */
const mostAttempts = 5
/** Moments that are looked at for one fork, a few milliseconds apart, then a few dozen. */
const mostMoments = 60
/**
 * In the first of them not while another thread collects, which can hold what a twin needs, and not long
 * after the survey: V8's advice for what it does not know is lost. Where threads collect all the time there
 * is no other moment, and most twins of such a one do their work.
 */
const choosyMoments = 8

/** Forks until a twin brought the graph; a bounded number of times. */
export async function captureByTwin(request: TwinRequest): Promise<TwinResult> {
  const { signal } = request
  const twin = await openTwin(request)
  const cancel = (): void => {
    native.cancelTwin(twin)
  }
  signal?.addEventListener('abort', cancel, { once: true })
  let pauseMs = 0
  try {
    for (let attempts = 1; ; attempts++) {
      throwIfAborted(signal)
      const forked = await forkTwin(twin, request)
      pauseMs += forked.pauseMs
      const end = await watched(forked.end, twin, request)
      if (end.graph) {
        const { graph, followed = new Float64Array(), peakBytes, spilledBytes } = end
        return { graph, followed, pauseMs, peakBytes, spilledBytes, attempts }
      }
      throwIfAborted(signal)
      const failure = failureOf(end, attempts)
      if (!mayGoBetterNextTime(end) || attempts >= mostAttempts) throw failure
      await sleep(20 * attempts)
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    native.closeTwin(twin)
  }
}

async function openTwin({ whenBusy, deadlineAt, signal }: TwinRequest): Promise<NativeTwin> {
  for (;;) {
    throwIfAborted(signal)
    const twin = attempt(() => native.openTwin())
    if (twin) return twin
    if (whenBusy === 'refuse') {
      throw new HeapscopeError(
        'ERR_HEAPSCOPE_BUSY',
        "a twin of this process is at work already; whenBusy: 'wait' waits for its end",
      )
    }
    if (performance.now() > deadlineAt) throw tooLate('another twin of this process was at work')
    await sleep(20)
  }
}

/** Waits for a moment in which this process can be forked whole, and forks it. */
async function forkTwin(
  twin: NativeTwin,
  { objects, memoryBytes, spillTo = '', deadlineAt, signal }: TwinRequest,
): Promise<{ end: Promise<NativeTwinEnd>; pauseMs: number }> {
  let why: string | undefined
  let pauseMs = 0
  for (let moment = 0; moment < mostMoments; moment++) {
    await runJob<undefined>((done) => native.surveyTwin(twin, done), signal ? { signal } : {})
    throwIfAborted(signal)
    const left = deadlineAt - performance.now()
    if (left <= 0) throw tooLate(`there was no moment to fork (${why})`)
    const plan = {
      memoryBytes,
      deadlineMs: left,
      spillTo,
      // The longer the service is busy, the more one is content with.
      parkMs: 2 + moment / 4,
      anyMoment: moment >= choosyMoments,
    }
    let start = 0
    const before = performance.now()
    const end = new Promise<NativeTwinEnd>((resolve, reject) => {
      start = attempt(() =>
        native.forkTwin(twin, objects(), plan, (error, ended) => {
          if (error) reject(error)
          else resolve(ended!)
        }),
      )
    })
    pauseMs += performance.now() - before
    why = TWIN_STARTS[start]
    if (why === 'forked') return { end, pauseMs }
    await sleep(Math.min(5 + 2 * moment, 50))
  }
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_TWIN',
    `there was no moment to fork this process in ${mostMoments} tries (the last one: ${why})`,
  )
}

async function watched(
  end: Promise<NativeTwinEnd>,
  twin: NativeTwin,
  { onProgress }: JobOptions,
): Promise<NativeTwinEnd> {
  if (!onProgress) return end
  let thrown: { error: unknown } | undefined
  const poll = setInterval(() => {
    const [stage, done, total] = native.twinProgress(twin)
    try {
      onProgress({ stage: GRAPH_STAGES[stage!] ?? 'working', done: done!, total: total! })
    } catch (error) {
      thrown ??= { error }
      native.cancelTwin(twin)
    }
  }, 100)
  try {
    const ended = await end
    if (thrown) throw thrown.error
    return ended
  } finally {
    clearInterval(poll)
  }
}

const SIGKILL = 9
const SIGALRM = 14

function mayGoBetterNextTime({ cause, signal, code, undead }: NativeTwinEnd): boolean {
  if (undead) return false
  if (TWIN_CAUSES[cause] === 'hung') return true
  if (TWIN_CAUSES[cause] !== 'by-itself') return false
  if (signal !== 0) return signal !== SIGKILL && signal !== SIGALRM
  return code === undefined || code === 'ERR_HEAPSCOPE_TWIN'
}

function failureOf(end: NativeTwinEnd, attempts: number): HeapscopeError {
  const { cause, signal, exitCode, code, message, peakBytes, undead } = end
  const peak = `at most ${Math.round(peakBytes / 1e6)} MB of its own`
  if (code !== undefined) return new HeapscopeError(code as HeapscopeErrorCode, message ?? code)
  if (undead) return tooLate('the twin was killed, and is still there: it waits for a disk')
  switch (TWIN_CAUSES[cause]) {
    case 'deadline':
      return tooLate('the twin was still at work')
    case 'memory':
      return new HeapscopeError('ERR_HEAPSCOPE_MEMORY', `the twin took more memory than it may`)
    case 'hung':
      return failed(
        `stood still ${attempts} times: other threads held what it needed, or stopped it`,
      )
    case 'cancelled': // not by its signal
      return failed("gave way to one at the heap's limit")
    default:
      if (signal === SIGALRM) return tooLate('the twin was still at work')
      if (signal === SIGKILL) {
        return failed(
          `was killed, by the kernel for want of memory or by somebody (it had ${peak})`,
        )
      }
      return failed(
        `ended by ${signal === 0 ? `itself (${exitCode})` : `signal ${signal}`} ${attempts} times`,
      )
  }
}

function failed(what: string): HeapscopeError {
  return new HeapscopeError(
    'ERR_HEAPSCOPE_TWIN',
    `the twin ${what}; nothing happened to this process`,
  )
}

function tooLate(what: string): HeapscopeError {
  return new HeapscopeError('ERR_HEAPSCOPE_TIMEOUT', `the capture was not done in time: ${what}`)
}
