import { captureHeap } from '../graph/capture.js'
import { readFigures } from '../tracking/figures.js'
import { allRecords, liveInstancesOf } from '../tracking/registry.js'
import { tracker } from '../tracking/tracker.js'
import { creditedSizes, exclusiveSizes } from './credited-sizes.js'
import type { Followed } from './followed.js'
import type { GraphOptions } from './graph-options.js'
import { settleHeap } from './settle-heap.js'
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

/** How many instances are alive, by class name. */
export type LiveCounts = ReadonlyMap<string, number>

export interface TrackedNowOptions {
  /** Of each class at most so many instances are sized, the same ones again while they live. */
  limit: number
  followed: Followed
  resolution: number
  capture: GraphOptions
}

/**
 * How many instances of all tracked classes are alive, and these with their sizes, oldest first. Runs
 * full collections and takes a graph.
 */
export async function trackedNow(
  options: TrackedNowOptions,
): Promise<{ live: LiveCounts; rows: TrackedNow[] }> {
  await settleHeap()
  const { rows, objects, live } = livingInstances(options)
  return { live, rows: rows.length === 0 ? [] : await sized(rows, objects, options) }
}

type Unsized = Omit<TrackedNow, 'size' | 'ownSize' | 'members'>

async function sized(
  rows: readonly Unsized[],
  objects: Readonly<Record<string, object>>,
  { resolution, capture }: TrackedNowOptions,
): Promise<TrackedNow[]> {
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
      const row = { ...found[i]!.row, size: credit.size, ownSize }
      return resolution === 0 ? row : { ...row, members: parts.of(credit, resolution) }
    })
  } finally {
    graph[Symbol.dispose]()
  }
}

/** In a function of its own: while one waits its frame holds its variables. */
function livingInstances({ limit, followed }: TrackedNowOptions) {
  const rows: (Unsized & { instance: object })[] = []
  const live = new Map<string, number>()
  for (const record of allRecords()) {
    const { index, name } = record
    const instances = liveInstancesOf(record)
    const alive = Math.max(instances.length, Math.round(readFigures(record).live))
    if (alive > 0) live.set(name, (live.get(name) ?? 0) + alive)
    for (const instance of followed.choose(instances, limit)) {
      const metadata = tracker.metadata(instance)
      if (!metadata) continue
      const { id, createdAt } = metadata
      const key = `${index}:${id}`
      followed.add(key, instance)
      rows.push({ key, className: name, id, bornAt: Date.parse(createdAt), instance })
    }
  }
  rows.sort((a, b) => a.bornAt - b.bornAt || a.id - b.id)
  const objects = Object.fromEntries(rows.map(({ instance }, i) => [`${i}`, instance]))
  return { rows: rows.map(({ instance: _, ...row }) => row), objects, live }
}
