import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import { grownIn, ownerShapes, sizesOf, type OwnerShape, type OwnerSizes } from './owner-shapes.js'
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
  /** As text: objects of ours would be in the next graph, and new there. */
  #owned = new Map<string, string>()
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
    const known = this.#owned
    this.#owned = new Map()
    for (const row of suspects.slice(0, mostExplained)) {
      this.#owned.set(row.className, known.get(row.className) ?? toText(ownedIn(graph, row)))
    }
  }

  /** Instances in a later graph that came since, owned as most of those are. */
  grown(graph: HeapGraph, row: GrowingClass): HeapNode[] {
    const { className, growth, perPeriod } = row
    const known = this.#owned.get(className)
    if (known !== undefined && perPeriod > 0) {
      const before = fromText(known)
      const grownBy = ({ shape, count }: OwnerShape) => count - (before.get(shape)?.count ?? 0)
      const [most] = [...sampledShapes(graph, row)].sort((a, b) => grownBy(b) - grownBy(a))
      if (most && grownBy(most) > 0) {
        const { sizes = [] } = before.get(most.shape) ?? {}
        return sampling(row) === 1 ? grownIn(graph, className, most, sizes) : most.nodes
      }
    }
    return likelyGrown(graph, className, perPeriod === 0 ? 0 : growth)
  }
}

/** Of one shape. */
interface Owned {
  count: number
  /** Empty of a sample, whose sizes go by chance. */
  sizes: OwnerSizes
}

function ownedIn(graph: HeapGraph, row: GrowingClass): ReadonlyMap<string, Owned> {
  const isWhole = sampling(row) === 1
  return new Map(
    Array.from(sampledShapes(graph, row), (shape) => [
      shape.shape,
      { count: shape.count, sizes: isWhole ? sizesOf(shape) : [] },
    ]),
  )
}

function toText(owned: ReadonlyMap<string, Owned>): string {
  const rows = Array.from(owned, ([shape, { count, sizes }]): Row => {
    return [shape, count, sizes.map((each) => [...each])]
  })
  return JSON.stringify(rows)
}

function fromText(text: string): ReadonlyMap<string, Owned> {
  return new Map(
    (JSON.parse(text) as Row[]).map(([shape, count, sizes]) => [
      shape,
      { count, sizes: sizes.map((each) => new Map(each)) },
    ]),
  )
}

type Row = [shape: string, count: number, sizes: [size: number, owners: number][][]]

function sampledShapes(graph: HeapGraph, row: GrowingClass): Iterable<OwnerShape> {
  return ownerShapes(graph, row.className, sampling(row)).values()
}

/** One instance stands for so many. */
function sampling({ count }: GrowingClass): number {
  return Math.max(1, Math.ceil(count / mostLookedAt))
}
