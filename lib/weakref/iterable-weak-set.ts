import type { WeakReference } from './reference.js'
import { checkTarget, type Target } from './target.js'
import { WeakKeyMap } from './weak-key-map.js'
import { checkIterable, noSuchKey } from './weak-mapping.js'

/**
 * A `WeakSet` that can be counted and gone through, with the set algebra of the language's `Set`. The
 * other side of each operation is anything iterable: a `Set`, an array, another weak set. Members are
 * compared by identity.
 */
export class IterableWeakSet<T extends Target = object> implements Iterable<T> {
  readonly #members = new WeakKeyMap<T, undefined>()

  constructor(values?: Iterable<T> | null) {
    if (values != null) this.update(values)
  }

  /** How many members live, as far as collections have found out. */
  get size(): number {
    return this.#members.size
  }

  /** False of what cannot be a member. */
  has(value: unknown): boolean {
    return this.#members.has(value)
  }

  /** @throws {TypeError} of a value that cannot be held weakly */
  add(value: T): this {
    checkTarget(value, 'a member of an IterableWeakSet')
    this.#members.set(value, undefined)
    return this
  }

  /** @throws {TypeError} of a value that cannot be held weakly */
  delete(value: T): boolean {
    checkTarget(value, 'a member of an IterableWeakSet')
    return this.#members.delete(value)
  }

  /** `delete` that returns nothing. */
  discard(value: T): void {
    this.delete(value)
  }

  /** @throws {HeapscopeError} `ERR_HEAPSCOPE_NO_SUCH_KEY` where it is no member */
  remove(value: T): void {
    if (!this.delete(value)) throw noSuchKey('this is no member of the set')
  }

  /**
   * Takes out the oldest living member and returns it.
   *
   * @throws {HeapscopeError} `ERR_HEAPSCOPE_NO_SUCH_KEY` of an empty set
   */
  pop(): T {
    for (const value of this) {
      this.delete(value)
      return value
    }
    throw noSuchKey('the set is empty')
  }

  clear(): void {
    this.#members.clear()
  }

  /** The living members, oldest first. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.keys()
  }

  values(): IterableIterator<T> {
    return this[Symbol.iterator]()
  }

  keys(): IterableIterator<T> {
    return this[Symbol.iterator]()
  }

  *entries(): IterableIterator<[T, T]> {
    for (const value of this) yield [value, value]
  }

  forEach(visit: (value: T, key: T, set: this) => void, thisArgument?: unknown): void {
    for (const value of this) visit.call(thisArgument, value, value, this)
  }

  /** A reference to each living member: unlike `values()` the array holds none of them. */
  refs(): WeakReference<T>[] {
    return this.#members.keyRefs()
  }

  clone(): IterableWeakSet<T> {
    return new IterableWeakSet(this)
  }

  /** @throws {TypeError} where the other has what cannot be held weakly */
  union<U extends Target>(other: Iterable<U>): IterableWeakSet<T | U> {
    return new IterableWeakSet<T | U>(this).update(other)
  }

  intersection(other: Iterable<unknown>): IterableWeakSet<T> {
    return this.clone().intersectionUpdate(other)
  }

  difference(other: Iterable<unknown>): IterableWeakSet<T> {
    return this.clone().differenceUpdate(other)
  }

  /** @throws {TypeError} where the other has what cannot be held weakly */
  symmetricDifference<U extends Target>(other: Iterable<U>): IterableWeakSet<T | U> {
    return new IterableWeakSet<T | U>(this).symmetricDifferenceUpdate(other)
  }

  /** In place: puts in all of the other. */
  update(other: Iterable<T>): this {
    for (const value of heldOf(other)) this.add(value)
    return this
  }

  /** In place: keeps what the other has too. */
  intersectionUpdate(other: Iterable<unknown>): this {
    const kept = heldOf(other)
    for (const value of heldOf(this)) if (!kept.has(value)) this.delete(value)
    return this
  }

  /** In place: takes out what the other has. */
  differenceUpdate(other: Iterable<unknown>): this {
    for (const value of heldOf(other)) if (this.has(value)) this.delete(value as T)
    return this
  }

  /** In place: what just one of the two has. */
  symmetricDifferenceUpdate(other: Iterable<T>): this {
    for (const value of heldOf(other)) {
      if (!this.has(value)) this.add(value)
      else this.delete(value)
    }
    return this
  }

  isSubsetOf(other: Iterable<unknown>): boolean {
    const held = heldOf(other)
    return [...this].every((value) => held.has(value))
  }

  isSupersetOf(other: Iterable<unknown>): boolean {
    return [...heldOf(other)].every((value) => this.has(value))
  }

  isDisjointFrom(other: Iterable<unknown>): boolean {
    return [...heldOf(other)].every((value) => !this.has(value))
  }

  /** Whether the other is a weak set, too, with the same members. */
  equals(other: unknown): boolean {
    return other instanceof IterableWeakSet && this.isSubsetOf(other) && this.isSupersetOf(other)
  }

  get [Symbol.toStringTag](): string {
    return 'IterableWeakSet'
  }
}

/** Held meanwhile, so that what is compared does not change. */
function heldOf<T>(values: Iterable<T>): Set<T> {
  return new Set(checkIterable(values))
}
