import type { HeapGraph } from '../graph/heap-graph.js'
import { isGlobal } from '../graph/labels.js'
import type { HeapNode } from '../graph/node.js'

/** The instances of a class that are owned in the same way. */
export interface OwnerShape {
  /** `Row in Map in Cache in global` */
  shape: string
  count: number
  /** Some of them. */
  nodes: HeapNode[]
}

const levels = 4
const mostKept = 200

/**
 * The shape of a graph around a class: its instances by the classes of the objects that own them, and
 * without which they would be freed. What is owned by V8's own roots is left out. Costs a few microseconds
 * an instance; with `every` one stands for so many.
 */
export function ownerShapes(
  graph: HeapGraph,
  className: string,
  every = 1,
): Map<string, OwnerShape> {
  const shapes = new Map<string, OwnerShape>()
  const ownerOf = ownerNames(graph)
  for (const node of graph.nodes({ className, every })) {
    const owners = ownerOf(node)
    if (owners === null) continue
    const shape = [className, ...owners].join(' in ')
    const known = shapes.get(shape)
    if (!known) {
      shapes.set(shape, { shape, count: every, nodes: [node] })
      continue
    }
    known.count += every
    if (known.nodes.length < mostKept) known.nodes.push(node)
  }
  return shapes
}

const ownRoots = /^\((?:Internalized strings|Startup object cache|Read-only roots|Strong roots)\)$/

/** The classes above a node in the dominator tree; null beneath one of V8's tables. */
function ownerNames(graph: HeapGraph): (node: HeapNode) => readonly string[] | null {
  const known = new Map<number, readonly string[] | null>()
  const above = (node: HeapNode, left: number): readonly string[] | null => {
    const owner = left === 0 ? null : graph.dominator(node)
    if (owner === null) return []
    // Many nodes have one owner, and an owner's own are the same for all of them.
    const key = owner.index * levels + left - 1
    let names = known.get(key)
    if (names !== undefined) return names
    if (owner.type === 'synthetic') names = ownRoots.test(owner.name) ? null : []
    else if (isGlobal(owner)) names = ['global']
    else {
      const further = above(owner, left - 1)
      names = further && [owner.type === 'array' ? '(array)' : owner.className, ...further]
    }
    known.set(key, names)
    return names
  }
  return (node) => above(node, levels)
}
