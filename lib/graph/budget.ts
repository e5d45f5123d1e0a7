import { HeapscopeError } from '../errors.js'
import { heapStatistics } from '../gc/heap-statistics.js'
import { estimateCapture } from './estimate.js'
import { describeBytes } from './prose.js'
import { roomNow, type Room } from './room.js'

/**
 * Refuses a piece of work before it starts: memory that it is estimated to take against `maxMemory`,
 * and against what the system and the container have left.
 */
export function checkBudget(
  what: string,
  needed: number,
  maxMemory: number | undefined,
  rooms: readonly Room[] = roomNow(),
): void {
  const limits: readonly Room[] =
    maxMemory === undefined ? rooms : [{ bytes: maxMemory, what: 'maxMemory' }, ...rooms]
  for (const limit of limits) {
    if (needed <= limit.bytes) continue
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_BUDGET',
      `${what} would take about ${describeBytes(needed)} of memory, ` +
        `but ${limit.what} is ${describeBytes(Math.max(0, limit.bytes))}`,
    )
  }
}

/** The same for a pause of this thread. */
export function checkPause(what: string, pauseMs: number, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || pauseMs <= timeoutMs) return
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_BUDGET',
    `${what} would pause this thread for about ${Math.ceil(pauseMs)} ms, ` +
      `but timeoutMs is ${timeoutMs}`,
  )
}

/** The same for a capture of this isolate in-process, whose pause counts as well. */
export function checkCaptureBudget(maxMemory?: number, timeoutMs?: number): void {
  const { snapshotBytes, pauseMs, graphBytes } = estimateCapture()
  const what = 'a capture of this heap'
  checkPause(what, pauseMs, timeoutMs)
  checkBudget(what, snapshotBytes + graphBytes, maxMemory)
  checkHeapRoom()
}

/**
 * V8's snapshot is not on the heap, but it makes strings there and collects with it: what is all but
 * full would be pushed over the edge by being looked at.
 */
function checkHeapRoom(): void {
  const { used, limit } = heapStatistics()
  const needed = Math.max(16e6, used / 50)
  checkBudget('a capture', needed, undefined, [
    { bytes: limit - used, what: `what the heap has left of its limit of ${describeBytes(limit)}` },
  ])
}
