import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import type { Credit, SizeOf } from './credited-sizes.js'

/** A part of an object, by what holds it there. Its size contains its members'. */
export interface SizeMember {
  /** The property, index or variable; `(shared)` of what other objects hold too. */
  name: string
  className: string
  /** Bytes. */
  size: number
  members?: SizeMember[]
}

/** Beyond the largest so many the members are one together. */
const mostMembers = 20

/** What objects consist of: with their own bytes their members sum up to what they are credited with. */
export class SizeMembers {
  constructor(
    private readonly graph: HeapGraph,
    private readonly tracked: ReadonlySet<number>,
    private readonly sizeOf: SizeOf,
  ) {}

  /** The members, those of members in turn, so many levels deep. */
  of({ node, shared }: Credit, levels: number): SizeMember[] {
    const together = shared.map((one) => this.#member(one, '(shared)', levels))
    return largest([...this.#heldBy(node, levels), ...together])
  }

  #heldBy(holder: HeapNode, levels: number): SizeMember[] {
    const names = new Map<number, string>()
    for (const { type, name, node } of this.graph.referents(holder)) {
      if (type !== 'weak' && !names.has(node.index)) names.set(node.index, String(name))
    }
    return [...this.graph.dominated(holder)]
      .filter(({ index }) => !this.tracked.has(index))
      .map((node) => this.#member(node, names.get(node.index) ?? '(inside)', levels))
      .filter(({ size }) => size > 0) // backing stores are counted with their owners
  }

  #member(node: HeapNode, name: string, levels: number): SizeMember {
    const member = { name, className: node.className, size: this.sizeOf(node) }
    return levels === 1 ? member : { ...member, members: largest(this.#heldBy(node, levels - 1)) }
  }
}

function largest(members: SizeMember[]): SizeMember[] {
  members.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1))
  const rest = members.splice(mostMembers)
  if (rest.length === 0) return members
  const size = rest.reduce((sum, one) => sum + one.size, 0)
  return [...members, { name: `${rest.length} more`, className: '', size }]
}
