import { captureHeap } from '../graph/capture.js'
import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode } from '../graph/node.js'
import { describeCount } from '../graph/prose.js'
import { readFigures } from '../tracking/figures.js'
import { allRecords, liveInstancesOf } from '../tracking/registry.js'
import { mostExplained, type Baselines } from './baselines.js'
import { spread } from './growth.js'
import type { GraphOptions } from './graph-options.js'
import { settleHeap } from './settle-heap.js'
import { typicalPath, type TypicalPath } from './typical-path.js'
import type { GrowingClass, Verdict } from './verdict.js'

/** A growing class with how its instances are held; null where nothing holds them any more. */
export interface Suspected extends GrowingClass {
  held: TypicalPath | null
}

export interface Diagnosis extends Verdict {
  suspects: Suspected[]
}

const mostInstances = 12

/**
 * Takes one graph and finds how real instances of the first suspects are held. `window` is the numbers of
 * the first snapshot that was judged and of the next one.
 */
export async function explain(
  verdict: Verdict,
  capture: GraphOptions,
  baselines: Baselines,
  window: { first: number; next: number },
): Promise<Diagnosis> {
  const first = verdict.suspects.slice(0, mostExplained)
  const rest = verdict.suspects.slice(mostExplained).map((row) => ({ ...row, held: null }))
  if (first.length === 0) return { ...verdict, suspects: [] }
  if (verdict.unconfirmed) await settleHeap()
  // At once: while the graph is taken the program goes on, and what it makes is neither grown nor settled.
  const tracked = trackedCounts()
  const objects = trackedInstances(first)
  const names = Object.keys(objects)
  const graph = await captureHeap({ ...capture, objects })
  try {
    const suspects: Suspected[] = []
    for (const row of first) {
      const known = names
        .filter((name) => name.startsWith(`${row.className}#`))
        .map((name) => graph.nodeOf(objects[name]!))
        .filter((node): node is HeapNode => node !== null)
      const nodes = known.length > 0 ? known : baselines.grown(graph, row)
      suspects.push({ ...row, held: await typicalPath(graph, nodes) })
    }
    const explained = { ...verdict, suspects: [...suspects, ...rest] }
    if (!verdict.unconfirmed) return explained
    return confirm(explained, withOthers(tracked, graph), baselines, window)
  } finally {
    graph[Symbol.dispose]()
  }
}

/**
 * Now that the dead are gone. The snapshots counted them too: of what had grown there is left at least
 * what is more than the first of them counted, at most what is more than after a collection before them.
 * Half of it for certain is a leak's, next to nothing at most was only garbage. What is in between only
 * later snapshots can tell, with `collect`; the living are kept as what later ones are compared with.
 */
function confirm(
  diagnosis: Diagnosis,
  counts: ReadonlyMap<string, number>,
  baselines: Baselines,
  { first, next }: { first: number; next: number },
): Diagnosis {
  const rows = diagnosis.suspects.map((suspected) => {
    const { className, count, growth } = suspected
    const now = Math.round(counts.get(className) ?? 0)
    return {
      suspected,
      growth,
      atLeast: now - (count - growth),
      atMost: now - baselines.livingBefore(first, className),
    }
  })
  baselines.noteLiving(counts, next)
  const stayed = rows.filter(({ growth, atMost }) => atMost > mostGarbage * growth)
  if (stayed.length === 0) {
    const reason = 'what had grown was only not collected yet: a full collection took it away'
    return { verdict: 'ok', reason, suspects: [], unconfirmed: false }
  }
  const suspects = stayed.map(({ suspected }) => suspected)
  const proven = stayed.find(({ growth, atLeast }) => atLeast >= growth / 2)
  const worst = proven ?? stayed[0]!
  const grew = `${worst.suspected.className} grew by ${describeCount(worst.growth)} over the last snapshots`
  const most = proven ? worst.atLeast : worst.atMost // some came after the last snapshot, or before the first
  const left = `a full collection left ${describeCount(Math.min(most, worst.growth))} of these`
  return proven
    ? { verdict: 'leak', reason: `${grew}, and ${left}`, suspects, unconfirmed: false }
    : {
        verdict: 'suspect',
        reason: `${grew}; at most, ${left}: snapshots with collect: true, or a later diagnosis, tell more`,
        suspects,
        unconfirmed: true,
      }
}

/** Of what had grown, so little left is no more than what happens to be in use. */
const mostGarbage = 0.01

function trackedCounts(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const record of allRecords()) {
    counts.set(record.name, (counts.get(record.name) ?? 0) + readFigures(record).live)
  }
  return counts
}

/** With the classes that are not tracked, which a detector counts by `census`. */
function withOthers(
  tracked: ReadonlyMap<string, number>,
  graph: HeapGraph,
): ReadonlyMap<string, number> {
  const others = new Map(tracked)
  for (const { className, count } of graph.classes()) {
    if (!tracked.has(className)) others.set(className, (others.get(className) ?? 0) + count)
  }
  return others
}

/** Of tracked classes the instances are at hand, whatever name the heap knows them by. */
function trackedInstances(suspects: readonly GrowingClass[]): Record<string, object> {
  const objects: Record<string, object> = {}
  for (const { className } of suspects) {
    const records = allRecords().filter(({ name }) => name === className)
    const instances = records.flatMap(liveInstancesOf)
    for (const [i, instance] of spread(instances, mostInstances).entries()) {
      objects[`${className}#${i}`] = instance
    }
  }
  return objects
}
