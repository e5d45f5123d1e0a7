import { objectId } from '../graph/object-id.js'
import { ref, type WeakReference } from '../weakref/reference.js'
import { classNameOf } from '../weakref/target.js'
import { forgetDead } from './forget-dead.js'
import { checkNamed } from './check-named.js'
import type { GraphOptions } from './graph-options.js'
import { countReferences } from './reference-counts.js'
import { settleHeap } from './settle-heap.js'

export interface AliveObject {
  id: number
  type: string
  /** Strong references to it now, and how many more than when it was tracked. */
  refCount: number
  refCountDiff: number
  ageMs: number
}

export interface DeadObject {
  id: number
  type: string
  /** Strong references to it when it was tracked. */
  wasRefCount: number
  /** From when it was tracked until it was found dead: fixed from then on. */
  ageAtDeathMs: number
}

export interface TrackedObjects {
  alive: Record<string, AliveObject>
  dead: Record<string, DeadObject>
}

interface Watched {
  reference: WeakReference
  id: number
  type: string
  refCount: number
  sinceMs: number
  diedMs: number | null
}

/** Single objects that a detector follows, without holding them. */
export class WatchedObjects {
  readonly #watched = new Map<string, Watched>()

  get names(): readonly string[] {
    return [...this.#watched.keys()]
  }

  /** Not asynchronous itself: while it waited its frame would hold the object that is counted. */
  add(object: object, name: string, capture: GraphOptions): Promise<void> {
    checkNamed(object, name)
    return this.#addCounted(watch(object), name, capture)
  }

  remove(name: string): boolean {
    return this.#watched.delete(name)
  }

  async check(capture: GraphOptions): Promise<TrackedObjects> {
    if (this.#watched.size === 0) return { alive: {}, dead: {} }
    const references = [...this.#watched].map(([name, { reference }]) => [name, reference] as const)
    const counts = await countReferences(new Map(references), capture)
    await settleHeap()
    forgetDead(this.#watched, ({ reference }) => !reference.alive)
    const alive = new Map<string, AliveObject>()
    const dead = new Map<string, DeadObject>()
    const nowMs = performance.now()
    for (const [name, watched] of this.#watched) {
      const { id, type, refCount: wasRefCount, sinceMs } = watched
      if (watched.reference.alive) {
        const refCount = counts.get(name) ?? 0
        const refCountDiff = refCount - wasRefCount
        alive.set(name, { id, type, refCount, refCountDiff, ageMs: nowMs - sinceMs })
      } else {
        watched.diedMs ??= nowMs
        dead.set(name, { id, type, wasRefCount, ageAtDeathMs: watched.diedMs - sinceMs })
      }
    }
    return { alive: Object.fromEntries(alive), dead: Object.fromEntries(dead) }
  }

  /** Only once it is counted: of one that could not be, every difference would be wrong. */
  async #addCounted(watched: Watched, name: string, capture: GraphOptions): Promise<void> {
    const counts = await countReferences(new Map([[name, watched.reference]]), capture)
    watched.refCount = counts.get(name) ?? 0
    this.#watched.set(name, watched)
  }
}

function watch(object: object): Watched {
  const watched: Watched = {
    reference: ref(object, () => {
      watched.diedMs ??= performance.now()
    }),
    id: objectId(object),
    type: classNameOf(object),
    refCount: 0,
    sinceMs: performance.now(),
    diedMs: null,
  }
  return watched
}
