import { captureHeap } from '../graph/capture.js'
import type { HeapNode } from '../graph/node.js'
import { native } from '../native.js'
import { allRecords } from '../tracking/registry.js'
import type { GraphOptions } from './reference-counts.js'
import { likelyGrown, typicalPath, type TypicalPath } from './typical-path.js'
import type { GrowingClass, Verdict } from './verdict.js'
import { spread } from './growth.js'

/** A growing class with how its instances are held; null where nothing holds them any more. */
export interface Suspected extends GrowingClass {
  held: TypicalPath | null
}

export interface Diagnosis extends Verdict {
  suspects: Suspected[]
}

/** Of more the paths are alike: what they hold grows with them. */
const mostExplained = 3

const mostInstances = 12

/** Takes one graph and finds how real instances of the first suspects are held. */
export async function explain(verdict: Verdict, capture: GraphOptions): Promise<Diagnosis> {
  const first = verdict.suspects.slice(0, mostExplained)
  const rest = verdict.suspects.slice(mostExplained).map((row) => ({ ...row, held: null }))
  if (first.length === 0) return { ...verdict, suspects: [] }
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
      const nodes =
        known.length > 0
          ? known
          : likelyGrown(graph, row.className, row.perPeriod === 0 ? 0 : row.growth)
      suspects.push({ ...row, held: await typicalPath(graph, nodes) })
    }
    return { ...verdict, suspects: [...suspects, ...rest] }
  } finally {
    graph[Symbol.dispose]()
  }
}

/** Of tracked classes the instances are at hand, whatever name the heap knows them by. */
function trackedInstances(suspects: readonly GrowingClass[]): Record<string, object> {
  const objects: Record<string, object> = {}
  for (const { className } of suspects) {
    const records = allRecords().filter(({ name, ended }) => name === className && !ended)
    const instances = records.flatMap(({ index }) => native.liveInstances(index))
    for (const [i, instance] of spread(instances, mostInstances).entries()) {
      objects[`${className}#${i}`] = instance
    }
  }
  return objects
}
