import { captureHeap } from '../graph/capture.js'
import type { WeakReference } from '../weakref/reference.js'
import type { GraphOptions } from './graph-options.js'
import { settleHeap } from './settle-heap.js'

/**
 * How many strong references the program holds to each target: one graph for all. 0 for the dead, and
 * for what only weak references lead to.
 */
export async function countReferences(
  targets: ReadonlyMap<string, WeakReference>,
  options: GraphOptions,
): Promise<Map<string, number>> {
  await settleHeap()
  const counts = new Map([...targets.keys()].map((name) => [name, 0]))
  const objects = living(targets)
  const names = Object.keys(objects)
  if (names.length === 0) return counts
  const graph = await captureHeap({ ...options, objects })
  try {
    for (const name of names) {
      const node = graph.nodeOf(objects[name]!)
      if (node) counts.set(name, graph.refCount(node))
    }
  } finally {
    graph[Symbol.dispose]()
  }
  return counts
}

function living(targets: ReadonlyMap<string, WeakReference>): Record<string, object> {
  const objects = Object.create(null) as Record<string, object>
  for (const [name, reference] of targets) {
    const target = reference.deref()
    if (target) objects[name] = target
  }
  return objects
}
