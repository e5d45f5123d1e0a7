import type { NativeDone, NativeGraph, NativeJob } from './native-graph.js'

declare const twinBrand: unique symbol

/** A capture by a twin on its way. There is at most one in a process. */
export interface NativeTwin {
  readonly [twinBrand]: true
}

/** What waits for the heap to be full. */
export interface NativeLimitWatch {
  readonly [twinBrand]: false
}

export interface NativeLimitState {
  saved: number
  /** Why the last graph is not on disk; empty: it is. */
  failure: string
  /** It was closed and saves nothing any more. To collect it earlier would wait for that. */
  over: boolean
}

/** What `forkTwin` answers, in its order. */
export const TWIN_STARTS = ['forked', 'workers-busy', 'collecting', 'memory-moved'] as const
/** How a twin ended, in the order of `Ending::Cause`. */
export const TWIN_CAUSES = ['by-itself', 'hung', 'deadline', 'memory', 'cancelled'] as const

/** How a twin ended. `graph` only where it did its work; `code` where it said why it could not. */
export interface NativeTwinEnd {
  /** Index into TWIN_CAUSES. */
  cause: number
  /** The signal that ended it, or 0. */
  signal: number
  exitCode: number
  /** It was killed, and is still there: it waits for a disk that does not answer. */
  undead: boolean
  /** The most memory that it had to itself. */
  peakBytes: number
  /** What it put on disk. */
  spilledBytes: number
  code?: string
  message?: string
  graph?: NativeGraph
  /** Per followed instance 5 numbers: class index, id, born (coarse ms), site, node. */
  followed?: Float64Array
}

/** What a twin is asked for. */
export interface NativeTwinPlan {
  /** Bytes that it may take. */
  memoryBytes: number
  deadlineMs: number
  /** The directory with the files by which it keeps its memory small; empty: it does not. */
  spillTo: string
}

export interface NativeForkPlan extends NativeTwinPlan {
  /** How long V8's threads are waited for. */
  parkMs: number
  /** Even while another thread is inside a collection, or where much was mapped since the survey. */
  anyMoment: boolean
}

export interface NativeLimitPlan extends NativeTwinPlan {
  /** Bytes by which the heap's limit is raised. */
  extendBy: number
  /** At most so many graphs are saved, */
  times: number
  /** and so long after one no other. */
  coolDownMs: number
}

export interface NativeTwinApi {
  /** undefined where the process has one already. Throws ERR_HEAPSCOPE_UNSUPPORTED. */
  openTwin(): NativeTwin | undefined
  /** Looks on a thread of its own at how memory is mapped: once before each fork, right before it. */
  surveyTwin(twin: NativeTwin, done: NativeDone<undefined>): NativeJob
  /**
   * Forks now, or answers an index into TWIN_STARTS and nothing has happened. The twin finds the list
   * of `objects` empty.
   */
  forkTwin(
    twin: NativeTwin,
    objects: unknown[],
    plan: NativeForkPlan,
    done: NativeDone<NativeTwinEnd>,
  ): number
  /** [index into GRAPH_STAGES, done, total, pause of the last fork in ns] */
  twinProgress(twin: NativeTwin): Float64Array
  cancelTwin(twin: NativeTwin): void
  closeTwin(twin: NativeTwin): void
  /** Whether a twin could put on disk what it takes: that needs an allocator that it knows. */
  canSpill(): boolean
  /** Saves a graph near the heap's limit. Throws ERR_HEAPSCOPE_UNSUPPORTED. */
  watchHeapLimit(path: string, plan: NativeLimitPlan): NativeLimitWatch
  heapLimitWatch(watch: NativeLimitWatch): NativeLimitState
  /** It tells of what was, and saves only what a twin has brought already. Does not wait for that. */
  closeHeapLimitWatch(watch: NativeLimitWatch): void
}
