import { captureHeap } from '../graph/capture.js'
import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import type { RetainingPath } from '../graph/path-text.js'
import { invalidArgument } from '../errors.js'
import { checkInteger, checkOptions, describe, isObject } from '../options.js'
import { allRecords, liveInstancesOf } from '../tracking/registry.js'
import { tracker } from '../tracking/tracker.js'
import type { UnclosedEvent } from '../tracking/unclosed.js'
import { spread } from './growth.js'
import { graphOptions, type GraphOptions } from './graph-options.js'
import { settleHeap } from './settle-heap.js'
import { Ring } from './ring.js'

export interface OrphanOptions {
  /** Pools, caches and the like, by any names: what is open and held by nothing else is forgotten. */
  holders?: Readonly<Record<string, object>>
  /** Of each class at most so many instances are looked at. 1000. */
  limit?: number
  capture?: GraphOptions
}

export interface Orphan {
  className: string
  id: number
  ageMs: number
  path: RetainingPath | null
}

export interface OrphanReport {
  /** Closed, but something still holds them. */
  closedButReferenced: Orphan[]
  /** Open, and held by nothing but a timer or one of `holders`, which is named. */
  openOnlyIn: (Orphan & { holder: string })[]
  /** Collected though they were never closed, since the first call: the last thousand. */
  collectedUnclosed: UnclosedEvent[]
}

const unclosed = new Ring<UnclosedEvent>(1000)
let listening: Disposable | undefined

/**
 * Looks for instances of tracked classes that nobody looks after any more. Runs full collections and
 * takes a graph. What was collected unclosed is recorded from the first call on.
 */
export async function findOrphaned(options: OrphanOptions = {}): Promise<OrphanReport> {
  checkOptions(options, ['holders', 'limit', 'capture'], 'findOrphaned')
  const { holders = {}, limit = 1000 } = options
  const capture = graphOptions(options.capture)
  checkInteger(limit, 'limit', 1, 1e6)
  checkHolders(holders)
  listening ??= tracker.onUnclosed((event) => {
    unclosed.push(event)
  })
  await settleHeap()
  const found: OrphanReport = {
    closedButReferenced: [],
    openOnlyIn: [],
    collectedUnclosed: [...unclosed.items],
  }
  const objects = candidates(limit, holders)
  const graph = await captureHeap({ ...capture, objects })
  try {
    const named = new Map(
      Object.entries(holders).map(([name, holder]) => [graph.nodeOf(holder)?.index, name] as const),
    )
    for (const [name, object] of Object.entries(objects)) {
      const node = name.startsWith('instance ') ? graph.nodeOf(object) : null
      if (node) await classify(graph, node, object, named, found)
    }
  } finally {
    graph[Symbol.dispose]()
  }
  return found
}

function checkHolders(holders: unknown): void {
  if (typeof holders !== 'object' || holders === null) {
    throw invalidArgument(`holders must be an object of objects, not ${describe(holders)}`)
  }
  for (const [name, holder] of Object.entries(holders)) {
    if (isObject(holder)) continue
    throw invalidArgument(`holders.${name} must be an object, not ${describe(holder)}`)
  }
}

function candidates(limit: number, holders: Readonly<Record<string, object>>) {
  const objects: Record<string, object> = {}
  let i = 0
  for (const instances of allRecords().map(liveInstancesOf)) {
    for (const instance of spread(instances, limit)) objects[`instance ${i++}`] = instance
  }
  for (const [name, holder] of Object.entries(holders)) objects[`holder ${name}`] = holder
  return objects
}

async function classify(
  graph: HeapGraph,
  node: HeapNode,
  instance: object,
  holders: ReadonlyMap<number | undefined, string>,
  found: OrphanReport,
): Promise<void> {
  const metadata = tracker.metadata(instance)
  if (!metadata) return
  const { className, id, ageMs, isActive } = metadata
  const holder = isActive ? onlyHolder(graph, node, holders) : undefined
  if (isActive && holder === undefined) return
  const [path = null] = await graph.retainingPaths(node)
  if (path === null) return // only this function holds it
  const orphan = { className, id, ageMs, path }
  if (holder === undefined) found.closedButReferenced.push(orphan)
  else found.openOnlyIn.push({ ...orphan, holder })
}

const timers = new Set(['Timeout', 'Immediate', 'TimersList', 'ImmediateList'])

/** Without what dominates an object it would be freed: so nothing else holds it. */
function onlyHolder(
  graph: HeapGraph,
  node: HeapNode,
  holders: ReadonlyMap<number | undefined, string>,
): string | undefined {
  for (let at = graph.dominator(node); at !== null; at = graph.dominator(at)) {
    const name = holders.get(at.index)
    if (name !== undefined) return name
    if (timers.has(at.className)) return 'a timer'
  }
  return undefined
}
