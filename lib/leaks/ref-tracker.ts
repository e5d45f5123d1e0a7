import { captureOptionNames } from '../graph/capture.js'
import { checkInteger, checkOptions } from '../options.js'
import { ref, type WeakReference } from '../weakref/reference.js'
import { atIndex } from './at-index.js'
import { checkNamed } from './check-named.js'
import { forgetDead } from './forget-dead.js'
import { graphOptions, type GraphOptions } from './graph-options.js'
import { countReferences } from './reference-counts.js'
import { Ring } from './ring.js'
import { numberOf } from './table.js'
import { classNameOf } from '../weakref/target.js'

export interface RefTrackerOptions extends GraphOptions {
  /** The oldest go first. 100. */
  maxSnapshots?: number
}

/** Strong references to each object, by the name it is tracked under; 0 once it is dead. */
export type RefSnapshot = Readonly<Record<string, number>>

/**
 * Follows how many references the program holds to some objects. Holds none of them itself. Every
 * snapshot runs full collections and takes one heap graph, whatever the number of objects.
 */
export class RefTracker {
  readonly #tracked = new Map<string, { reference: WeakReference; type: string }>()
  readonly #snapshots: Ring<RefSnapshot>
  readonly #capture: GraphOptions

  constructor(options: RefTrackerOptions = {}) {
    checkOptions(options, ['maxSnapshots', ...captureOptionNames], 'RefTracker')
    const { maxSnapshots = 100, ...capture } = options
    checkInteger(maxSnapshots, 'maxSnapshots', 1, 1e6)
    this.#snapshots = new Ring(maxSnapshots)
    this.#capture = graphOptions(capture)
  }

  /** The names and the classes of what is tracked, the last thousand dead ones included. */
  get trackedObjects(): ReadonlyMap<string, string> {
    return new Map([...this.#tracked].map(([name, { type }]) => [name, type]))
  }

  get snapshots(): readonly RefSnapshot[] {
    return [...this.#snapshots.items]
  }

  /**
   * Tracks an object under a name, in place of what bore it before, and takes a snapshot. Throws a
   * TypeError of a primitive.
   */
  track(object: object, name: string): Promise<RefSnapshot> {
    checkNamed(object, name)
    this.#tracked.set(name, { reference: ref(object), type: classNameOf(object) })
    return this.snapshot()
  }

  /** Forgets an object; the snapshots that there are keep its figures. False of a name it has not. */
  untrack(name: string): boolean {
    return this.#tracked.delete(name)
  }

  async snapshot(): Promise<RefSnapshot> {
    const targets = [...this.#tracked].map(([name, { reference }]) => [name, reference] as const)
    const counts = await countReferences(new Map(targets), this.#capture)
    forgetDead(this.#tracked, ({ reference }) => !reference.alive)
    const snapshot = Object.freeze(Object.fromEntries(counts))
    this.#snapshots.push(snapshot)
    return snapshot
  }

  /**
   * Later minus earlier, by name; one that a snapshot has not counts as 0. Negative indexes count
   * from the last. Throws a RangeError where there is no such snapshot.
   */
  compare(index1 = 0, index2 = -1): Record<string, number> {
    const items = this.#snapshots.items
    const earlier = atIndex(items, index1, 'snapshot')
    const later = atIndex(items, index2, 'snapshot')
    const names = new Set([...Object.keys(earlier), ...Object.keys(later)])
    return Object.fromEntries(
      [...names].map((name) => [name, numberOf(later, name) - numberOf(earlier, name)]),
    )
  }

  /** Takes a snapshot and tells it: a heading, then a line for each object. */
  async report(): Promise<string> {
    const tracked = new Map(this.#tracked)
    const snapshot = await this.snapshot()
    const lines = Object.entries(snapshot).map(([name, count]) => {
      const { reference, type } = tracked.get(name)!
      return `  ${name} (${type}): ${count}${reference.alive ? '' : ' [reclaimed]'}`
    })
    return ['Tracked references', ...lines].join('\n')
  }
}
