import { checkFunction, checkInteger, checkOptions } from '../options.js'
import type { References } from './graph-node.js'
import type { HeapNode, HeapReference } from './node.js'

export interface ChainOptions {
  /** Where the chain may begin. */
  from: (node: HeapNode) => boolean
  /** At most so many references. 20. */
  maxDepth?: number
}

interface Found {
  node: HeapNode
  /** The reference that leads on towards the target. */
  next: { reference: Omit<HeapReference, 'node'>; at: Found } | undefined
}

/** Backwards from the target, breadth first; ties by the order of the graph. */
export function findChain(
  referrers: (node: HeapNode) => References,
  target: HeapNode,
  options: ChainOptions,
): HeapReference[] {
  checkOptions(options, ['from', 'maxDepth'], 'graph.chain')
  const { from, maxDepth = 20 } = options
  checkFunction(from, 'from')
  checkInteger(maxDepth, 'maxDepth', 0, 1_000_000)
  const seen = new Set([target.index])
  let level: Found[] = [{ node: target, next: undefined }]
  if (from(target)) return told(level[0]!)
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const further: Found[] = []
    for (const at of level) {
      for (const { type, name, node } of referrers(at.node)) {
        if (type === 'weak' || type === 'shortcut' || seen.has(node.index)) continue
        seen.add(node.index)
        const found: Found = { node, next: { reference: { type, name }, at } }
        if (from(node)) return told(found)
        further.push(found)
      }
    }
    level = further
  }
  return told({ node: target, next: undefined })
}

/** The first has no reference that leads to it: its own is empty. */
function told(first: Found): HeapReference[] {
  const steps: HeapReference[] = [{ type: 'shortcut', name: '', node: first.node }]
  for (let at = first.next; at; at = at.at.next) {
    steps.push({ ...at.reference, node: at.at.node })
  }
  return steps
}
