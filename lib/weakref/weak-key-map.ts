import { Cells } from './cells.js'
import { Oldest } from './oldest.js'
import { ref, type WeakReference } from './reference.js'
import { checkTarget, isTarget, type Target } from './target.js'
import { speciesOf, WeakMapping } from './weak-mapping.js'

/**
 * A `WeakMap` that can be counted and gone through: an entry is gone once its key is dead, even where
 * its value leads to the key. For data about objects that others own. Keys are compared by identity.
 */
export class WeakKeyMap<K extends Target, V> extends WeakMapping<K, V> {
  #entries = new WeakMap<object, { slot: number; value: V }>()
  readonly #order = new Set<number>() // of the slots
  readonly #oldest = new Oldest(() => this.#order.values())
  readonly #keys = new Cells<K>((slots) => {
    for (const slot of slots) this.#order.delete(slot)
  })

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    super()
    if (entries != null) this.update(entries)
  }

  /** @throws {TypeError} of a key that cannot be held weakly */
  get(key: K): V | undefined {
    return this.#entries.get(checked(key))?.value
  }

  /** @throws {TypeError} of a key that cannot be held weakly */
  set(key: K, value: V): this {
    const entry = this.#entries.get(checked(key))
    if (entry) {
      entry.value = value
    } else {
      const slot = this.#keys.add(key)
      this.#order.add(slot)
      this.#entries.set(key as object, { slot, value })
    }
    return this
  }

  /** False of what cannot be a key. */
  has(key: unknown): boolean {
    return isTarget(key) && this.#entries.has(key as object)
  }

  /** @throws {TypeError} of a key that cannot be held weakly */
  delete(key: K): boolean {
    const entry = this.#entries.get(checked(key))
    if (!entry) return false
    this.#entries.delete(key as object)
    this.#order.delete(entry.slot)
    return this.#keys.release(entry.slot)
  }

  clear(): void {
    this.#entries = new WeakMap()
    this.#order.clear()
    this.#keys.clear()
  }

  get size(): number {
    return this.#keys.live
  }

  *entries(): IterableIterator<[K, V]> {
    for (const slot of this.#order) {
      const key = this.#keys.get(slot)
      const entry = key === undefined ? undefined : this.#entries.get(key as object)
      if (entry) yield [key as K, entry.value]
    }
  }

  protected oldest(): [K, V] | undefined {
    return this.#oldest.find((slot) => {
      const key = this.#keys.get(slot)
      const entry = key === undefined ? undefined : this.#entries.get(key as object)
      return entry && [key as K, entry.value]
    })
  }

  /** A reference to each living key: unlike `keys()` the array holds none of them. */
  keyRefs(): WeakReference<K>[] {
    return Array.from(this.keys(), (key) => ref(key))
  }

  static get [Symbol.species](): typeof WeakKeyMap {
    return this
  }

  /** Of a subclass by its constructor, as `Symbol.species` has it. */
  clone(): this {
    return new (speciesOf(this, WeakKeyMap))(this) as this
  }

  /** A new map with the entries of both; of a key in both, the value of the other. */
  union<K2 extends Target, V2>(other: Iterable<readonly [K2, V2]>): WeakKeyMap<K | K2, V | V2> {
    return new WeakKeyMap<K | K2, V | V2>(this).update(other)
  }

  get [Symbol.toStringTag](): string {
    return 'WeakKeyMap'
  }
}

// The language's WeakMap takes unregistered symbols, which its types do not know yet.
function checked(key: Target): object {
  checkTarget(key, 'a key of a WeakKeyMap')
  return key as object
}
