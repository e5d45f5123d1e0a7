import { native } from '../native.js'
import { checkOptions, describe } from '../options.js'
import { invalidArgument, outOfRange } from '../errors.js'
import type { NodeSource } from './graph-node.js'
import { checkJobOptions, jobOptionNames, runJob, type JobOptions } from './jobs.js'
import { nodeLabel } from './labels.js'
import { NO_NODE, type NativeSuspects } from './native-graph.js'
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

  const { figures, content: rows } = await runJob<NativeSuspects>(
    (done) => native.suspects(source.handle, share, done),
    options,
  )
  const found: Suspect[] = []
  let row = 0
  for (let at = 0; at < figures.length; at += 7) {
    const [index, classIndex, instances, retainedSize, place] = figures.subarray(at, at + 5)
    const [children, classes] = figures.subarray(at + 5, at + 7)
    const node = index === NO_NODE ? null : source.node(index!)
    const accumulation = place === NO_NODE ? null : source.node(place!)
    const holder = accumulation ?? node
    const content = contentOf(source, rows.subarray(row * 4, (row + classes!) * 4))
    row += classes!
    const path = holder ? ((await pathTo(holder)) ?? null) : null
    const className = node?.className ?? source.className(classIndex!)
    const suspect: Omit<Suspect, 'text'> = {
      className,
      node,
      instances: instances!,
      retainedSize: retainedSize!,
      share: heapBytes === 0 ? 0 : retainedSize! / heapBytes,
      accumulation,
      content,
      path,
    }
    found.push({ text: prose(suspect, heapBytes, children!), ...suspect })
  }
  return found
}

function contentOf(source: NodeSource, figures: Float64Array): SuspectContent[] {
  return Array.from({ length: figures.length / 4 }, (_, i) => {
    const [classIndex, member, count, retainedSize] = figures.subarray(i * 4, i * 4 + 4)
    const className = source.className(classIndex!, member)
    return { className, count: count!, retainedSize: retainedSize! }
  })
}

function prose(suspect: Omit<Suspect, 'text'>, heapBytes: number, children: number): string {
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
  const most = suspect.content[0]
  if (most) {
    const beneath = children === 1 ? 'is 1 object' : `are ${describeCount(children)} objects`
    sentences.push(
      `Directly beneath ${beneath}, most of it in ` +
        `${describeCount(most.count)} of ${most.className} (${describeBytes(most.retainedSize)}).`,
    )
  }
  if (path) sentences.push(`It is held by ${path.text}.`)
  return sentences.join(' ')
}
