import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import { ownerShapes } from './owner-shapes.js'
import { likelyGrown } from './typical-path.js'
import type { GrowingClass } from './verdict.js'

/** So many suspects are followed: of more the paths are alike, what they hold grows with them. */
export const mostExplained = 3

/**
 * How the instances of suspected classes were owned when they became suspect, so that those which came
 * since can be told from those that were always there.
 */
export class Baselines {
  #counts = new Map<string, ReadonlyMap<string, number>>()

  /** To be called after each snapshot, with its graph. */
  note(graph: HeapGraph, suspects: readonly GrowingClass[]): void {
    const known = this.#counts
    this.#counts = new Map()
    for (const { className } of suspects.slice(0, mostExplained)) {
      const counts = known.get(className) ?? countsOf(graph, className)
      this.#counts.set(className, counts)
    }
  }

  /** Instances in a later graph that are owned as those are of which most came. */
  grown(graph: HeapGraph, { className, growth, perPeriod }: GrowingClass): HeapNode[] {
    const before = this.#counts.get(className)
    if (before && perPeriod > 0) {
      const grownBy = (shape: string, count: number) => count - (before.get(shape) ?? 0)
      const [most] = [...ownerShapes(graph, className).values()].sort(
        (a, b) => grownBy(b.shape, b.count) - grownBy(a.shape, a.count),
      )
      if (most && grownBy(most.shape, most.count) > 0) return most.nodes
    }
    return likelyGrown(graph, className, perPeriod === 0 ? 0 : growth)
  }
}

function countsOf(graph: HeapGraph, className: string): ReadonlyMap<string, number> {
  const shapes = ownerShapes(graph, className).values()
  return new Map([...shapes].map(({ shape, count }) => [shape, count]))
}
