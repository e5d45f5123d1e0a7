import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { describe } from '../options.js'
import type { NodeSource } from './graph-node.js'
import { attempt, runJob, type JobOptions } from './jobs.js'
import type { NativeChanges, NativeDiff } from './native-graph.js'
import type { HeapNode } from './node.js'

/** What became of one class between two graphs. */
export interface ClassDiff {
  className: string
  /**
   * Tells classes of one name apart where their place in the program is known. Captures do not have the
   * places: where one of the graphs is a capture, classes are compared by name alone.
   */
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
  readonly #changes: NativeChanges
  /** The classes that changed first: the one that grew by most bytes, …, the one that shrank most. */
  readonly classes: readonly ClassDiff[]

  /** @internal */
  constructor(
    now: NodeSource,
    earlier: NodeSource,
    readonly byObject: boolean,
    { keys, names, figures, changes }: NativeDiff,
  ) {
    this.#now = now
    this.#then = earlier
    this.#changes = changes
    this.classes = keys
      .map((key, i) => row(key, names[i]!, figures.subarray(i * 9), byObject))
      .sort((a, b) => b.sizeDelta - a.sizeDelta || b.countDelta - a.countDelta || order(a, b))
  }

  /** Objects of the class that the later graph has and the earlier one has not. Read lazily. */
  newObjects(className: string): IterableIterator<HeapNode> {
    return this.#changed(this.#now, className, false)
  }

  /** Objects of the class that only the earlier graph has: nodes of that graph. Read lazily. */
  goneObjects(className: string): IterableIterator<HeapNode> {
    return this.#changed(this.#then, className, true)
  }

  *#changed(source: NodeSource, className: string, gone: boolean): IterableIterator<HeapNode> {
    if (!this.byObject) {
      throw new HeapscopeError(
        'ERR_HEAPSCOPE_NOT_IN_GRAPH',
        'the objects of these graphs cannot be told to be the same: capture with keepIds, or say ' +
          'byObject: true where one process wrote both files',
      )
    }
    if (typeof className !== 'string') {
      throw invalidArgument(`className must be a string, not ${describe(className)}`)
    }
    for (const classIndex of attempt(() => native.classesNamed(source.handle, className))) {
      yield* source.each((from, limit) =>
        native.changedNodes(this.#changes, gone, classIndex, from, limit),
      )
    }
  }
}

/** At once, on this thread. */
export function compare(now: NodeSource, earlier: NodeSource, byObject: boolean): GraphDiff {
  const found = attempt(() => native.diffGraphsSync(now.handle, earlier.handle, byObject))
  return new GraphDiff(now, earlier, byObject, found)
}

/** On another thread. */
export async function compareLater(
  now: NodeSource,
  earlier: NodeSource,
  byObject: boolean,
  job: JobOptions,
): Promise<GraphDiff> {
  const found = await runJob<NativeDiff>(
    (done) => native.diffGraphs(now.handle, earlier.handle, byObject, done),
    job,
  )
  return new GraphDiff(now, earlier, byObject, found)
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
