import { Cells } from './cells.js'
import { Oldest } from './oldest.js'
import { ref, type WeakReference } from './reference.js'
import { checkTarget, isTarget, type Target } from './target.js'
import { speciesOf, WeakMapping } from './weak-mapping.js'

/**
 * A map that does not hold its values: an entry is gone once its value is dead. For caches and
 * registries of objects that others own. Keys are held, while their values live.
 */
export class WeakValueMap<K, V extends Target = object> extends WeakMapping<K, V> {
  readonly #slots = new Map<K, number>()
  #keys: (K | undefined)[] = [] // by slot
  readonly #oldest = new Oldest(() => this.#slots.entries())
  readonly #cells = new Cells<V>((slots) => {
    for (const slot of slots) {
      this.#slots.delete(this.#keys[slot] as K)
      this.#keys[slot] = undefined
    }
    // One that is just being added has a cell already, and no key yet.
    if (this.#slots.size === 0 && this.#cells.live === 0) this.clear()
  })

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    super()
    if (entries != null) this.update(entries)
  }

  get(key: K): V | undefined {
    const slot = this.#slots.get(key)
    return slot === undefined ? undefined : this.#cells.get(slot)
  }

  /** @throws {TypeError} of a value that cannot be held weakly; the map stays as it is */
  set(key: K, value: V): this {
    if (!isTarget(value)) checkTarget(value, 'a value of a WeakValueMap')
    const known = this.#slots.get(key)
    if (known === undefined) {
      const slot = this.#cells.add(value)
      this.#keys[slot] = key
      this.#slots.set(key, slot)
    } else if (!this.#cells.assign(known, value)) {
      // Its entry was gone, so this is a new one, the last in order.
      this.#slots.delete(key)
      this.#slots.set(key, known)
    }
    return this
  }

  has(key: K): boolean {
    const slot = this.#slots.get(key)
    return slot !== undefined && this.#cells.has(slot)
  }

  delete(key: K): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    this.#slots.delete(key)
    this.#keys[slot] = undefined
    return this.#cells.release(slot)
  }

  clear(): void {
    this.#slots.clear()
    this.#keys = []
    this.#cells.clear()
  }

  get size(): number {
    return this.#cells.live
  }

  *entries(): IterableIterator<[K, V]> {
    for (const [key, slot] of this.#slots) {
      const value = this.#cells.get(slot)
      if (value !== undefined) yield [key, value]
    }
  }

  protected oldest(): [K, V] | undefined {
    return this.#oldest.find(([key, slot]) => {
      const value = this.#cells.get(slot)
      return value === undefined ? undefined : [key, value]
    })
  }

  /** A reference to each living value: unlike `values()` the array holds none of them. */
  valueRefs(): WeakReference<V>[] {
    return Array.from(this.values(), (value) => ref(value))
  }

  static get [Symbol.species](): typeof WeakValueMap {
    return this
  }

  /** Of a subclass by its constructor, as `Symbol.species` has it. */
  clone(): this {
    return new (speciesOf(this, WeakValueMap))(this) as this
  }

  /** A new map with the entries of both; of a key in both, the value of the other. */
  union<K2, V2 extends Target>(other: Iterable<readonly [K2, V2]>): WeakValueMap<K | K2, V | V2> {
    return new WeakValueMap<K | K2, V | V2>(this).update(other)
  }

  get [Symbol.toStringTag](): string {
    return 'WeakValueMap'
  }
}
