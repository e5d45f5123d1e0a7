import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import type { RetainingPath } from '../graph/path-text.js'
import { spread } from './growth.js'

/** How instances of a class are held, most of them. */
export interface TypicalPath {
  path: RetainingPath
  /** So many of those looked at are held in the same way. */
  held: number
  lookedAt: number
}

const mostLookedAt = 12
/** Of a class with more, the first so many are chosen from. */
const mostListed = 100_000
/** From an instance up to where the leak comes together there are at most so many owners. */
const mostLevels = 6

/** Finds the paths of some of the nodes and tells the commonest, of those the shortest. */
export async function typicalPath(
  graph: HeapGraph,
  nodes: readonly HeapNode[],
): Promise<TypicalPath | null> {
  const byFingerprint = new Map<string, RetainingPath[]>()
  const chosen = spread(nodes, mostLookedAt)
  for (const node of chosen) {
    const [path] = await graph.retainingPaths(node)
    if (!path) continue
    const alike = byFingerprint.get(path.fingerprint) ?? []
    byFingerprint.set(path.fingerprint, [...alike, path])
  }
  const [most] = [...byFingerprint.values()].sort(
    (a, b) => b.length - a.length || a[0]!.steps.length - b[0]!.steps.length,
  )
  return most ? { path: most[0]!, held: most.length, lookedAt: chosen.length } : null
}

/**
 * The instances of a class that are likely to be those that came, of which there were `growth`. They
 * come together somewhere: in the smallest part of the dominator tree that has so many of the class.
 * Where their number did not grow it is the largest that did.
 */
export function likelyGrown(graph: HeapGraph, className: string, growth: number): HeapNode[] {
  if (growth <= 0) return largestOf(graph, className)
  const nodes: HeapNode[] = []
  for (const node of graph.nodes({ className })) {
    if (nodes.length === mostListed) break
    nodes.push(node)
  }
  let above: (HeapNode | null)[] = nodes
  for (let level = 0; level < mostLevels; level++) {
    above = above.map((node) => node && graph.dominator(node))
    const groups = new Map<number, HeapNode[]>()
    for (const [i, owner] of above.entries()) {
      if (!owner) continue
      const group = groups.get(owner.index)
      if (group) group.push(nodes[i]!)
      else groups.set(owner.index, [nodes[i]!])
    }
    const [smallest] = [...groups.values()]
      .filter(({ length }) => length >= growth)
      .sort((a, b) => a.length - b.length)
    if (smallest) return smallest
  }
  return nodes
}

/** The largest instance of a class, if there is one; of buffers with their memory. */
export function largestOf(graph: HeapGraph, className: string): HeapNode[] {
  const size = className === 'ArrayBuffer' ? 'retainedSize' : 'shallowSize'
  let largest: HeapNode | undefined
  for (const node of graph.nodes({ className })) {
    if (!largest || node[size] > largest[size]) largest = node
  }
  return largest ? [largest] : []
}
