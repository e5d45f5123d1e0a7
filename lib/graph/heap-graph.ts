import { types } from 'node:util'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { checkInteger, checkOptions, describe, isObject } from '../options.js'
import type { Constructor } from '../tracking/options.js'
import { findChain, type ChainOptions } from './chain.js'
import { findCycles, type Cycle, type CycleOptions } from './cycles.js'
import { compare, compareLater, type DiffOptions, type GraphDiff } from './diff.js'
import { pictureToDot } from './dot.js'
import { openGraphFile, saveGraphFile, writeSnapshotFile } from './graph-files.js'
import { edgeType, NodeSource, References } from './graph-node.js'
import { attempt, checkJobOptions, jobOptionNames, runJob, type JobOptions } from './jobs.js'
import { NO_NODE, type NativeGraph, type NativePath } from './native-graph.js'
import type { HeapNode, HeapReference } from './node.js'
import { nodeOfObject } from './object-ids.js'
import { findOldest, type OldInstance } from './oldest.js'
import { retainingPath, type RetainingPath } from './path-text.js'
import { choosePicture, type GraphSelection } from './picture.js'
import { findSuspects, type Suspect, type SuspectOptions } from './suspects.js'
import { dotToSvg } from './svg.js'
import type {
  ClassOptions,
  ClassRow,
  GraphInfo,
  GraphOrigin,
  PathOptions,
  RefCounts,
  WriteOptions,
} from './graph-types.js'

/**
 * The objects of a heap and the references between them, as they were at one moment, in native
 * memory. Holds no object alive. Freed with its last reference, or at once by `[Symbol.dispose]()`;
 * afterwards every method throws ERR_HEAPSCOPE_RELEASED.
 */
export class HeapGraph implements Disposable {
  readonly #handle: NativeGraph
  readonly #source: NodeSource
  readonly #origin: GraphOrigin

  /** @internal */
  constructor(handle: NativeGraph, origin: GraphOrigin) {
    if (!types.isExternal(handle)) {
      throw invalidArgument(
        'a HeapGraph comes from captureHeap, readHeapSnapshot or HeapGraph.open, not from new',
      )
    }
    this.#handle = handle
    this.#source = new NodeSource(handle)
    this.#origin = origin
  }

  /**
   * Maps a file that `save` wrote: milliseconds, whatever its size. Refuses files of another version,
   * and those whose head, lengths or order are damaged; the rest is not read through. As with every
   * mapped file, cutting it short in place while it is open kills the process (SIGBUS): replace it by
   * renaming, as `save` does.
   */
  static open(path: string): HeapGraph {
    const start = performance.now()
    const handle = openGraphFile(path)
    return new HeapGraph(handle, { mode: 'saved', totalMs: performance.now() - start })
  }

