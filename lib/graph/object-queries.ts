import { HeapscopeError, invalidArgument } from '../errors.js'
import { checkLimit, checkOptions, describe, isObject } from '../options.js'
import { captureHeap, type CaptureOptions } from './capture.js'
import { HeapGraph } from './heap-graph.js'
import { jobOptionNames } from './jobs.js'
import type { HeapNode, HeapReference } from './node.js'
import type { RetainingPath } from './path-text.js'

/** Where a question about one live object is answered. */
export interface ObjectQueryOptions extends Omit<CaptureOptions, 'objects' | 'keepIds'> {
  /** A graph that knows the object already. Without, one is captured and disposed of: it pauses. */
  graph?: HeapGraph
}

export interface ReferenceQueryOptions extends ObjectQueryOptions {
  /** At most so many references. All of them where nothing is said. */
  limit?: number
}

/** How many references the program holds to an object: see `HeapGraph.refCount`. */
export function refCount(object: object, options?: ObjectQueryOptions): Promise<number> {
  return ask(object, options, async (graph, node, job) => {
    await graph.prepareReferrers(job)
    return graph.refCount(node)
  })
}

/** Every edge of V8's that leads to an object: see `HeapGraph.referrers`. */
export async function referrers(
  object: object,
  options: ReferenceQueryOptions = {},
): Promise<HeapReference[]> {
  const { limit, ...where } = options
  checkLimit(limit)
  return ask(object, where, async (graph, node, job) => {
    await graph.prepareReferrers(job)
    return graph.referrers(node).toArray(limit)
  })
}

/** Every edge of V8's that leaves an object: see `HeapGraph.referents`. */
export async function referents(
  object: object,
  options: ReferenceQueryOptions = {},
): Promise<HeapReference[]> {
  const { limit, ...where } = options
  checkLimit(limit)
  return ask(object, where, (graph, node) => graph.referents(node).toArray(limit))
}

/** Bytes that would be freed with an object. */
export function retainedSize(object: object, options?: ObjectQueryOptions): Promise<number> {
  return ask(object, options, (_, node) => node.retainedSize)
}

/** Bytes of an object itself, as V8 counts them; those of a Proxy it counts as its only holder's. */
export function sizeOf(object: object, options?: ObjectQueryOptions): Promise<number> {
  return ask(object, options, (_, node) => node.shallowSize)
}

/** The first of the ways by which an object is held; null where only weak references lead to it. */
export function retainingPath(
  object: object,
  options?: ObjectQueryOptions,
): Promise<RetainingPath | null> {
  return ask(object, options, async (graph, node, job) => {
    const [path] = await graph.retainingPaths(node, job)
    return path ?? null
  })
}

const names = [
  ...jobOptionNames,
  ...['mode', 'maxMemory', 'timeoutMs', 'fallback', 'whenBusy', 'spill', 'graph'],
]

type Job = Pick<CaptureOptions, 'signal' | 'onProgress'>

type Question<T> = (graph: HeapGraph, node: HeapNode, job: Job) => T | Promise<T>

function ask<T>(
  object: object,
  options: ObjectQueryOptions = {},
  question: Question<T>,
): Promise<T> {
  // What a capture must not find is our own hold on the object: from here on it is in a record that
  // the capture leaves out.
  return isObject(object)
    ? answer({ object }, options, question)
    : Promise.reject(invalidArgument(`an object is expected, not ${describe(object)}`))
}

async function answer<T>(
  named: { object: object },
  { graph: known, ...capture }: ObjectQueryOptions,
  question: Question<T>,
): Promise<T> {
  const { signal, onProgress } = capture
  const job: Job = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  if (known !== undefined) {
    if (!(known instanceof HeapGraph)) {
      throw invalidArgument(`graph must be a HeapGraph, not ${describe(known)}`)
    }
    return question(known, found(known.nodeOf(named.object)), job)
  }
  checkOptions(capture, names, 'the question')
  await Promise.resolve() // until the frames that were called with the object are gone
  const graph = await captureHeap({ ...capture, objects: named })
  try {
    return await question(graph, found(graph.nodeOf(named.object)), job)
  } finally {
    graph[Symbol.dispose]()
  }
}

function found(node: HeapNode | null): HeapNode {
  if (node) return node
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_NOT_IN_GRAPH',
    'the graph does not have the object: it was made after the capture',
  )
}
