import type { FollowedInstances } from './followed.js'
import type { JobOptions } from './jobs.js'

export interface GraphInfo {
  nodes: number
  edges: number
  /** Of all nodes together, as V8 counts them. */
  bytes: number
  classes: number
  /** Nodes that no strong reference reaches. */
  unreachable: number
  /** Where it is from: this process, a snapshot file or stream, or a file of `save`. */
  mode: 'in-process' | 'twin' | 'snapshot' | 'saved'
  /** How long the thread stood still; 0 where it did not. */
  pauseMs: number
  /** Of that, V8's own part: making its snapshot. */
  snapshotMs: number
  /** From the call to the graph, the pause included. */
  totalMs: number
  /** Twins that were forked for it: more than one where one got stuck. 0 where there was none. */
  attempts: number
  /**
   * By how much the process's memory grew at most while the graph was made, as seen between the steps
   * of the work: what other threads took meanwhile is in it. Of a twin, what it had to itself. 0 of a saved one.
   */
  peakBytes: number
  /** What a twin put on disk meanwhile, because memory was short: see `spill`. 0 of any other. */
  spilledBytes: number
  /** Native memory that the graph takes; of a saved one, of the mapped file. */
  memoryBytes: number
}

/** One class: a row of the table that `graph.classes` gives. */
export interface ClassRow {
  className: string
  /** Tells classes of one name apart: DevTools' key, with the place in the program where known. */
  key: string
  count: number
  /** Bytes of its instances themselves. */
  shallowSize: number
  /** Bytes that would be freed with all of them. One inside another is not counted twice. */
  retainedSize: number
}

export interface ClassOptions {
  /** At most so many rows. All of them where nothing is said. */
  limit?: number
}

/** The references to one node by what they are: see `refCounts`. */
export interface RefCounts {
  /** What a program did: properties, elements, variables, entries of collections. */
  references: number
  /** V8's own: hidden classes, hidden edges. */
  internal: number
  /** From V8's roots: handles, the stack. */
  roots: number
  weak: number
}

export interface PathOptions extends JobOptions {
  /** At most so many. 1. */
  limit?: number
}

export interface WriteOptions extends JobOptions {
  /** `'redact'` (the default) writes every string's length instead of its contents. */
  strings?: 'redact' | 'keep'
}

/** @internal */
export interface GraphOrigin {
  /** Of a capture by a twin. */
  attempts?: number
  spilledBytes?: number
  followed?: FollowedInstances
  mode: GraphInfo['mode']
  /** Of a capture: from its beginning until the thread was free again. */
  pauseMs?: number
  totalMs: number
  /** Of a capture that kept V8's ids: the epoch in which they count. */
  idEpoch?: number
  /** Of objects given to the capture: where in `nodes` theirs are. */
  noted?: WeakMap<object, number>
  nodes?: Uint32Array
}
