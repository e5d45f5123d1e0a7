import { invalidArgument } from '../errors.js'
import { checkInteger, checkOptions, describe, isObject } from '../options.js'
import type { Picture, PictureEdge } from './dot.js'
import type { HeapNode, HeapReference } from './node.js'
import type { RetainingPath } from './path-text.js'

/** What of a graph to draw: the surroundings of some nodes, or retaining paths. */
export type GraphSelection = NeighbourSelection | PathSelection

export interface PathSelection {
  paths: readonly Pick<RetainingPath, 'steps'>[]
  /** Of a longer path only so many nodes are drawn, half at each end; in the middle "N more". 200. */
  maxNodes?: number
}

export interface NeighbourSelection {
  /** Drawn first, and marked. Nodes, or their ids. */
  start: HeapNode | number | readonly (HeapNode | number)[]
  /** Who holds them (the default), or what they hold. */
  direction?: 'referrers' | 'referents'
  /** How many references away. 3. */
  maxDepth?: number
  /** Of each node at most so many neighbours; the others become one node "N more". 10. */
  tooMany?: number
  /** In all at most so many nodes. 200. */
  maxNodes?: number
  /** Draws V8's own structures too: hidden classes, code, backing stores' maps. */
  internals?: boolean
}

/** What is asked of the graph for it. */
export interface Surroundings {
  resolve(node: HeapNode | number): HeapNode
  references(
    node: HeapNode,
    direction: 'referrers' | 'referents',
  ): Iterable<HeapReference> & { total: number }
}

/** Beyond, references are counted as "more" without a look at whether they would have been drawn. */
const mostLookedAt = 10_000

const names = ['start', 'direction', 'maxDepth', 'tooMany', 'maxNodes', 'internals']

export function choosePicture(graph: Surroundings, selection: GraphSelection): Picture {
  checkOptions(selection, [...names, 'paths'], 'the selection')
  if ('paths' in selection) return pathsPicture(graph, selection)
  return new Neighbours(graph, selection).picture
}

function pathsPicture(graph: Surroundings, selection: PathSelection): Picture {
  checkOptions(selection, ['paths', 'maxNodes'], 'the selection of paths')
  const { paths, maxNodes = 200 } = selection
  checkInteger(maxNodes, 'maxNodes', 2, 100_000)
  if (!Array.isArray(paths)) throw invalidArgument(`paths must be an array, not ${describe(paths)}`)
  const end = Math.floor(maxNodes / 2)
  const more = new Map<number, { count: number; before: boolean }>()
  const nodes = new Map<number, HeapNode>()
  const edges = new Map<string, PictureEdge>()
  const starts = new Map<number, HeapNode>()
  for (const path of paths) {
    const steps = stepsOf(path)
    const left = steps.length - maxNodes
    let from: HeapNode | undefined
    for (const [i, { node, type, name }] of steps.entries()) {
      if (left > 0 && i >= end && i < end + left) {
        const count = Math.max(left, (from && more.get(from.index)?.count) ?? 0)
        if (from) more.set(from.index, { count, before: false })
        from = undefined
        continue
      }
      const to = graph.resolve(node)
      nodes.set(to.index, to)
      if (from) {
        const key = `${from.index} ${to.index} ${type} ${name}`
        edges.set(key, { from, to, reference: { type, name } })
      }
      from = to
    }
    if (from) starts.set(from.index, from)
  }
  const all = { starts: [...starts.values()], nodes: [...nodes.values()] }
  return { ...all, edges: [...edges.values()], more }
}

function stepsOf(path: unknown): readonly HeapReference[] {
  const steps = isObject(path) && 'steps' in path ? path.steps : undefined
  if (Array.isArray(steps) && steps.every(isObject)) return steps as HeapReference[]
  throw invalidArgument(`paths must be of graph.retainingPaths, not ${describe(path)}`)
}

/** Breadth first, so that what is near is drawn before what is far. */
class Neighbours {
  readonly #nodes = new Map<number, HeapNode>()
  readonly #edges: PictureEdge[] = []
  readonly #more = new Map<number, { count: number; before: boolean }>()
  readonly #starts: HeapNode[]
  readonly #direction: 'referrers' | 'referents'
  readonly #tooMany: number
  readonly #maxNodes: number
  readonly #internals: boolean

  constructor(
    private readonly graph: Surroundings,
    selection: NeighbourSelection,
  ) {
    const { start, direction = 'referrers', maxDepth = 3, tooMany = 10 } = selection
    const { maxNodes = 200, internals = false } = selection
    if ((direction as string) !== 'referrers' && (direction as string) !== 'referents') {
      const given = describe(direction)
      throw invalidArgument(`direction is 'referrers' or 'referents', not ${given}`)
    }
    checkInteger(maxDepth, 'maxDepth', 0, 1000)
    checkInteger(tooMany, 'tooMany', 1, 10_000)
    checkInteger(maxNodes, 'maxNodes', 1, 100_000)
    this.#direction = direction
    this.#tooMany = tooMany
    this.#maxNodes = maxNodes
    this.#internals = internals
    const given = Array.isArray(start) ? (start as readonly (HeapNode | number)[]) : [start]
    this.#starts = given.map((node) => graph.resolve(node as HeapNode | number))
    let level = [...this.#starts]
    for (const node of level) this.#nodes.set(node.index, node)
    for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
      level = level.flatMap((node) => this.#expand(node))
    }
  }

  get picture(): Picture {
    const nodes = [...this.#nodes.values()]
    return { starts: this.#starts, nodes, edges: this.#edges, more: this.#more }
  }

  /** Draws the neighbours of one node; returns those that are new. */
  #expand(node: HeapNode): HeapNode[] {
    const found: HeapNode[] = []
    const before = this.#direction === 'referrers'
    const references = this.graph.references(node, this.#direction)
    let drawn = 0
    let left = 0
    let seen = 0
    for (const reference of references) {
      if (seen++ >= mostLookedAt) {
        left += references.total - mostLookedAt
        break
      }
      if (!this.#isWanted(reference)) continue
      const other = reference.node
      const known = this.#nodes.has(other.index)
      if (drawn >= this.#tooMany || (!known && this.#nodes.size >= this.#maxNodes)) {
        left++
        continue
      }
      drawn++
      if (!known) {
        this.#nodes.set(other.index, other)
        found.push(other)
      }
      this.#edges.push({
        from: before ? other : node,
        to: before ? node : other,
        reference,
      })
    }
    if (left > 0) this.#more.set(node.index, { count: left, before })
    return found
  }

  #isWanted({ type, node }: HeapReference): boolean {
    if (type === 'weak' || type === 'shortcut') return false
    if (this.#internals) return true
    return type !== 'hidden' && !['hidden', 'code', 'object shape'].includes(node.type)
  }
}
