import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { Listeners } from '../listeners.js'
import { native } from '../native.js'
import { checkFunction, checkOptions, checkWord } from '../options.js'
import { checkCollects, collectWhenIdle } from './collect.js'
import { nextEventIndex, readEvents, type GcEvent } from './events.js'

/** What the collector took of a piece of work. */
export interface GcShare {
  durationMs: number
  collections: number
  pausedMs: number
  /** `pausedMs` of `durationMs`, 0 to 1. */
  share: number
  /** Collections that the record of 4096 no longer holds: counted, but not in `pausedMs`. */
  dropped: number
}

export interface MeasureOptions {
  /** Have a collection run when the work is done, in a later turn of the loop. */
  collectAfter?: 'minor' | 'major'
}

/**
 * Runs `work`, synchronous or not, and tells what the collector took of it: every collection of this
 * thread meanwhile, also those that other work brought about. What `work` throws passes through.
 * Rejects with ERR_HEAPSCOPE_UNSUPPORTED where `collectAfter` cannot be had, as under `--expose-gc-as`.
 */
export async function measureGc<T>(
  work: () => T | PromiseLike<T>,
  options: MeasureOptions = {},
): Promise<{ value: T; gc: GcShare }> {
  checkFunction(work, 'work')
  checkMeasureOptions(options, 'measureGc')
  native.addGcMonitors(1)
  try {
    const stop = startMeasuring()
    const value = await work()
    return { value, gc: stop() }
  } finally {
    native.addGcMonitors(-1)
    if (options.collectAfter) void collectWhenIdle(options.collectAfter)
  }
}

/** The parts of node:http's types that are needed here: any server that emits `close` will do. */
interface Response {
  once(event: 'close', listener: () => void): unknown
}

/**
 * Wraps a request listener of node:http so that `onReport` is told, when the response is closed, what
 * the collector took of it; with `collectAfter`, a collection runs after responses, several
 * finished in one turn sharing one. Disposing the wrapped listener ends both; requests are answered as
 * before. Throws ERR_HEAPSCOPE_UNSUPPORTED where `collectAfter` cannot be had.
 */
export function gcRequestListener<Req = IncomingMessage, Res extends Response = ServerResponse>(
  listener: (request: Req, response: Res) => unknown,
  onReport: (gc: GcShare, request: Req, response: Res) => void,
  options: MeasureOptions = {},
): ((request: Req, response: Res) => void) & Disposable {
  checkFunction(listener, 'listener')
  checkFunction(onReport, 'onReport')
  checkMeasureOptions(options, 'gcRequestListener')
  const reports = new Listeners<[GcShare, Req, Res]>('gcRequestListener')
  reports.add(onReport)
  let disposed = false
  const measure = (request: Req, response: Res) => {
    const stop = startMeasuring()
    response.once('close', () => {
      if (disposed) return
      reports.emit(stop(), request, response)
      if (options.collectAfter) void collectWhenIdle(options.collectAfter)
    })
  }
  // A server looks at what its listener returns where it captures rejections.
  const measured = function (this: unknown, request: Req, response: Res): unknown {
    if (!disposed) measure(request, response)
    return Reflect.apply(listener, this, [request, response])
  }
  native.addGcMonitors(1)
  const dispose = () => {
    if (disposed) return
    disposed = true
    reports.clear()
    native.addGcMonitors(-1)
  }
  return Object.assign(measured, { [Symbol.dispose]: dispose })
}

function checkMeasureOptions(options: MeasureOptions, where: string): void {
  checkOptions(options, ['collectAfter'], where)
  if (options.collectAfter !== undefined) {
    checkWord(options.collectAfter, ['minor', 'major'], 'collectAfter')
    checkCollects()
  }
}

/** Returns the function that ends the measurement. */
function startMeasuring(): () => GcShare {
  const first = nextEventIndex()
  const startMs = performance.now()
  return () => {
    const durationMs = performance.now() - startMs
    const kept = readEvents(first)
    const dropped = kept.first - first
    const pausedMs = kept.events
      .filter((event) => !isNested(event, kept.events))
      .reduce((sum, event) => sum + event.durationMs, 0)
    return {
      durationMs,
      collections: kept.events.length + dropped,
      pausedMs,
      share: durationMs === 0 ? 0 : Math.min(1, pausedMs / durationMs),
      dropped,
    }
  }
}

/** Weak callbacks can run inside another pause, which then counts already. */
function isNested(event: GcEvent, all: readonly GcEvent[]): boolean {
  return (
    event.kind === 'weak-callbacks' &&
    all.some(
      (other) =>
        other !== event &&
        other.startMs <= event.startMs &&
        other.startMs + other.durationMs >= event.startMs + event.durationMs,
    )
  )
}
