import { HeapscopeError, invalidArgument, outOfRange, type HeapscopeErrorCode } from '../errors.js'
import { native } from '../native.js'
import { checkFunction, describe } from '../options.js'
import {
  GRAPH_STAGES,
  type NativeDone,
  type NativeGraph,
  type NativeGraphError,
  type NativeJob,
} from './native-graph.js'

/** Where a long piece of work is. */
export interface GraphProgress {
  /** What it is at: `reading`, `dominators`, … An open list. */
  stage: string
  /** Of this stage; `total` is 0 while it is not known. */
  done: number
  total: number
}

/** For everything that can take longer than 100 ms. */
export interface JobOptions {
  /** Ends the work soon; what it was doing is undone. */
  signal?: AbortSignal
  /** Called about ten times a second, from the event loop. What it throws ends the work. */
  onProgress?: (progress: GraphProgress) => void
}

export const jobOptionNames = ['signal', 'onProgress'] as const

const pollMs = 100

export function checkJobOptions({ signal, onProgress }: JobOptions): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument(`signal must be an AbortSignal, not ${describe(signal)}`)
  }
  if (onProgress !== undefined) checkFunction(onProgress, 'onProgress')
}

/**
 * Starts native work and resolves to its result. The work is on another thread. A result that comes
 * after the signal is discarded; a file that is written by then stays.
 */
export function runJob<T>(
  start: (done: NativeDone<T>) => NativeJob,
  { signal, onProgress }: JobOptions = {},
  discard?: (result: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal)
    let thrown: { error: unknown } | undefined
    const job = attempt(() =>
      start((error, result) => {
        clearInterval(poll)
        ended(job)
        signal?.removeEventListener('abort', cancel)
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the listener's
        if (thrown) reject(thrown.error)
        else if (error) reject(translated(error, signal))
        else if (signal?.aborted && result !== undefined) {
          discard?.(result)
          reject(aborted(signal))
        } else resolve(result as T)
      }),
    )
    started(job)
    const cancel = (): void => {
      native.cancelJob(job)
    }
    const report = (): void => {
      const [stage, done, total] = native.jobProgress(job)
      try {
        onProgress?.({ stage: GRAPH_STAGES[stage!] ?? 'working', done: done!, total: total! })
      } catch (error) {
        thrown ??= { error }
        cancel()
      }
    }
    // The job itself keeps the process alive.
    const poll = onProgress ? setInterval(report, pollMs).unref() : undefined
    signal?.addEventListener('abort', cancel, { once: true })
  })
}

/** The same, for a graph: one that comes too late is freed at once. */
export function runGraphJob(
  start: (done: NativeDone<NativeGraph>) => NativeJob,
  options: JobOptions,
): Promise<NativeGraph> {
  return runJob(start, options, (handle) => {
    native.releaseGraph(handle)
  })
}

// Node waits at its exit for the threads of its pool, however long they have to go.
const running = new Set<NativeJob>()

function cancelAll(): void {
  for (const job of running) native.cancelJob(job)
}

function started(job: NativeJob): void {
  if (running.size === 0) process.on('exit', cancelAll)
  running.add(job)
}

function ended(job: NativeJob): void {
  running.delete(job)
  if (running.size === 0) process.off('exit', cancelAll)
}

const sliceMs = 20

/**
 * For what only the main thread can do: to be awaited in every round. Lets the event loop turn
 * whenever it was kept for too long, and ends with the signal.
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let until = performance.now() + sliceMs
  return () => {
    if (performance.now() < until) return undefined
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        until = performance.now() + sliceMs
        if (signal?.aborted) reject(aborted(signal))
        else resolve()
      })
    })
  }
}

/** Calls native code; what it throws comes out as ours. */
export function attempt<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw error instanceof Error ? translated(error) : error
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** What a signal that ended the work comes out as. */
export function aborted(signal: AbortSignal): HeapscopeError {
  const cause: unknown = signal.reason
  if (cause instanceof HeapscopeError) return cause // one of our own deadlines
  return new HeapscopeError('ERR_HEAPSCOPE_ABORTED', 'the work was ended by its signal', { cause })
}

function translated(error: Error & Partial<NativeGraphError>, signal?: AbortSignal): Error {
  const { code, message, offset } = error
  if (!code?.startsWith('ERR_HEAPSCOPE_')) return error
  if (code === 'ERR_HEAPSCOPE_ABORTED' && signal?.aborted) return aborted(signal)
  if (code === 'ERR_HEAPSCOPE_OUT_OF_RANGE') return outOfRange(message)
  const options = offset === undefined ? {} : { offset }
  return new HeapscopeError(code as HeapscopeErrorCode, message, options)
}
