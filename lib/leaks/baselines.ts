import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import { ownerShapes, type OwnerShape } from './owner-shapes.js'
import { likelyGrown } from './typical-path.js'
import type { GrowingClass } from './verdict.js'

/** So many suspects are followed: of more the paths are alike, what they hold grows with them. */
export const mostExplained = 3

/** Of a class with more instances, so many stand for all: they are looked at between two snapshots. */
const mostLookedAt = 10_000

/**
 * How many instances were alive at the last full collection that a detector ran itself, and how those of
 * suspected classes were owned when they became suspect, so that what came since can be told from what
 * was always there.
 */
export class Baselines {
  #counts = new Map<string, ReadonlyMap<string, number>>()
  #living: { snapshot: number; counts: ReadonlyMap<string, number> }[] = []

  /**
   * To be called right after a full collection, with the instances that there are of each class, and the
   * number of the snapshot that this is before.
   */
  noteLiving(counts: ReadonlyMap<string, number>, snapshot: number): void {
    this.#living.push({ snapshot, counts })
  }

  /** How many were alive when that was last known before a snapshot; 0 where it never was. */
  livingBefore(snapshot: number, className: string): number {
    const usable = this.#living.filter((known) => known.snapshot <= snapshot)
    if (usable.length > 1) this.#living.splice(0, usable.length - 1) // windows only move on
    return usable.at(-1)?.counts.get(className) ?? 0
  }

  /** To be called after each snapshot, with its graph. */
  note(graph: HeapGraph, suspects: readonly GrowingClass[]): void {
    const known = this.#counts
    this.#counts = new Map()
    for (const row of suspects.slice(0, mostExplained)) {
      this.#counts.set(row.className, known.get(row.className) ?? countsOf(graph, row))
    }
  }

  /** Instances in a later graph that are owned as those are of which most came. */
  grown(graph: HeapGraph, row: GrowingClass): HeapNode[] {
    const { className, growth, perPeriod } = row
    const before = this.#counts.get(className)
    if (before && perPeriod > 0) {
      const grownBy = (shape: string, count: number) => count - (before.get(shape) ?? 0)
      const [most] = [...sampledShapes(graph, row)].sort(
        (a, b) => grownBy(b.shape, b.count) - grownBy(a.shape, a.count),
      )
      if (most && grownBy(most.shape, most.count) > 0) return most.nodes
    }
    return likelyGrown(graph, className, perPeriod === 0 ? 0 : growth)
  }
}

function countsOf(graph: HeapGraph, row: GrowingClass): ReadonlyMap<string, number> {
  return new Map([...sampledShapes(graph, row)].map(({ shape, count }) => [shape, count]))
}

function sampledShapes(graph: HeapGraph, { className, count }: GrowingClass): Iterable<OwnerShape> {
  return ownerShapes(graph, className, Math.max(1, Math.ceil(count / mostLookedAt))).values()
}
