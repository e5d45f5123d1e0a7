import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect } from '../gc/collect.js'
import { captureHeap, type CaptureOptions } from '../graph/capture.js'
import type { WeakReference } from '../weakref/reference.js'

/** How heap graphs are taken: `captureHeap`'s own, but for what is decided here. */
export type GraphOptions = Omit<CaptureOptions, 'objects' | 'keepIds'>

/**
 * Lets what nothing holds die: full collections between turns of the event loop, because a job holds
 * what it took out of a weak reference to its end.
 */
export async function settleHeap(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await nextTurn()
    collect()
  }
}

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
