import { native } from '../native.js'
import { gcKinds, type GcKind } from './kinds.js'
import { readTotals, type GcKindStats } from './totals.js'

/** The collections of one thread that loaded heapscope, since it loaded it. */
export interface ThreadGcStats {
  /** `worker_threads.threadId`; 0 is the main thread. */
  threadId: number
  /** The kernel's number of the thread, as `top -H` shows it; 0 where there is none. */
  osThreadId: number
  /** Whether the thread's collections are being counted now. */
  counting: boolean
  /** How long the thread has been in a collection; null when it is not in one. */
  collectingForMs: number | null
  /** All kinds together; in `totalMs` a pause inside another is not counted twice. */
  count: number
  totalMs: number
  maxMs: number
  kinds: Record<GcKind, GcKindStats>
}

/** Reads the figures out of memory: no thread is asked, so none needs to answer. */
export function readThreads(): ThreadGcStats[] {
  const nowNs = native.nowNs()
  return native.gcThreads().map((thread) => {
    const kinds = readTotals(thread.totals)
    const all = gcKinds.map((kind) => kinds[kind])
    return {
      threadId: thread.threadId,
      osThreadId: thread.osThreadId,
      counting: thread.watchedSinceNs > 0,
      collectingForMs:
        thread.collectingSinceNs === 0 ? null : Math.max(0, nowNs - thread.collectingSinceNs) / 1e6,
      count: all.reduce((sum, { count }) => sum + count, 0),
      totalMs: thread.stoppedNs / 1e6,
      maxMs: Math.max(...all.map(({ maxMs }) => maxMs)),
      kinds,
    }
  })
}
