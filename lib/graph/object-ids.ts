import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { describe, isObject } from '../options.js'
import type { NodeSource } from './graph-node.js'
import type { GraphOrigin } from './graph-types.js'
import { NO_NODE } from './native-graph.js'
import type { HeapNode } from './node.js'

// V8 numbers objects when asked, and begins again at the first number once told to forget: a number
// from before then means another object, or none.
let forgotten = 0

/** Numbers that may be compared bear the same one. */
export function idEpoch(): number {
  return forgotten
}

export function idsWereForgotten(): void {
  forgotten++
}

/** What can have a number: V8's, or ours. */
export function isNumbered(value: unknown): value is object | symbol {
  return isObject(value) || typeof value === 'symbol'
}

/** The node of a live object: by the names given to the capture, or by V8's number while it counts. */
export function nodeOfObject(
  source: NodeSource,
  origin: GraphOrigin,
  object: object | symbol,
): HeapNode | null {
  if (!isNumbered(object)) {
    throw invalidArgument(`nodeOf takes an object or a symbol, not ${describe(object)}`)
  }
  source.checkHeld()
  const { noted, nodes, idEpoch: epoch } = origin
  const given = typeof object === 'symbol' ? undefined : noted?.get(object)
  const index = given === undefined ? NO_NODE : (nodes?.[given] ?? NO_NODE)
  if (index !== NO_NODE) return source.node(index)
  const tracked = typeof object === 'symbol' ? undefined : origin.followed?.nodeOf(object)
  if (tracked !== undefined) return source.node(tracked)
  if (epoch === undefined || epoch !== idEpoch()) throw unknown(origin)
  const id = native.heapObjectId(object)
  return id === 0 ? null : source.byId(id)
}

function unknown({ mode }: GraphOrigin): HeapscopeError {
  const reason =
    mode === 'twin'
      ? 'a twin knows the objects named in the `objects` of captureHeap and followed instances of ' +
        'tracked classes'
      : mode === 'in-process'
        ? 'V8 has forgotten its ids of objects since: name the object in the `objects` of ' +
          'captureHeap, or capture with keepIds: true'
        : 'its objects were those of another moment, or process: graph.node finds nodes by id'
  return new HeapscopeError('ERR_HEAPSCOPE_NOT_IN_GRAPH', `nodeOf cannot tell: ${reason}`)
}
