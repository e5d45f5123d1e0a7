import { native } from '../native.js'
import { checkInteger, checkOptions, describe } from '../options.js'
import { invalidArgument } from '../errors.js'
import type { NodeSource } from './graph-node.js'
import {
  attempt,
  checkJobOptions,
  jobOptionNames,
  pauses,
  runJob,
  type JobOptions,
} from './jobs.js'
import { nodeLabel } from './labels.js'
import type { NativeCycles } from './native-graph.js'
import type { HeapNode } from './node.js'

/** Objects that hold each other. V8 collects them all the same: a cycle is not a leak. */
export interface Cycle {
  /** Some of them at least, in the order of the graph: see `maxMembers`. */
  members: HeapNode[]
  /** How many there are in all. */
  size: number
  /** `Pair ↔ Pair`; of more than three members with their counts: `Item ×30, Order ×12`. */
  pattern: string
  /** Bytes that would be freed with all of them. */
  retainedSize: number
  /**
   * References into it from outside, counted as `refCount` does, and V8's roots. With one, cutting that
   * one frees it.
   */
  heldBy: number
  /** One object that refers to itself. */
  selfReference: boolean
}

export interface CycleOptions extends JobOptions {
  /** Only cycles with a member of that class. */
  className?: string
  /** At most so many cycles, the one that retains most first. 100. */
  limit?: number
  /** At most so many members of each. 100. */
  maxMembers?: number
}

const names = [...jobOptionNames, 'className', 'limit', 'maxMembers']

export async function findCycles(source: NodeSource, options: CycleOptions): Promise<Cycle[]> {
  checkOptions(options, names, 'graph.cycles')
  checkJobOptions(options)
  const { className, limit = 100, maxMembers = 100 } = options
  if (limit !== Infinity) checkInteger(limit, 'limit', 1, 2 ** 31)
  checkInteger(maxMembers, 'maxMembers', 1, 2 ** 31)
  if (className !== undefined && typeof className !== 'string') {
    throw invalidArgument(`className must be a string, not ${describe(className)}`)
  }
  const classes =
    className === undefined
      ? new Uint32Array()
      : attempt(() => native.classesNamed(source.handle, className))
  if (className !== undefined && classes.length === 0) return []
  const {
    offsets,
    members,
    figures,
    classes: counts,
  } = await runJob<NativeCycles>(
    (done) =>
      native.cycles(source.handle, classes, limit === Infinity ? 0 : limit, maxMembers, done),
    options,
  )
  const found: Cycle[] = []
  const pause = pauses(options.signal)
  let at = 0
  for (let i = 0; i + 1 < offsets.length; i++) {
    await pause()
    const indexes = members.subarray(offsets[i], offsets[i + 1])
    const [size, retainedSize, heldBy, self, kinds, told] = figures.subarray(i * 6)
    const nodes = Array.from(indexes, (index) => source.node(index))
    const most = counts.subarray(at, (at += 2 * told!))
    found.push({
      members: nodes,
      size: size!,
      pattern: patternOf(source, most, size!, kinds!),
      retainedSize: retainedSize!,
      heldBy: heldBy!,
      selfReference: self === 1,
    })
  }
  return found
}

function patternOf(source: NodeSource, counts: Float64Array, size: number, kinds: number): string {
  const members = Array.from({ length: counts.length / 2 }, (_, i) => {
    const node = source.node(counts[2 * i]!)
    // By class, not by name: a hundred functions are one kind of member.
    const label = node.type === 'closure' ? 'Function' : nodeLabel(node)
    return { label, count: counts[2 * i + 1]! }
  }).sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))
  if (size === 1) return `${members[0]!.label} ↔ itself`
  if (size <= 3) {
    return members.flatMap(({ label, count }) => Array<string>(count).fill(label)).join(' ↔ ')
  }
  const shown = members.map(({ label, count }) => `${label} ×${count}`)
  const more = kinds - members.length
  return [...shown, ...(more > 0 ? [`${more} more classes`] : [])].join(', ')
}
