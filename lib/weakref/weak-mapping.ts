import { inspect, type InspectOptions } from 'node:util'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { checkFunction, describe, isObject } from '../options.js'
import { classNameOf } from './target.js'

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

  /** The oldest living entry, to be taken out. */
  protected abstract oldest(): [K, V] | undefined

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries()
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this.entries()) yield key
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value
  }

  /** @throws {TypeError} of what is no function */
  forEach(visit: (value: V, key: K, map: this) => void, thisArgument?: unknown): void {
    checkFunction(visit, 'what forEach calls')
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

  /**
   * The same with a value that is only made when it is needed.
   *
   * @throws {TypeError} of what is no function
   */
  getOrInsertComputed(key: K, make: (key: K) => V): V {
    checkFunction(make, 'what makes the value')
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
    const entry = this.oldest()
    if (!entry) throw noSuchKey('the collection is empty')
    this.delete(entry[0])
    return entry
  }

  /**
   * Puts in all entries of another map, weak or not. Where it throws, the ones before are in.
   *
   * @throws {TypeError} of what is not iterable, or an entry that is no pair
   */
  update(entries: Iterable<readonly [K, V]>): this {
    for (const entry of checkIterable(entries)) {
      if (!isObject(entry)) {
        throw invalidArgument(`an entry must be a pair [key, value], not ${describe(entry)}`)
      }
      this.set(entry[0], entry[1])
    }
    return this
  }

  [inspect.custom](depth: number, options: InspectOptions): string {
    return inspectAs(this, new Map(this), depth, options)
  }
}

/** What a copy is made by: a subclass's copy is of the subclass, unless that says otherwise. */
export function speciesOf<C>(instance: object, otherwise: C): C {
  const { constructor } = instance as { constructor?: { [Symbol.species]?: C | null } }
  return constructor?.[Symbol.species] ?? otherwise
}

const inspecting = new Set<object>()

/** As the strong collection of the same contents would be, under the name of the weak one's class. */
export function inspectAs(
  weak: object,
  strong: Map<unknown, unknown> | Set<unknown>,
  depth: number,
  options: InspectOptions,
): string {
  const name = classNameOf(weak)
  if (depth < 0) return `[${name}]`
  if (inspecting.has(weak)) return '[Circular]'
  inspecting.add(weak)
  try {
    const text = inspect(strong, { ...options, depth })
    return name + text.slice(text.indexOf('('))
  } finally {
    inspecting.delete(weak)
  }
}

export function checkIterable<T>(given: Iterable<T>): Iterable<T> {
  if (typeof (given as Iterable<T> | undefined)?.[Symbol.iterator] === 'function') return given
  throw invalidArgument(`something iterable is needed, not ${describe(given)}`)
}

export function noSuchKey(message: string): HeapscopeError {
  return new HeapscopeError('ERR_HEAPSCOPE_NO_SUCH_KEY', message)
}
