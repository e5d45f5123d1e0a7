import { HeapscopeError } from '../errors.js'
import { native } from '../native.js'
import type { NodeSource } from './graph-node.js'
import { attempt } from './jobs.js'
import type { HeapNode } from './node.js'

/** What became of one class between two graphs. */
export interface ClassDiff {
  className: string
  /** Tells classes of one name apart where their place in the program is known. */
  key: string
  count: number
  countBefore: number
  countDelta: number
  shallowSize: number
  shallowSizeBefore: number
  sizeDelta: number
  /** By object; null where objects of the two graphs cannot be told to be the same. */
  objects: {
    new: number
    newBytes: number
    gone: number
    goneBytes: number
    /** By how much what the objects in both retain has grown, summed up. */
    grownBytes: number
  } | null
}

export interface DiffOptions {
  /**
   * Compares object by object, not only by class. On by default for captures of this process that
   * kept their ids. For two files only the caller knows: it makes sense where one process wrote
   * both.
   */
  byObject?: boolean
}

/** Between an earlier and a later graph. Holds both. */
export class GraphDiff {
  readonly #now: NodeSource
  readonly #then: NodeSource
  /** The classes that changed first: the one that grew by most bytes, …, the one that shrank most. */
  readonly classes: readonly ClassDiff[]

  /** @internal */
  constructor(
    now: NodeSource,
    earlier: NodeSource,
    readonly byObject: boolean,
  ) {
    this.#now = now
    this.#then = earlier
    const { keys, names, figures } = attempt(() =>
      native.diffGraphs(now.handle, earlier.handle, byObject),
    )
    this.classes = keys
      .map((key, i) => row(key, names[i]!, figures.subarray(i * 9), byObject))
      .sort((a, b) => b.sizeDelta - a.sizeDelta || b.countDelta - a.countDelta || order(a, b))
  }

  /** Objects of the class that the later graph has and the earlier one has not. Read lazily. */
  newObjects(className: string): IterableIterator<HeapNode> {
    return this.#onlyIn(this.#now, this.#then, className)
  }

  /** Objects of the class that only the earlier graph has: nodes of that graph. Read lazily. */
  goneObjects(className: string): IterableIterator<HeapNode> {
    return this.#onlyIn(this.#then, this.#now, className)
  }

  *#onlyIn(here: NodeSource, there: NodeSource, className: string): IterableIterator<HeapNode> {
    if (!this.byObject) {
      throw new HeapscopeError(
        'ERR_HEAPSCOPE_NOT_IN_GRAPH',
        'the objects of these graphs cannot be told to be the same: capture with keepIds, or say ' +
          'byObject: true where one process wrote both files',
      )
    }
    for (const classIndex of attempt(() => native.classesNamed(here.handle, className))) {
      yield* here.each((from, limit) =>
        native.nodesOnlyIn(here.handle, there.handle, classIndex, from, limit),
      )
    }
  }
}

function row(key: string, className: string, figures: Float64Array, byObject: boolean): ClassDiff {
  const [count, countBefore, shallowSize, shallowSizeBefore] = figures
  const [fresh, newBytes, gone, goneBytes, grownBytes] = figures.subarray(4)
  return {
    className,
    key,
    count: count!,
    countBefore: countBefore!,
    countDelta: count! - countBefore!,
    shallowSize: shallowSize!,
    shallowSizeBefore: shallowSizeBefore!,
    sizeDelta: shallowSize! - shallowSizeBefore!,
    objects: byObject
      ? {
          new: fresh!,
          newBytes: newBytes!,
          gone: gone!,
          goneBytes: goneBytes!,
          grownBytes: grownBytes!,
        }
      : null,
  }
}

function order(a: ClassDiff, b: ClassDiff): number {
  return a.key < b.key ? -1 : Number(a.key > b.key)
}
