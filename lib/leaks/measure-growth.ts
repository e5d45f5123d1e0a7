import { captureHeap } from '../graph/capture.js'
import type { HeapGraph } from '../graph/heap-graph.js'
import type { ClassRow } from '../graph/graph-types.js'
import { invalidArgument } from '../errors.js'
import { checkFunction, checkInteger, checkOptions } from '../options.js'
import { byBlame, isInternalClass } from './class-kinds.js'
import { classRows } from './class-rows.js'
import { meanStep, steppedGrowth } from './growth.js'
import { grownIn, ownerShapes, sizesOf, type OwnerShape } from './owner-shapes.js'
import { graphOptions, type GraphOptions } from './graph-options.js'
import { settleHeap } from './settle-heap.js'
import { largestOf, typicalPath, type TypicalPath } from './typical-path.js'

export interface NoGrowthOptions {
  /** Rounds whose ends are compared, one graph each. 4. */
  rounds?: number
  /** Calls of the scenario in each. 10: more than any cycle that it goes through. */
  iterations?: number
  /** Rounds beforehand that may allocate what they like. 1. */
  warmup?: number
  /** So many instances of one kind a round pass. Half of `iterations`, less one for every other call. */
  tolerance?: number
  /** So many bytes by which a class may grow in all where its number does not. 100,000. */
  toleranceBytes?: number
  /** Classes that may grow, by name. */
  ignore?: readonly string[]
  capture?: GraphOptions
}

/** A class of which more are left after every round, owned in the same way. */
export interface GrownClass {
  className: string
  /** `Row in Map in global`: the instance and what owns it. */
  shape: string
  /** Instances, of the mean round; 0 where only their size grew. */
  perRound: number
  bytesPerRound: number
  held: TypicalPath | null
}

export interface MeasuredGrowth {
  rounds: number
  iterations: number
  /** The most likely cause first; empty where nothing grows. */
  classes: GrownClass[]
}

const known = ['rounds', 'iterations', 'warmup', 'tolerance', 'toleranceBytes', 'ignore', 'capture']

/**
 * Repeats a scenario and tells what is left behind by every round: the graphs at the rounds' ends are compared by
 * class first, then those classes by who owns their instances. What only some rounds leave is not
 * growth. Runs full collections and takes `rounds + 1` graphs, which it holds to the end.
 */
export async function measureGrowth(
  scenario: () => unknown,
  options: NoGrowthOptions = {},
): Promise<MeasuredGrowth> {
  checkFunction(scenario, 'the scenario')
  checkOptions(options, known, 'expectNoGrowth')
  const { rounds = 4, iterations = 10, warmup = 1, ignore = [] } = options
  const capture = graphOptions(options.capture)
  const { tolerance = Math.ceil(iterations / 2) - 1, toleranceBytes = 100_000 } = options
  if (!Array.isArray(ignore) || ignore.some((name) => typeof name !== 'string')) {
    throw invalidArgument('ignore must be an array of class names')
  }
  checkInteger(rounds, 'rounds', 3, 100)
  checkInteger(iterations, 'iterations', 1, 1e9)
  checkInteger(warmup, 'warmup', 0, 1000)
  checkInteger(tolerance, 'tolerance', 0, 1e9)
  checkInteger(toleranceBytes, 'toleranceBytes', 0, 1e15)
  const round = async () => {
    for (let i = 0; i < iterations; i++) await scenario()
  }
  const graphs: HeapGraph[] = []
  try {
    for (let i = 0; i < warmup; i++) await round()
    graphs.push(await settledGraph(capture))
    for (let i = 0; i < rounds; i++) {
      await round()
      graphs.push(await settledGraph(capture))
    }
    const classes = await grownClasses(graphs, { tolerance, toleranceBytes, ignore })
    return { rounds, iterations, classes }
  } finally {
    for (const graph of graphs) graph[Symbol.dispose]()
  }
}

async function settledGraph(capture: GraphOptions): Promise<HeapGraph> {
  await settleHeap()
  return captureHeap(capture)
}

interface Tolerances {
  tolerance: number
  toleranceBytes: number
  ignore: readonly string[]
}

async function grownClasses(
  graphs: readonly HeapGraph[],
  { tolerance, toleranceBytes, ignore }: Tolerances,
): Promise<GrownClass[]> {
  const tables = graphs.map((graph) => new Map(classRows(graph).map((row) => [row.key, row])))
  const last = graphs.at(-1)!
  const found: GrownClass[] = []
  for (const [key, { className }] of tables.at(-1)!) {
    if (isInternalClass(className) || ignore.includes(className)) continue
    const series = (pick: (row: ClassRow) => number) =>
      tables.map((table) => {
        const row = table.get(key)
        return row ? pick(row) : 0
      })
    const bytesPerRound = meanStep(series(({ retainedSize }) => retainedSize))
    if (leastStep(series(({ count }) => count)) > tolerance) {
      const grown = grownShape(graphs, className, tolerance)
      if (!grown) continue
      const { shape, nodes, perRound } = grown
      const held = await typicalPath(last, nodes)
      found.push({ className, shape, perRound, bytesPerRound, held })
      continue
    }
    const bytes = steppedGrowth(series(({ shallowSize }) => shallowSize))
    if (!bytes || bytes.total <= toleranceBytes) continue
    const held = await typicalPath(last, largestOf(last, className))
    found.push({ className, shape: className, perRound: 0, bytesPerRound, held })
  }
  return found.sort(byBlame(({ bytesPerRound, perRound }) => [bytesPerRound, perRound]))
}

/** The owners' shape of which more came in every round, most of all, with those that came. */
function grownShape(graphs: readonly HeapGraph[], className: string, tolerance: number) {
  const byGraph = graphs.map((graph) => ownerShapes(graph, className))
  let most: (OwnerShape & { perRound: number }) | undefined
  for (const shape of byGraph.at(-1)!.values()) {
    const counts = byGraph.map((shapes) => shapes.get(shape.shape)?.count ?? 0)
    const perRound = Math.round(meanStep(counts))
    if (leastStep(counts) <= tolerance || perRound <= (most?.perRound ?? 0)) continue
    most = { ...shape, perRound }
  }
  if (!most) return undefined
  const before = byGraph[0]!.get(most.shape)
  const nodes = before ? grownIn(graphs.at(-1)!, className, most, sizesOf(before)) : most.nodes
  return { ...most, nodes }
}

function leastStep(values: readonly number[]): number {
  return Math.min(...values.slice(1).map((value, i) => value - values[i]!))
}