  get info(): GraphInfo {
    const figures = attempt(() => native.graphInfo(this.#handle))
    const { mode, pauseMs = 0, totalMs, attempts = 0, spilledBytes = 0 } = this.#origin
    return {
      nodes: figures[0]!,
      edges: figures[1]!,
      bytes: figures[3]!,
      classes: figures[2]!,
      unreachable: figures[7]!,
      mode,
      attempts,
      spilledBytes,
      pauseMs,
      snapshotMs: figures[8]! / 1e6,
      totalMs,
      peakBytes: figures[15]!,
      memoryBytes: figures[4]!,
    }
  }

  /** The root: what holds all else. */
  get root(): HeapNode {
    return this.#source.node(attempt(() => native.graphInfo(this.#handle))[6]!)
  }

  /** The classes, the one that retains most first. */
  classes(options: ClassOptions = {}): ClassRow[] {
    checkOptions(options, ['limit'], 'graph.classes')
    const { limit } = options
    if (limit !== undefined) checkInteger(limit, 'limit', 1, 2 ** 31)
    const { names, keys, figures } = attempt(() => native.graphClasses(this.#handle, limit ?? 0))
    return names.map((className, i) => ({
      className,
      key: keys[i]!,
      count: figures[i * 5 + 1]!,
      shallowSize: figures[i * 5 + 2]!,
      retainedSize: figures[i * 5 + 3]!,
    }))
  }

  /**
   * The node of a live object; null where the graph has none: it was made later. Of a capture that
   * let V8 forget its ids (the default), only objects named in its `objects` are found again; asking
   * for others throws ERR_HEAPSCOPE_NOT_IN_GRAPH.
   */
  nodeOf(object: object | symbol): HeapNode | null {
    return nodeOfObject(this.#source, this.#origin, object)
  }

  /** The node with V8's id; null where there is none. */
  node(id: number): HeapNode | null {
    checkInteger(id, 'id', 0, Number.MAX_SAFE_INTEGER)
    return this.#source.byId(id)
  }

  /**
   * The nodes of a class, or all, in the order of the graph; with `every` only each so manieth, which is
   * nearly so many times as fast. Lazy: millions take no memory.
   */
  *nodes(options: { className?: string; every?: number } = {}): IterableIterator<HeapNode> {
    checkOptions(options, ['className', 'every'], 'graph.nodes')
    const { className, every = 1 } = options
    checkInteger(every, 'every', 1, 2 ** 31)
    if (className === undefined) {
      const count = attempt(() => native.graphInfo(this.#handle))[0]!
      for (let index = 0; index < count; index += every) yield this.#source.node(index)
      return
    }
    if (typeof className !== 'string') {
      throw invalidArgument(`className must be a string, not ${describe(className)}`)
    }
    let seen = 0
    for (const classIndex of attempt(() => native.classesNamed(this.#handle, className))) {
      const indexes = this.#source.eachIndex((from, limit) =>
        native.nodesOfClass(this.#handle, classIndex, from, limit),
      )
      for (const index of indexes) if (seen++ % every === 0) yield this.#source.node(index)
    }
  }

  /**
   * How many references the program holds to it. V8's backing stores count as their owner, a WeakMap's
   * entry once, weak references and V8's own not at all: `refCounts` tells those.
   */
  refCount(node: HeapNode | number): number {
    return this.refCounts(node).references
  }

  refCounts(node: HeapNode | number): RefCounts {
    const index = this.#source.indexOf(node)
    const counts = attempt(() => native.refCount(this.#handle, index))
    return { references: counts[0]!, internal: counts[1]!, roots: counts[2]!, weak: counts[3]! }
  }

  /**
   * Every edge of V8's that leads to it. The first call on a graph builds an index, on this thread:
   * 0.1 µs an edge, unless `prepareReferrers` was called.
   */
  referrers(node: HeapNode | number): References {
    const index = this.#source.indexOf(node)
    const read = (from: number, limit: number) => native.referrers(this.#handle, index, from, limit)
    return new References(this.#source, read)
  }

  /** Builds that index on another thread. */
  async prepareReferrers(options: JobOptions = {}): Promise<void> {
    checkOptions(options, jobOptionNames, 'graph.prepareReferrers')
    checkJobOptions(options)
    await runJob<undefined>((done) => native.prepareReferrers(this.#handle, done), options)
  }

  /** Every edge of V8's that leaves it, in V8's order. */
  referents(node: HeapNode | number): References {
    const index = this.#source.indexOf(node)
    const read = (from: number, limit: number) => native.referents(this.#handle, index, from, limit)
    return new References(this.#source, read)
  }

  /** Bytes that would be freed with it. */
  retainedSize(node: HeapNode | number): number {
    return this.#source.figures(this.#source.indexOf(node))[3]!
  }

  /** The nearest object without which it would be freed; null of the root. */
  dominator(node: HeapNode | number): HeapNode | null {
    const index = this.#source.figures(this.#source.indexOf(node))[4]!
    return index === NO_NODE ? null : this.#source.node(index)
  }

  /** The nodes whose dominator it is. Lazy. */
  dominated(node: HeapNode | number): IterableIterator<HeapNode> {
    const index = this.#source.indexOf(node)
    return this.#source.each((from, limit) => native.dominated(this.#handle, index, from, limit))
  }

  /**
   * Ways by which it is held, from a root: the shortest first, those over edges that usually explain
   * nothing last; the same in the same order every time. Empty where nothing holds it.
   */
  async retainingPaths(
    node: HeapNode | number,
    options: PathOptions = {},
  ): Promise<RetainingPath[]> {
    checkOptions(options, [...jobOptionNames, 'limit'], 'graph.retainingPaths')
    checkJobOptions(options)
    const { limit = 1 } = options
    checkInteger(limit, 'limit', 1, 10_000)
    const index = this.#source.indexOf(node)
    const paths = await runJob<NativePath[]>(
      (done) => native.retainingPaths(this.#handle, index, limit, done),
      options,
    )
    return paths.map((path) => retainingPath(this.#steps(path)))
  }

  /**
   * The shortest chain of references to a node, from the nearest one that `from` accepts, as a path;
   * of the node alone where there is none within `maxDepth`. Searched backwards on this thread: give
   * a depth where the graph is large.
   */
  chain(node: HeapNode | number, options: ChainOptions): RetainingPath {
    const target = this.#source.node(this.#source.indexOf(node))
    return retainingPath(findChain((at) => this.referrers(at), target, options))
  }

  /**
   * The instances of a tracked class, and of those derived from it, that had lived longest when the
   * graph was taken, with what holds each: of those that were followed then.
   */
  async oldest(clsOrName: Constructor | string, limit = 10): Promise<OldInstance[]> {
    attempt(() => native.graphInfo(this.#handle)) // released: what follows might not ask it anything
    const pathTo = async (node: HeapNode) => (await this.retainingPaths(node))[0] ?? null
    const node = (index: number) => this.#source.node(index)
    return findOldest({ followed: this.#origin.followed, node, pathTo }, clsOrName, limit)
  }

  /** Objects that hold each other, what retains most first. Not leaks: V8 collects them. */
  cycles(options: CycleOptions = {}): Promise<Cycle[]> {
    return findCycles(this.#source, options)
  }

  /**
   * Where a leak is likely, by Eclipse MAT's thresholds, in sentences with numbers. A class is named
   * as a group only where none of its objects is suspect alone, so a lower `share` can name single
   * objects in a group's place.
   */
  suspects(options: SuspectOptions = {}): Promise<Suspect[]> {
    const pathTo = async (node: HeapNode) => {
      const { signal, onProgress } = options
      const job = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
      return (await this.retainingPaths(node, job))[0]
    }
    return findSuspects(this.#source, this.info.bytes, options, pathTo)
  }

  /**
   * What changed since an earlier graph, by class, and by object where they can be compared. At once, on
   * this thread: by class in no time, by object 0.1 µs a node. `diffAsync` does it on another.
   */
  diff(earlier: HeapGraph, options: DiffOptions = {}): GraphDiff {
    checkOptions(options, ['byObject'], 'graph.diff')
    return compare(this.#source, ...this.#comparison(earlier, options))
  }

  /** The same on another thread. */
  async diffAsync(earlier: HeapGraph, options: DiffOptions & JobOptions = {}): Promise<GraphDiff> {
    checkOptions(options, [...jobOptionNames, 'byObject'], 'graph.diffAsync')
    checkJobOptions(options)
    return compareLater(this.#source, ...this.#comparison(earlier, options), options)
  }

  /** A part of the graph in Graphviz' language. */
  toDot(selection: GraphSelection): string {
    return pictureToDot(
      choosePicture(
        {
          resolve: (node) => this.#source.node(this.#source.indexOf(node)),
          references: (node, direction) => this[direction](node),
        },
        selection,
      ),
    )
  }

  /** The same as an SVG image. Needs the package @hpcc-js/wasm-graphviz. */
  async toSvg(selection: GraphSelection): Promise<string> {
    return dotToSvg(this.toDot(selection))
  }

  /**
   * Writes a file that DevTools and memlab open. Names of classes, functions and properties are in it
   * either way; of strings only the lengths, unless `strings: 'keep'`. A captured graph has neither
   * lengths nor contents of strings: a capture does not read them.
   */
  writeHeapSnapshot(path: string, options: WriteOptions = {}): Promise<void> {
    return writeSnapshotFile(this.#handle, path, options)
  }

  /** Writes the graph as it is, for `HeapGraph.open`: contents that it has included, mode 0600. */
  save(path: string, options: JobOptions = {}): Promise<void> {
    return saveGraphFile(this.#handle, path, options)
  }

  /** Frees the memory now. */
  [Symbol.dispose](): void {
    native.releaseGraph(this.#handle)
    delete this.#origin.noted // in a later graph it would show
  }

  #comparison(earlier: HeapGraph, options: DiffOptions): [NodeSource, boolean] {
    if (!isObject(earlier) || !(#source in earlier)) {
      throw invalidArgument(`diff takes the earlier HeapGraph, not ${describe(earlier)}`)
    }
    const { idEpoch: epoch } = this.#origin
    const { mode: before, idEpoch: epochBefore } = earlier.#origin
    const { byObject = epoch !== undefined && epoch === epochBefore } = options
    const live = this.#origin.mode === 'in-process' && before === 'in-process'
    const comparable = [this, earlier].every((graph) => graph.#hasComparableIds)
    if (byObject && earlier !== this && (!comparable || (live && epoch !== epochBefore))) {
      throw new HeapscopeError(
        'ERR_HEAPSCOPE_NOT_IN_GRAPH',
        'the two do not call an object by the same id: a twin numbers anew, and V8 forgets its ids ' +
          'after a capture; capture both in-process, with keepIds: true',
      )
    }
    return [earlier.#source, byObject]
  }

  get #hasComparableIds(): boolean {
    return attempt(() => native.graphInfo(this.#handle))[12] === 1
  }

  #steps({ nodes, types, names }: NativePath): HeapReference[] {
    return Array.from(types, (type, i) => ({
      type: edgeType(type),
      name: names[i]!,
      node: this.#source.node(nodes[i + 1]!),
    }))
  }
}
