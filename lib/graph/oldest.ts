import { HeapscopeError } from '../errors.js'
import { checkInteger } from '../options.js'
import { toIso } from '../tracking/clock.js'
import type { Constructor } from '../tracking/options.js'
import type { ClassRecord } from '../tracking/record.js'
import { find } from '../tracking/registry.js'
import type { FollowedInstances } from './followed.js'
import type { HeapNode } from './node.js'
import type { RetainingPath } from './path-text.js'

/** A live instance of a tracked class: since when it lives, and what holds it. */
export interface OldInstance {
  node: HeapNode
  className: string
  /** Which of its class's instances it is, counted from 1. */
  id: number
  /** ISO 8601, UTC, to about 4 ms. */
  createdAt: string
  /** When the graph was taken. */
  ageMs: number
  /** The stack that made it, where it was kept (`sites`). */
  site?: string
  /** The shortest way by which it is held; null where only weak references lead to it. */
  path: RetainingPath | null
}

/** What a graph offers for it. */
export interface OldestSource {
  followed: FollowedInstances | undefined
  node: (index: number) => HeapNode
  pathTo: (node: HeapNode) => Promise<RetainingPath | null>
}

export async function findOldest(
  { followed, node, pathTo }: OldestSource,
  clsOrName: Constructor | string,
  limit: number,
): Promise<OldInstance[]> {
  checkInteger(limit, 'limit', 1, 10_000)
  const record = find(clsOrName)
  if (!followed) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_NOT_IN_GRAPH',
      'the graph does not know the tracked instances: captures by a twin do, files and captures ' +
        'in-process do not',
    )
  }
  const oldest: OldInstance[] = []
  for (const one of followed.oldestFirst(withDerived(record)).slice(0, limit)) {
    const at = node(one.node)
    const site = one.record.sites?.stackOf(one.site)
    oldest.push({
      node: at,
      className: one.record.name,
      id: one.id,
      createdAt: toIso(one.bornMs),
      ageMs: Math.max(0, followed.takenAtMs - one.bornMs),
      ...(site === undefined ? {} : { site }),
      path: await pathTo(at),
    })
  }
  return oldest
}

function withDerived(record: ClassRecord, found = new Set<ClassRecord>()): Set<ClassRecord> {
  found.add(record)
  for (const derived of record.derived) withDerived(derived, found)
  return found
}
