import { captureHeap, type CaptureOptions } from '../graph/capture.js'
import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import { native } from '../native.js'
import { isObject } from '../options.js'
import { face, start, type Notified } from './deliver.js'
import { targetOf, type Link } from './link.js'

/** A reference, proxy, weak method or finalizer whose own callback holds its target. */
export interface SelfHeld {
  /** What the user knows it as. */
  source: object
  /** The shortest way from such a one to the target, as text. */
  path: string
}

/**
 * Finds the targets that live only because the callback of a reference, or a finalizer's function or
 * argument, leads to them: their own, or one another's. These never die. For development: captures the
 * heap graph, at the cost of `captureHeap`, whose options it takes.
 */
export async function findSelfHeld(
  options: Omit<CaptureOptions, 'objects' | 'keepIds'> = {},
): Promise<SelfHeld[]> {
  start()
  const objects = linked()
  const graph = await captureHeap({ ...options, objects })
  const count = (Object.keys(objects).length - 1) / 2
  const indexOf = (name: string) => graph.nodeOf(objects[name]!)?.index ?? -1
  const links = new Set<number>()
  for (let i = 0; i < count; i++) links.add(indexOf(`link${i}`))
  const passed = new Set(links).add(indexOf('record'))

  const found: SelfHeld[] = []
  for (let i = 0; i < count; i++) {
    const target = graph.nodeOf(objects[`target${i}`]!)
    if (!target || !isHeldOnlyBy(graph, passed, target)) continue
    const chain = graph.chain(target, { from: ({ index }) => links.has(index) })
    const link = objects[`link${i}`] as Notified
    found.push({ source: link[face](), path: chain.text })
  }
  return found
}

/** The living links with a callback, their targets, and the record itself: for the graph to find. */
function linked(): Record<string, object> {
  const objects: Record<string, object> = {}
  objects.record = objects
  let i = 0
  for (const link of native.linksNotifying() as Link[]) {
    const target = targetOf(link)
    if (!isObject(target)) continue
    objects[`target${i}`] = target
    objects[`link${i++}`] = link
  }
  return objects
}

// Who is held by more than so many others is not held by a callback alone. The capture itself has the
// targets in its handle scope.
const mostHolders = 100_000

/** Whether every way back from the node, to the roots, leads through one of those `passed` over. */
function isHeldOnlyBy(graph: HeapGraph, passed: Set<number>, node: HeapNode): boolean {
  const seen = new Set([node.index])
  const queue = [node]
  for (const at of queue) {
    if (at.type === 'synthetic' || queue.length > mostHolders) return false
    for (const { type, node: holder } of graph.referrers(at)) {
      if (type === 'weak' || type === 'shortcut' || holder.name === '(Handle scope)') continue
      if (seen.has(holder.index) || passed.has(holder.index)) continue
      seen.add(holder.index)
      queue.push(holder)
    }
  }
  return true
}
