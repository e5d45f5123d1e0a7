import { captureHeap } from '../graph/capture.js'
import { native } from '../native.js'
import { allRecords } from '../tracking/registry.js'
import { tracker } from '../tracking/tracker.js'
import { creditedSizes, exclusiveSizes } from './credited-sizes.js'
import { spread } from './growth.js'
import { settleHeap, type GraphOptions } from './reference-counts.js'
import { SizeMembers, type SizeMember } from './size-members.js'

/** An instance of a tracked class that is alive, and what it is credited with. */
export interface TrackedNow {
  /** Tells it from all others, of classes of the same name too. */
  key: string
  className: string
  id: number
  /** Milliseconds since 1970. */
  bornAt: number
  size: number
  /** Its own bytes: `size` without the members. */
  ownSize: number
  members?: SizeMember[]
}

/**
 * The living instances of all tracked classes with their sizes, oldest first; of each class at most
 * `limit`. Runs full collections and takes a graph.
 */
export async function trackedNow(
  limit: number,
  resolution: number,
  capture: GraphOptions,
): Promise<TrackedNow[]> {
  await settleHeap()
  const { rows, objects } = livingInstances(limit)
  if (rows.length === 0) return []
  const graph = await captureHeap({ ...capture, objects })
  try {
    const found = rows.flatMap((row, i) => {
      const node = graph.nodeOf(objects[`${i}`]!)
      return node ? [{ row, node }] : []
    })
    const nodes = found.map(({ node }) => node)
    const sizeOf = exclusiveSizes(graph, nodes)
    const parts = new SizeMembers(graph, new Set(nodes.map(({ index }) => index)), sizeOf)
    const credits = await creditedSizes(graph, nodes, sizeOf)
    return credits.map((credit, i) => {
      const { shallowSize: ownSize } = credit.node
      const sized = { ...found[i]!.row, size: credit.size, ownSize }
      return resolution === 0 ? sized : { ...sized, members: parts.of(credit, resolution) }
    })
  } finally {
    graph[Symbol.dispose]()
  }
}

/** In a function of its own: while one waits its frame holds its variables. */
function livingInstances(limit: number) {
  const rows: (Omit<TrackedNow, 'size' | 'ownSize'> & { instance: object })[] = []
  for (const { index, ended } of allRecords()) {
    const instances = ended ? [] : native.liveInstances(index)
    for (const instance of spread<object>(instances, limit)) {
      const metadata = tracker.metadata(instance)
      if (!metadata) continue
      const { className, id, createdAt } = metadata
      rows.push({ key: `${index}:${id}`, className, id, bornAt: Date.parse(createdAt), instance })
    }
  }
  rows.sort((a, b) => a.bornAt - b.bornAt || a.id - b.id)
  const objects = Object.fromEntries(rows.map(({ instance }, i) => [`${i}`, instance]))
  return { rows: rows.map(({ instance: _, ...row }) => row), objects }
}
