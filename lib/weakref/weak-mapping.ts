import { HeapscopeError, invalidArgument } from '../errors.js'
import { describe } from '../options.js'

/** What the two weak maps have in common, in terms of what each does in its own way. */
export abstract class WeakMapping<K, V> implements Iterable<[K, V]> {
  abstract get(key: K): V | undefined
  abstract set(key: K, value: V): this
  abstract has(key: K): boolean
  abstract delete(key: K): boolean
  abstract clear(): void
  /** How many entries live, as far as collections have found out. */
  abstract get size(): number
  /** The living entries, oldest first. Entries that die or change meanwhile are seen as in a `Map`. */
  abstract entries(): IterableIterator<[K, V]>

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries()
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this.entries()) yield key
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value
  }

  forEach(visit: (value: V, key: K, map: this) => void, thisArgument?: unknown): void {
    for (const [key, value] of this.entries()) visit.call(thisArgument, value, key, this)
  }

  /** @throws {HeapscopeError} `ERR_HEAPSCOPE_NO_SUCH_KEY` */
  getOrThrow(key: K): V {
    const value = this.get(key)
    if (value === undefined && !this.has(key)) throw noSuchKey('the map does not have this key')
    return value as V
  }

  /** The value of the key; where there is none (any more), the given one, which is put in. */
  getOrInsert(key: K, value: V): V {
    return this.getOrInsertComputed(key, () => value)
  }

  /** The same with a value that is only made when it is needed. */
  getOrInsertComputed(key: K, make: (key: K) => V): V {
    const known = this.get(key)
    if (known !== undefined || this.has(key)) return known as V
    const value = make(key)
    this.set(key, value)
    return value
  }

  /**
   * Takes the key out and returns its value, or `otherwise` where it is given.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_NO_SUCH_KEY`
   */
  pop<D = never>(key: K, ...otherwise: [D?]): V | D {
    const value = this.get(key)
    if (value === undefined && !this.has(key)) {
      if (otherwise.length > 0) return otherwise[0] as D
      throw noSuchKey('the map does not have this key')
    }
    this.delete(key)
    return value as V
  }

  /**
   * Takes out the oldest living entry and returns it.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_NO_SUCH_KEY` of an empty map
   */
  popItem(): [K, V] {
    for (const entry of this.entries()) {
      this.delete(entry[0])
      return entry
    }
    throw noSuchKey('the map is empty')
  }

  /** Puts in all entries of another map, weak or not. Where it throws, the ones before are in. */
  update(entries: Iterable<readonly [K, V]>): this {
    for (const [key, value] of checkIterable(entries)) this.set(key, value)
    return this
  }
}

export function checkIterable<T>(given: Iterable<T>): Iterable<T> {
  if (typeof (given as Iterable<T> | undefined)?.[Symbol.iterator] === 'function') return given
  throw invalidArgument(`something iterable is needed, not ${describe(given)}`)
}

export function noSuchKey(message: string): HeapscopeError {
  return new HeapscopeError('ERR_HEAPSCOPE_NO_SUCH_KEY', message)
}
