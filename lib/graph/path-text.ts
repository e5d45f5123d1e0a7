import { createHash } from 'node:crypto'
import { edgeLabel, isGlobal, nodeLabel, stableEdgeLabel } from './labels.js'
import type { HeapNode, HeapReference } from './node.js'

/** One way by which an object is held, from a root to it. */
export interface RetainingPath {
  /** Every edge as V8 has it, with the node it leads to. The first leaves the root. */
  readonly steps: readonly HeapReference[]
  /**
   * For people: `global.cache → Map → [42] → Order`, and `Queue.first → Job.next × 218 → Job` where a
   * list is gone along. V8's own nodes on the way are left out, and of more than 100 objects those in the
   * middle.
   */
  readonly text: string
  /** Of the text without its indexes and numbers (SHA-1, hexadecimal): the same leak, the same in every build. */
  readonly fingerprint: string
}

export function retainingPath(steps: readonly HeapReference[]): RetainingPath {
  const told = asTold(steps)
  return { steps, text: textOf(told), fingerprint: fingerprintOf(told) }
}

/**
 * What a reader needs of a path: from the global object, or from the last of the synthetic roots,
 * and without the backing stores and scopes on the way. The edge that leaves such a carrier says
 * what it carries, so that edge stands for both.
 */
function asTold(steps: readonly HeapReference[]): HeapReference[] {
  const first = firstTold(steps)
  const last = steps.length - 1
  // The last is told whatever it is: someone asked for it.
  return steps.filter(({ node }, i) => i === first || i === last || (i > first && !isCarrier(node)))
}

function firstTold(steps: readonly HeapReference[]): number {
  // Node 26 puts the native context between the root and the global object.
  const global = steps.slice(0, 2).findIndex(({ node }) => isGlobal(node))
  if (global >= 0) return global
  const afterRoots = steps.findIndex(({ node }) => node.type !== 'synthetic')
  return afterRoots < 0 ? steps.length - 1 : Math.max(0, afterRoots - 1)
}

/** Carries what its owner holds, and is no object of the program's. */
function isCarrier({ type, name }: HeapNode): boolean {
  return type === 'array' || (type === 'object' && name === 'system / Context')
}

/** Of a longer text only so many objects at each end are written. */
const longestEnd = 50

function textOf(told: readonly HeapReference[]): string {
  let text = ''
  const links = linked(told)
  const left = links.length - 2 * longestEnd
  for (const [i, { edge, times }] of links.entries()) {
    if (left > 0 && i >= longestEnd && i < longestEnd + left) {
      if (i === longestEnd) text += ` → … ${left} more … `
      continue
    }
    // `.cache` belongs to the object before it; an index and a variable stand alone.
    if (i > 0) text += `${edge.type === 'property' ? '' : ' → '}${edgeLabel(edge)}`
    if (i > 0) text += times > 1 ? ` × ${times} → ` : ' → '
    text += nodeLabel(edge.node)
  }
  return text
}

interface Link {
  edge: HeapReference
  times: number
  /** From one object to another like it. */
  listed: boolean
}

/** The links of a list, `.next` after `.next`, as one with their number. */
function linked(told: readonly HeapReference[]): Link[] {
  const links: Link[] = []
  for (const edge of told) {
    const last = links.at(-1)
    const isLink = last && edge.type === 'property' && isAlike(last.edge.node, edge.node)
    if (isLink && last.listed && edgeLabel(last.edge) === edgeLabel(edge)) {
      last.times++
      last.edge = edge // what follows hangs on the last of them
    } else {
      links.push({ edge, times: 1, listed: isLink === true })
    }
  }
  return links
}

/** Nobody who reads of them could tell one from the other. */
function isAlike(node: HeapNode, other: HeapNode): boolean {
  return nodeLabel(node) === nodeLabel(other) && ownerClass(node) === ownerClass(other)
}

function fingerprintOf(told: readonly HeapReference[]): string {
  const hash = createHash('sha1')
  let owner: HeapNode | undefined
  for (const { edge } of linked(told)) {
    if (owner) hash.update(`${ownerClass(owner)}\0${stableEdgeLabel(edge)}\n`)
    owner = edge.node
  }
  // Without its class, two kinds of object in one container would be one leak.
  if (owner) hash.update(ownerClass(owner))
  return hash.digest('hex')
}

function ownerClass(node: HeapNode): string {
  if (isGlobal(node)) return 'global'
  // V8's versions name and number the roots differently.
  if (node.type === 'synthetic') return '(roots)'
  // How plain objects are grouped by their properties depends on how many there are of each kind.
  return node.type === 'object' ? node.name : node.className
}
