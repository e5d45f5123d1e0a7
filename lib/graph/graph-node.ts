import { invalidArgument, HeapscopeError } from '../errors.js'
import { native } from '../native.js'
import { checkInteger, checkLimit, describe } from '../options.js'
import { attempt } from './jobs.js'
import {
  EDGE_TYPES,
  NO_NODE,
  NODE_TYPES,
  type NativeEdges,
  type NativeGraph,
} from './native-graph.js'
import type { HeapNode, HeapReference } from './node.js'

/** Names are cut here: a string's name is its contents, and may be a whole file. */
const longestName = 1000

/** At a time from native memory: enough to make the call cheap, too few to be felt. */
const batch = 1024

export type ReadNodes = (from: number, limit: number) => Uint32Array

/** Makes nodes of indexes. Classes are few, so their names are asked for once. */
export class NodeSource {
  readonly #classNames = new Map<number, string>()

  constructor(readonly handle: NativeGraph) {}

  node(index: number): HeapNode {
    return new GraphNode(this, index)
  }

  /** Refuses where the graph was released. */
  checkHeld(): void {
    this.figures(0)
  }

  figures(index: number): Float64Array {
    return attempt(() => native.nodeFigures(this.handle, index))
  }

  byId(id: number): HeapNode | null {
    const index = attempt(() => native.nodeById(this.handle, id))
    return index === NO_NODE ? null : this.node(index)
  }

  /** The index of a node given as such or by its id. Refuses another graph's. */
  indexOf(node: HeapNode | number): number {
    if (typeof node === 'number') {
      checkInteger(node, 'the id of a node', 0, Number.MAX_SAFE_INTEGER)
      const index = attempt(() => native.nodeById(this.handle, node))
      if (index !== NO_NODE) return index
      throw new HeapscopeError('ERR_HEAPSCOPE_NOT_IN_GRAPH', `the graph has no node @${node}`)
    }
    if (!(node instanceof GraphNode)) {
      throw invalidArgument(
        `a node of a graph, or its id, is expected, not ${describe(node)}; ` +
          'graph.nodeOf finds the node of an object',
      )
    }
    const index = node.indexIn(this)
    if (index !== undefined) return index
    throw new HeapscopeError('ERR_HEAPSCOPE_NOT_IN_GRAPH', `node @${node.id} is of another graph`)
  }

  /** Goes through what native code lists in batches, each from a node number on. */
  *eachIndex(next: ReadNodes): IterableIterator<number> {
    for (let from = 0; ;) {
      const indexes = attempt(() => next(from, batch))
      yield* indexes
      if (indexes.length < batch) return
      from = indexes.at(-1)! + 1
    }
  }

  *each(next: ReadNodes): IterableIterator<HeapNode> {
    for (const index of this.eachIndex(next)) yield this.node(index)
  }

  /** The name of a class, by its index and, where one is at hand, by a node of it. */
  className(classIndex: number, node?: number): string {
    let name = this.#classNames.get(classIndex)
    if (name === undefined) {
      const [member] =
        node === undefined
          ? attempt(() => native.nodesOfClass(this.handle, classIndex, 0, 1))
          : [node]
      name = attempt(() => native.nodeClassName(this.handle, member!))
      this.#classNames.set(classIndex, name)
    }
    return name
  }
}

/** Knows whose it is: ids and indexes alone may mean something in another graph too. */
class GraphNode implements HeapNode {
  readonly #source: NodeSource
  readonly #index: number // whatever script does to the other
  readonly id: number
  readonly type: HeapNode['type']
  readonly className: string
  readonly name: string
  readonly shallowSize: number
  readonly retainedSize: number

  constructor(
    source: NodeSource,
    readonly index: number,
  ) {
    const [type, classIndex, shallowSize, retainedSize, , id] = source.figures(index)
    this.#source = source
    this.#index = index
    this.id = id!
    this.type = NODE_TYPES[type!] ?? 'other'
    this.className = source.className(classIndex!, index)
    this.name = attempt(() => native.nodeName(source.handle, index, longestName))
    this.shallowSize = shallowSize!
    this.retainedSize = retainedSize!
  }

  indexIn(source: NodeSource): number | undefined {
    return this.#source === source ? this.#index : undefined
  }
}

/**
 * The references to or from a node. Read from native memory as one iterates: a node can have
 * millions.
 */
export class References implements Iterable<HeapReference> {
  readonly #source: NodeSource
  readonly #read: (from: number, limit: number) => NativeEdges
  /** How many there are. */
  readonly total: number

  /** @internal */
  constructor(source: NodeSource, read: (from: number, limit: number) => NativeEdges) {
    this.#source = source
    this.#read = read
    this.total = attempt(() => read(0, 1)).total
  }

  *[Symbol.iterator](): IterableIterator<HeapReference> {
    for (let from = 0; from < this.total; from += batch) {
      const { nodes, types, names } = attempt(() => this.#read(from, batch))
      for (let i = 0; i < nodes.length; i++) {
        const node = this.#source.node(nodes[i]!)
        yield { type: edgeType(types[i]!), name: names[i]!, node }
      }
    }
  }

  /** The first ones as an array; all of them where nothing is said. */
  toArray(limit = this.total): HeapReference[] {
    checkLimit(limit)
    const found: HeapReference[] = []
    for (const reference of this) {
      if (found.length >= limit) break
      found.push(reference)
    }
    return found
  }
}

export function edgeType(type: number): HeapReference['type'] {
  return EDGE_TYPES[type] ?? 'other'
}
