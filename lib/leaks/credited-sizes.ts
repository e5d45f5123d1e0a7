import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'

/** More nodes than so many are not walked through in search of what objects share: a second or so. */
const mostWalked = 20_000

/** What is credited to one object: itself, what only it holds, and what it was the first to share. */
export interface Credit {
  node: HeapNode
  /** Bytes of all of it. */
  size: number
  /** What it shares with objects after it and nothing else holds, each with all that only that holds. */
  shared: HeapNode[]
}

/**
 * What a group of objects holds, each byte credited once: to the object that alone holds it; of what
 * only several of them hold together to the first of these; the objects themselves never to each
 * other. So the sum is what would be freed with all of them, but for shared objects that refer to
 * each other in a ring.
 */
export async function creditedSizes(
  graph: HeapGraph,
  nodes: readonly HeapNode[],
  sizeOf = exclusiveSizes(graph, nodes),
): Promise<Credit[]> {
  await graph.prepareReferrers()
  return new Crediting(graph, nodes, sizeOf).run()
}

/** Bytes of a node and all that only it holds, without the objects of the group among that. */
export type SizeOf = (node: HeapNode) => number

export function exclusiveSizes(graph: HeapGraph, nodes: readonly HeapNode[]): SizeOf {
  const group = new Set(nodes.map(({ index }) => index))
  const beneath = new Map<number, number>()
  for (const node of nodes) {
    let at: HeapNode | null = node
    do {
      at = graph.dominator(at)
      if (at) beneath.set(at.index, (beneath.get(at.index) ?? 0) + node.retainedSize)
    } while (at && !group.has(at.index))
  }
  return (node) => node.retainedSize - (beneath.get(node.index) ?? 0)
}

class Crediting {
  readonly #graph: HeapGraph
  readonly #sizeOf: SizeOf
  readonly #credits: Credit[]
  /** By the index of a node that is credited with all it dominates: whose it is. */
  readonly #owners = new Map<number, Credit>()
  readonly #inside = new Map<number, Credit>()
  /** The same for nodes that are nobody's, until the next one is credited. */
  readonly #outside = new Set<number>()
  /** Referred to by an object, but by something outside too, as far as is known. */
  readonly #refused = new Map<number, [node: HeapNode, credit: Credit]>()
  #walked = 0

  constructor(graph: HeapGraph, nodes: readonly HeapNode[], sizeOf: SizeOf) {
    this.#graph = graph
    this.#sizeOf = sizeOf
    this.#credits = nodes.map((node) => ({ node, size: sizeOf(node), shared: [] }))
    for (const credit of this.#credits) this.#owners.set(credit.node.index, credit)
  }

  run(): Credit[] {
    for (const credit of this.#credits) this.#walk(credit.node, credit)
    // What was refused may be held by nothing but what was credited since.
    for (let before = -1; before !== this.#owners.size;) {
      before = this.#owners.size
      for (const [node, credit] of [...this.#refused.values()]) this.#consider(node, credit)
    }
    return this.#credits
  }

  /** Goes through what only `from` holds, and looks at what that refers to besides. */
  #walk(from: HeapNode, credit: Credit): void {
    const open = [from]
    while (open.length > 0 && this.#walked < mostWalked) {
      const node = open.pop()!
      this.#walked++
      for (const { type, node: next } of this.#graph.referents(node)) {
        if (type === 'weak' || this.#refused.has(next.index) || this.#ownerOf(next)) continue
        this.#consider(next, credit)
      }
      for (const inner of this.#graph.dominated(node)) {
        if (!this.#owners.has(inner.index)) open.push(inner)
      }
    }
  }

  /** Credits a node, with all that only it holds, where nothing outside refers to it. */
  #consider(node: HeapNode, credit: Credit): void {
    for (const { type, node: holder } of this.#graph.referrers(node)) {
      if (type === 'weak' || this.#ownerOf(holder) || this.#isBeneath(holder, node)) continue
      this.#refused.set(node.index, [node, credit])
      return
    }
    this.#refused.delete(node.index)
    this.#owners.set(node.index, credit)
    this.#outside.clear()
    credit.size += this.#sizeOf(node)
    credit.shared.push(node)
    this.#walk(node, credit)
  }

  /** Whose the nearest credited node at or above it is. What is found counts for all nodes on the way. */
  #ownerOf(node: HeapNode): Credit | undefined {
    const way: number[] = []
    let owner: Credit | undefined
    for (let at: HeapNode | null = node; at !== null; at = this.#graph.dominator(at)) {
      owner = this.#owners.get(at.index) ?? this.#inside.get(at.index)
      if (owner || this.#outside.has(at.index)) break
      way.push(at.index)
    }
    for (const index of way) {
      if (owner) this.#inside.set(index, owner)
      else this.#outside.add(index)
    }
    return owner
  }

  #isBeneath(node: HeapNode, above: HeapNode): boolean {
    for (let at: HeapNode | null = node; at !== null; at = this.#graph.dominator(at)) {
      if (at.index === above.index) return true
    }
    return false
  }
}
