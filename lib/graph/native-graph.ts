/**
 * The heap graph as the addon offers it. Arguments are not checked there, except that a node or class
 * out of range throws a RangeError: whoever calls has done it. Everything is answered from native
 * memory; only answers are copied.
 *
 * Nodes are indexes 0 … nodes-1; node 0 … is in file order, the root is `info[6]`. `0xffffffff`
 * (NO_NODE) means "none". Classes are indexes into the class table.
 */

declare const graphBrand: unique symbol
declare const jobBrand: unique symbol
declare const readerBrand: unique symbol
declare const changesBrand: unique symbol

/** A finished graph. Freed with the last reference, or by `releaseGraph` at once. */
export interface NativeGraph {
  readonly [graphBrand]: true
}
/** A running piece of work, on a thread of libuv's pool. */
export interface NativeJob {
  readonly [jobBrand]: true
}
/** A reader that is fed chunk by chunk. */
export interface NativeReader {
  readonly [readerBrand]: true
}

/** Which nodes of two graphs are in one alone. */
export interface NativeChanges {
  readonly [changesBrand]: true
}

export const NO_NODE = 0xffffffff

/**
 * What native code throws or passes to `done`: `code` is one of the codes below, `offset` the byte of
 * the file where it was noticed, if there is one.
 *
 * ERR_HEAPSCOPE_IO: the file cannot be opened, read or written (`errno` name in the message)
 * ERR_HEAPSCOPE_SNAPSHOT_INVALID: not a heap snapshot, or a damaged one
 * ERR_HEAPSCOPE_SNAPSHOT_TRUNCATED: it ends too early
 * ERR_HEAPSCOPE_GRAPH_VERSION: a saved graph of another version or byte order
 * ERR_HEAPSCOPE_GRAPH_INVALID: not a saved graph, or a damaged one
 * ERR_HEAPSCOPE_ABORTED: the job was cancelled
 * ERR_HEAPSCOPE_MEMORY: memory could not be had, or the graph is beyond what 32-bit indexes can number
 * ERR_HEAPSCOPE_RELEASED: the graph was released
 * ERR_HEAPSCOPE_OUT_OF_RANGE: no such node or class (a RangeError)
 */
export interface NativeGraphError extends Error {
  code: string
  offset?: number
}

/** Called once, from the event loop. */
export type NativeDone<T> = (error: NativeGraphError | undefined, result?: T) => void

/** The V8 names of node and edge types, by the numbers that the functions below use. */
export const NODE_TYPES = [
  'hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native',
  'synthetic', 'concatenated string', 'sliced string', 'symbol', 'bigint', 'object shape',
  'wasm object', 'other',
] as const // prettier-ignore
export const EDGE_TYPES = [
  'context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak', 'invisible',
] as const // prettier-ignore

/** The stages that `jobProgress` reports, in order; not every job passes through all of them. */
export const GRAPH_STAGES = [
  'waiting', 'reading', 'sizes', 'traversal', 'predecessors', 'dominators', 'classes', 'comparing',
  'writing', 'done',
] as const // prettier-ignore

/** Edges of one node. `names[i]` is a number for element and hidden edges, else a string. */
export interface NativeEdges {
  /** The other end: the target for referents, the source for referrers. */
  nodes: Uint32Array
  /** Indexes into EDGE_TYPES. */
  types: Uint8Array
  names: (string | number)[]
  /** How many there are in all, whatever the limit was. */
  total: number
}

/** From the root (nodes[0]) to the node asked for (last). Edge i leads from nodes[i] to nodes[i + 1]. */
export interface NativePath {
  nodes: Uint32Array
  types: Uint8Array
  names: (string | number)[]
  /** The path uses an edge that usually explains nothing (weak-collection tables, hidden classes…). */
  noisy: boolean
}

export interface NativeClasses {
  names: string[]
  /** DevTools' key: `,Name`, or `scriptId,line,column,Name` where the file tells locations. */
  keys: string[]
  /** Per class 5 numbers: class index, count, shallow, retained (topmost instances), first node. */
  figures: Float64Array
}

