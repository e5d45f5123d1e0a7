import { inspect, type InspectOptions } from 'node:util'
import { checkFunction } from '../options.js'
import type { WeakReference } from './reference.js'
import { heldOf, isSetLike, lookIn, membersOf, type Members } from './set-like.js'
import { checkTarget, type Target } from './target.js'
import { WeakKeyMap } from './weak-key-map.js'
import { checkIterable, inspectAs, noSuchKey, speciesOf } from './weak-mapping.js'

/**
 * A `WeakSet` that can be counted and gone through, with the set algebra of the language's `Set`. The
 * other side of each operation is anything iterable, or what the language's takes: a `Set`, an array,
 * another weak set, a `Map` for its keys. Members are compared by identity.
 */
export class IterableWeakSet<T extends Target = object> implements Iterable<T> {
  readonly #members = new WeakKeyMap<T, undefined>()

  constructor(values?: Iterable<T> | null) {
    if (values != null) for (const value of checkIterable(values)) this.add(value)
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
    return this.#members.popItem()[0]
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

  /** @throws {TypeError} of what is no function */
  forEach(visit: (value: T, key: T, set: this) => void, thisArgument?: unknown): void {
    checkFunction(visit, 'what forEach calls')
    for (const value of this) visit.call(thisArgument, value, value, this)
  }

  /** A reference to each living member: unlike `values()` the array holds none of them. */
  refs(): WeakReference<T>[] {
    return this.#members.keyRefs()
  }

  static get [Symbol.species](): typeof IterableWeakSet {
    return this
  }

  /** Of a subclass by its constructor, as `Symbol.species` has it. */
  clone(): this {
    return new (speciesOf(this, IterableWeakSet))(this) as this
  }

  /** @throws {TypeError} where the other has what cannot be held weakly */
  union<U extends Target>(other: Members<U>): IterableWeakSet<T | U> {
    return new IterableWeakSet<T | U>(this).update(other)
  }

  intersection(other: Members<unknown>): IterableWeakSet<T> {
    return new IterableWeakSet<T>(this).intersectionUpdate(other)
  }

  difference(other: Members<unknown>): IterableWeakSet<T> {
    return new IterableWeakSet<T>(this).differenceUpdate(other)
  }

  /** @throws {TypeError} where the other has what cannot be held weakly */
  symmetricDifference<U extends Target>(other: Members<U>): IterableWeakSet<T | U> {
    return new IterableWeakSet<T | U>(this).symmetricDifferenceUpdate(other)
  }

  /** In place: puts in all of the other. Where it throws, the ones before are in. */
  update(other: Members<T>): this {
    for (const value of membersOf(other)) this.add(value)
    return this
  }

  /** In place: keeps what the other has too. */
  intersectionUpdate(other: Members<unknown>): this {
    const kept = lookIn(other)
    for (const value of heldOf<T>(this)) if (!kept.has(value)) this.delete(value)
    return this
  }

  /** In place: takes out what the other has. */
  differenceUpdate(other: Members<unknown>): this {
    if (isSetLike(other) && this.size <= other.size) {
      for (const value of heldOf<T>(this)) if (other.has(value)) this.delete(value)
    } else {
      for (const value of heldOf(other)) if (this.has(value)) this.delete(value as T)
    }
    return this
  }

  /** In place: what just one of the two has. */
  symmetricDifferenceUpdate(other: Members<T>): this {
    for (const value of heldOf(other)) {
      if (!this.has(value)) this.add(value)
      else this.delete(value)
    }
    return this
  }

  isSubsetOf(other: Members<unknown>): boolean {
    const held = lookIn(other)
    return [...this].every((value) => held.has(value))
  }

  isSupersetOf(other: Members<unknown>): boolean {
    for (const value of membersOf(other)) if (!this.has(value)) return false
    return true
  }

  isDisjointFrom(other: Members<unknown>): boolean {
    for (const value of membersOf(other)) if (this.has(value)) return false
    return true
  }

  /** Whether the other is a weak set, too, with the same members. */
  equals(other: unknown): boolean {
    return other instanceof IterableWeakSet && this.isSubsetOf(other) && this.isSupersetOf(other)
  }

  [inspect.custom](depth: number, options: InspectOptions): string {
    return inspectAs(this, new Set(this), depth, options)
  }

  get [Symbol.toStringTag](): string {
    return 'IterableWeakSet'
  }
}
