import { native } from '../native.js'
import { checkOptions, describe } from '../options.js'
import { invalidArgument, outOfRange } from '../errors.js'
import type { NodeSource } from './graph-node.js'
import { attempt, checkJobOptions, jobOptionNames, type JobOptions } from './jobs.js'
import { nodeLabel } from './labels.js'
import { NO_NODE } from './native-graph.js'
import type { HeapNode } from './node.js'
import type { RetainingPath } from './path-text.js'
import { describeBytes, describeCount, describeShare } from './prose.js'

/** An object, or the objects of a class together, that retain so much that a leak is likely. */
export interface Suspect {
  /** All of the below as a paragraph. */
  text: string
  className: string
  /** The object; null for a group. */
  node: HeapNode | null
  /** 1 for an object; of a group how many. */
  instances: number
  retainedSize: number
  /** Of the whole heap's bytes: 0 to 1. */
  share: number
  /**
   * Where the memory comes together: the last object on the way down the dominator tree that still
   * retains most of what the one above it does.
   */
  accumulation: HeapNode | null
  /** What the accumulation point dominates directly, by class: the most retained first. */
  content: SuspectContent[]
  /** How the accumulation point (else the object) is held. */
  path: RetainingPath | null
}

export interface SuspectContent {
  className: string
  count: number
  retainedSize: number
}

export interface SuspectOptions extends JobOptions {
  /** From which share of the heap on something is suspect. 0.2, as in Eclipse MAT. */
  share?: number
}

type FindPath = (node: HeapNode) => Promise<RetainingPath | undefined>

/** Beneath an accumulation point there may be millions; these are enough to name the class. */
const mostChildren = 100_000

export async function findSuspects(
  source: NodeSource,
  heapBytes: number,
  options: SuspectOptions,
  pathTo: FindPath,
): Promise<Suspect[]> {
  checkOptions(options, [...jobOptionNames, 'share'], 'graph.suspects')
  checkJobOptions(options)
  const { share = 0.2 } = options
  if (typeof share !== 'number') {
    throw invalidArgument(`share must be a number, not ${describe(share)}`)
  }
  if (!(share > 0 && share <= 1))
    throw outOfRange(`share must be above 0 and at most 1, not ${share}`)

  const figures = attempt(() => native.suspects(source.handle, share))
  const singles = new Set<number>()
  for (let at = 0; at < figures.length; at += 7) singles.add(figures[at]!)
  singles.delete(NO_NODE)
  const found: Suspect[] = []
  for (let at = 0; at < figures.length; at += 7) {
    const [index, classIndex, instances, retainedSize, place] = figures.subarray(at, at + 7)
    // Where a single suspect holds the objects of a class, that tells it all.
    if (index === NO_NODE && isWithin(source, place!, singles)) continue
    const node = index === NO_NODE ? null : source.node(index!)
    const accumulation = place === NO_NODE ? null : source.node(place!)
    const holder = accumulation ?? node
    const content = holder ? contentOf(source, holder) : { rows: [], children: 0, whole: true }
    const path = holder ? ((await pathTo(holder)) ?? null) : null
    const className = node?.className ?? source.className(classIndex!)
    const suspect: Omit<Suspect, 'text'> = {
      className,
      node,
      instances: instances!,
      retainedSize: retainedSize!,
      share: heapBytes === 0 ? 0 : retainedSize! / heapBytes,
      accumulation,
      content: content.rows,
      path,
    }
    found.push({ text: prose(suspect, heapBytes, content), ...suspect })
  }
  return found
}

/** Whether one of them dominates it, or is it. */
function isWithin(source: NodeSource, index: number, nodes: ReadonlySet<number>): boolean {
  for (let at = index; at !== NO_NODE; at = source.figures(at)[4]!) if (nodes.has(at)) return true
  return false
}

interface Content {
  rows: SuspectContent[]
  children: number
  whole: boolean
}

function contentOf(source: NodeSource, node: HeapNode): Content {
  const rows = new Map<number, SuspectContent>()
  let children = 0
  const read = (from: number, limit: number): Uint32Array =>
    native.dominated(source.handle, node.index, from, limit)
  for (const child of source.eachIndex(read)) {
    if (children >= mostChildren) break
    children++
    const figures = source.figures(child)
    let row = rows.get(figures[1]!)
    if (!row) {
      row = { className: source.className(figures[1]!, child), count: 0, retainedSize: 0 }
      rows.set(figures[1]!, row)
    }
    row.count++
    row.retainedSize += figures[3]!
  }
  const sorted = [...rows.values()].sort(
    (a, b) => b.retainedSize - a.retainedSize || (a.className < b.className ? -1 : 1),
  )
  return { rows: sorted, children, whole: children < mostChildren }
}

function prose(suspect: Omit<Suspect, 'text'>, heapBytes: number, content: Content): string {
  const { node, instances, className, retainedSize, accumulation, path } = suspect
  const who = node
    ? `One object, ${nodeLabel(node)} @${node.id}, retains`
    : `${describeCount(instances)} instances of ${className} together retain`
  const share = describeShare(retainedSize, heapBytes)
  const sentences = [
    `${who} ${describeBytes(retainedSize)}, ${share} of the heap's ${describeBytes(heapBytes)}.`,
  ]
  if (accumulation && accumulation.index !== node?.index) {
    const { retainedSize: there, id } = accumulation
    sentences.push(
      `The memory comes together in ${nodeLabel(accumulation)} @${id}, ` +
        `which retains ${describeBytes(there)}.`,
    )
  }
  const most = content.rows[0]
  if (most) {
    const children = `${content.whole ? '' : 'more than '}${describeCount(content.children)}`
    const beneath = content.children === 1 ? '1 object' : `${children} objects`
    const among = content.whole ? 'most of it in' : 'among the first most of it in'
    sentences.push(
      `Directly beneath ${content.children === 1 ? 'is' : 'are'} ${beneath}, ${among} ` +
        `${describeCount(most.count)} of ${most.className} (${describeBytes(most.retainedSize)}).`,
    )
  }
  if (path) sentences.push(`It is held by ${path.text}.`)
  return sentences.join(' ')
}