export interface NativeCycles {
  /** Component i is members[offsets[i] … offsets[i + 1] - 1], ascending; cut at `maxMembers`. */
  offsets: Uint32Array
  members: Uint32Array
  /**
   * Per component 6 numbers: nodes in all, retained size, references from outside, self (1/0), names
   * of classes in all, and how many of them `classes` tells.
   */
  figures: Float64Array
  /** Component after component, of the names that the most members bear: one of those, count. */
  classes: Float64Array
  /** How many components there are in all, whatever the limit was. */
  total: number
}

export interface NativeDiff {
  keys: string[]
  names: string[]
  /**
   * Per class 9 numbers: count now, count then, shallow now, shallow then, new count, new bytes, gone
   * count, gone bytes (these four by object id, as DevTools counts them; NaN without `byId`), bytes
   * by which objects in both grew (retained).
   */
  figures: Float64Array
  /** For `changedNodes`. Keeps both graphs. */
  changes: NativeChanges
}

export interface NativeSuspects {
  /**
   * Per suspect 7 numbers: node (NO_NODE for a group), class, instances, retained, accumulation node
   * (NO_NODE if none), how many nodes that (or else the node) dominates directly, of how many classes.
   */
  figures: Float64Array
  /** Those classes, suspect after suspect, the most retained first: class, one of them, count, retained. */
  content: Float64Array
}

export interface NativeGraphApi {
  // ---- Filling a graph -------------------------------------------------------------------------

  /**
   * Takes a snapshot of this isolate and reads it, on this thread, now; sizes and dominators follow
   * on another thread. Without `keepIds` V8 forgets its object ids afterwards, which makes scavenges
   * fast again. The list of `objects`, whose nodes are looked up, is emptied, so that it does not show
   * as holding them. Numbers (heap numbers, small integers) have no contents in the graph.
   */
  captureGraph(keepIds: boolean, done: NativeDone<NativeGraph>, objects?: unknown[]): NativeJob
  /**
   * The same, all of it on this thread. Throws. Not by layout: every name is asked of V8, as it is
   * where V8's layout turns out to be another; for tests.
   */
  captureGraphSync(keepIds: boolean, objects?: unknown[], byLayout?: boolean): NativeGraph
  /** The nodes of the `objects` given to the capture, in their order; NO_NODE for what is none. */
  graphObjects(graph: NativeGraph): Uint32Array
  /** Reads and analyses a .heapsnapshot file, on another thread. */
  readGraphFile(path: string, done: NativeDone<NativeGraph>): NativeJob
  /** The same in chunks: push one, wait for its `done`, push the next; then finish once. */
  createGraphReader(): NativeReader
  pushGraphChunk(reader: NativeReader, chunk: Uint8Array, done: NativeDone<undefined>): NativeJob
  finishGraphReader(reader: NativeReader, done: NativeDone<NativeGraph>): NativeJob
  /** Maps a saved graph. Throws. */
  openGraph(path: string): NativeGraph

  /** The job ends soon, with ERR_HEAPSCOPE_ABORTED. */
  cancelJob(job: NativeJob): void
  /** [index into GRAPH_STAGES, done, total (0: unknown)]; to be polled. */
  jobProgress(job: NativeJob): Float64Array
  /** Frees the memory now; the graph throws ERR_HEAPSCOPE_RELEASED from then on. */
  releaseGraph(graph: NativeGraph): void
  /**
   * What a capture of this isolate would take: [nodes, bytes V8 needs meanwhile, pause ms, bytes of
   * the graph, bytes of heap in use].
   */
  estimateCapture(): Float64Array

  // ---- Asking it -------------------------------------------------------------------------------

  /**
   * [0 nodes, 1 edges, 2 classes, 3 total shallow bytes, 4 bytes of memory the graph takes (its file
   * size when mapped), 5 mapped (1/0), 6 root node, 7 nodes no strong path reaches, 8 pause ns
   * (TakeHeapSnapshot), 9 reading ns, 10 analysis ns, 11 extra native bytes, 12 ids are comparable
   * with other graphs of the process (1/0), 13 strings, 14 bytes of strings,
   * 15 by how much the process grew at most while it was made]
   */
  graphInfo(graph: NativeGraph): Float64Array
  /** The class table, most retained first, ties by key. `limit` 0: all. */
  graphClasses(graph: NativeGraph, limit: number): NativeClasses
  /** The indexes of the classes of that name: several where locations tell them apart. */
  classesNamed(graph: NativeGraph, name: string): Uint32Array

