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
  /** By level above the instances: how many of them each owner there owns, by its index. */
  owners: Map<number, number>[]
}

/** By level above the instances: how many owners own so many of them. Comparable between graphs. */
export type OwnerSizes = readonly ReadonlyMap<number, number>[]

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
  const ownersOf = ownersIn(graph)
  for (const node of graph.nodes({ className, every })) {
    const owners = ownersOf(node)
    if (owners === null) continue
    const shape = shapeOf(className, owners)
    let known = shapes.get(shape)
    if (!known) {
      known = { shape, count: 0, nodes: [], owners: owners.map(() => new Map<number, number>()) }
      shapes.set(shape, known)
    }
    known.count += every
    if (known.nodes.length < mostKept) known.nodes.push(node)
    for (const [level, { index }] of owners.entries()) addTo(known.owners[level]!, index)
  }
  return shapes
}

export function sizesOf({ owners }: OwnerShape): OwnerSizes {
  return owners.map((counts) => {
    const sizes = new Map<number, number>()
    for (const count of counts.values()) addTo(sizes, count)
    return sizes
  })
}

/**
 * Of a shape those instances that came since its owners had the sizes given, and their neighbours: what
 * is owned by objects that own a number of them that more do now than did then. At the level above them that
 * leaves fewest; all where no level tells. Both must have looked at every instance.
 */
export function grownIn(
  graph: HeapGraph,
  className: string,
  shape: OwnerShape,
  before: OwnerSizes,
): HeapNode[] {
  const now = sizesOf(shape)
  let fewest = shape.count
  let grown: { level: number; owners: Set<number> } | undefined
  for (const [level, counts] of shape.owners.entries()) {
    const others = [...counts].filter(
      ([, size]) => now[level]!.get(size)! > (before[level]?.get(size) ?? 0),
    )
    const left = others.reduce((sum, [, size]) => sum + size, 0)
    if (left === 0 || left >= fewest) continue
    fewest = left
    grown = { level, owners: new Set(others.map(([index]) => index)) }
  }
  if (!grown) return shape.nodes
  const { level, owners: growing } = grown
  const nodes: HeapNode[] = []
  const ownersOf = ownersIn(graph)
  for (const node of graph.nodes({ className })) {
    const owners = ownersOf(node)
    if (!owners || shapeOf(className, owners) !== shape.shape) continue
    if (growing.has(owners[level]!.index) && nodes.push(node) === mostKept) break
  }
  return nodes
}

function shapeOf(className: string, owners: readonly Owner[]): string {
  return [className, ...owners.map(({ name }) => name)].join(' in ')
}

function addTo(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

interface Owner {
  index: number
  name: string
}

const ownRoots = /^\((?:Internalized strings|Startup object cache|Read-only roots|Strong roots)\)$/

/** What is above a node in the dominator tree, nearest first; null beneath one of V8's tables. */
function ownersIn(graph: HeapGraph): (node: HeapNode) => readonly Owner[] | null {
  const known = new Map<number, readonly Owner[] | null>()
  const above = (node: HeapNode, left: number): readonly Owner[] | null => {
    const owner = left === 0 ? null : graph.dominator(node)
    if (owner === null) return []
    const { index } = owner
    // Many nodes have one owner, and an owner's own are the same for all of them.
    const key = index * levels + left - 1
    let owners = known.get(key)
    if (owners !== undefined) return owners
    if (owner.type === 'synthetic') owners = ownRoots.test(owner.name) ? null : []
    else if (isGlobal(owner)) owners = [{ index, name: 'global' }]
    else {
      const further = above(owner, left - 1)
      const name = owner.type === 'array' ? '(array)' : owner.className
      owners = further && [{ index, name }, ...further]
    }
    known.set(key, owners)
    return owners
  }
  return (node) => above(node, levels)
}
