import { threadId } from 'node:worker_threads'
import bindings from 'bindings'
import { HeapscopeError } from './errors.js'
// eslint-disable-next-line no-restricted-imports -- a type: the graph says what it needs of the addon
import type { NativeGraphApi } from './graph/native-graph.js'
// eslint-disable-next-line no-restricted-imports -- a type: what weak references need of the addon
import type { NativeWeakApi } from './weakref/native-weakref.js'
// eslint-disable-next-line no-restricted-imports -- likewise
import type { NativeTwinApi } from './graph/native-twin.js'

/**
 * The native half as script sees it. Arguments are not checked there: whoever calls has done it.
 * Layouts of the arrays stand beside each function in `native/bindings`.
 */
export interface Native extends NativeGraphApi, NativeTwinApi, NativeWeakApi {
  gcTotals(): Float64Array
  gcHistogram(kind: number): Float64Array
  gcEventsWritten(): number
  gcEvents(from: number): Float64Array
  gcThreads(): NativeThread[]
  addGcMonitors(delta: 1 | -1): void
  /** V8's own `gc`; undefined where V8 does not give it. */
  gcFunction(): ((options?: { type: 'minor' }) => void) | undefined
  gcOwnCostNs(): number
  nowNs(): number
  setDelivery(callback: (() => void) | undefined): void
  mallocFacts(): Float64Array | undefined

  addClass(
    cells: Float64Array,
    handles: number,
    leastLevel: number,
    closable: boolean,
  ): [index: number, follow: (object: object) => number]
  configureClass(index: number, handles: number, leastLevel: number, closable: boolean): void
  closeInstance(index: number, slot: number, object: object): void
  setSite(index: number, slot: number, site: number): void
  findInstance(index: number, object: object): NativeInstance | undefined
  liveInstances(index: number): object[]
  classStats(index: number): Float64Array
  classLifetimes(index: number): Float64Array
  releaseTracker(): void
  watchUnclosed(on: boolean): void
  takeUnclosed(): Float64Array
  followedDeaths(): number
  coarseNowMs(): number
}

export interface NativeThread {
  threadId: number
  osThreadId: number
  totals: Float64Array
  stoppedNs: number
  watchedSinceNs: number
  collectingSinceNs: number
}

export type NativeInstance = [
  id: number,
  bornMs: number,
  closed: boolean,
  site: number,
  slot: number,
]

function load(): Native {
  try {
    const addon = bindings('heapscope') as { initialize: (threadId: number) => Native }
    return addon.initialize(threadId)
  } catch (cause) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_ADDON',
      `heapscope's native addon could not be loaded on ${process.platform}-${process.arch} ` +
        `with Node.js ${process.version} (ABI ${process.versions.modules}): ` +
        `${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}. ` +
        'Build it for this version with: npm rebuild heapscope',
      { cause },
    )
  }
}

/** The addon of this environment. Loading it is the only thing that importing heapscope does. */
export const native: Native = load()
