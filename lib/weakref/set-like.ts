import { invalidArgument } from '../errors.js'
import { describe, isObject } from '../options.js'
import { checkIterable } from './weak-mapping.js'

/** What a set can be compared with: anything iterable, or what the language's sets take. */
export type Members<T> = Iterable<T> | SetLike<T>

/** With `size`, `has` and `keys`, as a `Set` has and a `Map`, whose keys it stands for. */
export interface SetLike<T> {
  readonly size: number
  has(value: T): boolean
  keys(): Iterator<T>
}

/** Held meanwhile, so that what is compared does not change. */
export function heldOf<T>(values: Members<T>): Set<T> {
  return new Set(membersOf(values))
}

/** What can be asked for a member: a set-like itself, as the language does. */
export function lookIn<T>(values: Members<T>): Pick<SetLike<T>, 'has'> {
  return isSetLike(values) ? values : heldOf(values)
}

export function membersOf<T>(values: Members<T>): Iterable<T> {
  if (!isSetLike(values)) return checkIterable(values)
  const keys = values.keys()
  if (!isObject(keys)) throw invalidArgument(`keys() gave no iterator, but ${describe(keys)}`)
  return { [Symbol.iterator]: () => keys }
}

export function isSetLike<T>(values: Members<T>): values is SetLike<T> {
  if (!isObject(values)) return false
  const { size, has, keys } = values as Partial<SetLike<T>>
  return (
    typeof size === 'number' &&
    !Number.isNaN(size) &&
    typeof has === 'function' &&
    typeof keys === 'function'
  )
}