  /** [type, class, shallow, retained, dominator (NO_NODE for the root), V8 id, edges, detachedness] */
  nodeFigures(graph: NativeGraph, node: number): Float64Array
  /** V8's name: the constructor's, the function's, a string's contents; cut at maxLength code units. */
  nodeName(graph: NativeGraph, node: number, maxLength: number): string
  /** The name under which the node's class is grouped. */
  nodeClassName(graph: NativeGraph, node: number): string
  /** Up to `limit` nodes of the class from node number `from` on, ascending. Continue at last + 1. */
  nodesOfClass(graph: NativeGraph, classIndex: number, from: number, limit: number): Uint32Array
  /** Edges number `from` … of the node, in V8's order. */
  referents(graph: NativeGraph, node: number, from: number, limit: number): NativeEdges
  /**
   * The edges that lead to it, ascending by source. The first call on a graph builds the index (0.1 µs
   * per edge), `prepareReferrers` does so on another thread.
   */
  referrers(graph: NativeGraph, node: number, from: number, limit: number): NativeEdges
  prepareReferrers(graph: NativeGraph, done: NativeDone<undefined>): NativeJob
  /** Nodes it immediately dominates, from node number `from` on, ascending. */
  dominated(graph: NativeGraph, node: number, from: number, limit: number): Uint32Array
  /** The node with that V8 object id, or NO_NODE. */
  nodeById(graph: NativeGraph, id: number): number
  /**
   * V8's id of an object, if a capture that kept its ids has seen it; else 0. V8 gives ids only while
   * it takes a snapshot: for objects known before, hand them to the capture instead.
   */
  heapObjectId(value: unknown): number
  /**
   * By semantics.md §H12: [counted references, internal ones (hidden classes, hidden edges), from
   * roots, weak ones].
   */
  refCount(graph: NativeGraph, node: number): Float64Array
  /** Shortest first; paths over usually meaningless edges last. Empty for nodes nothing holds. */
  retainingPaths(
    graph: NativeGraph,
    node: number,
    limit: number,
    done: NativeDone<NativePath[]>,
  ): NativeJob
  retainingPathsSync(graph: NativeGraph, node: number, limit: number): NativePath[]
  /** Largest retained size first. Of classes, unless none are given: with a member of one of them. */
  cycles(
    graph: NativeGraph,
    classes: Uint32Array,
    limit: number,
    maxMembers: number,
    done: NativeDone<NativeCycles>,
  ): NativeJob
  /**
   * MAT's leak suspects: a single object is one at `share` (0.2) of the total; a class whose objects
   * are not, nor beneath one that is, but whose topmost instances together are, is a group.
   */
  suspects(graph: NativeGraph, share: number, done: NativeDone<NativeSuspects>): NativeJob
  /** By class; `byId` too by object (only for graphs of one process that kept their ids). */
  diffGraphs(
    graph: NativeGraph,
    earlier: NativeGraph,
    byId: boolean,
    done: NativeDone<NativeDiff>,
  ): NativeJob
  diffGraphsSync(graph: NativeGraph, earlier: NativeGraph, byId: boolean): NativeDiff
  /**
   * Nodes of one class of the later graph that are new in it, or of the earlier one that are gone, from
   * node number `from` on. None where objects were not compared.
   */
  changedNodes(
    changes: NativeChanges,
    gone: boolean,
    classIndex: number,
    from: number,
    limit: number,
  ): Uint32Array

  // ---- Writing it ------------------------------------------------------------------------------

  /** Both write beside, fsync and rename; mode 0600; nothing is left behind on failure. */
  saveGraph(graph: NativeGraph, path: string, done: NativeDone<undefined>): NativeJob
  writeHeapSnapshot(
    graph: NativeGraph,
    path: string,
    redact: boolean,
    done: NativeDone<undefined>,
  ): NativeJob

  // ---- Without a graph -------------------------------------------------------------------------

  /** Live JavaScript objects by constructor name, most first. Marks the heap, on this thread. */
  census(): { names: string[]; counts: Float64Array }
}
