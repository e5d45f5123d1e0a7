import { inspect } from 'node:util'
import { invalidArgument } from '../errors.js'
import { checkFunction, describe, isObject } from '../options.js'
import { notify } from './deliver.js'
import { forgetSlot, isLive, Link, targetOf } from './link.js'
import { describeLink } from './reference.js'

type AnyFunction = (...args: never[]) => unknown

/** A method of an object that does not hold the object. Made by `weakMethod`. */
export class WeakMethod<F extends AnyFunction = AnyFunction> extends Link {
  readonly #name: PropertyKey | undefined
  // By the object, so that a method which refers to it does not hold it.
  readonly #methods: WeakMap<object, AnyFunction> | undefined
  #callback: ((method: WeakMethod<F>) => unknown) | undefined

  /** @internal */
  constructor(
    object: object,
    method: AnyFunction | PropertyKey,
    callback: ((method: WeakMethod<F>) => unknown) | undefined,
  ) {
    super(object, callback !== undefined)
    if (typeof method === 'function') this.#methods = new WeakMap([[object, method]])
    else this.#name = method
    this.#callback = callback
  }

  /**
   * The method bound to its object: a new function, which holds the object while you hold it.
   * Undefined once the object is dead; of a method given by name also while the object has none.
   */
  deref(): F | undefined {
    const object = targetOf(this) as object | undefined
    if (object === undefined) return undefined
    const method: unknown = this.#methods?.get(object) ?? Reflect.get(object, this.#name!)
    return typeof method === 'function' ? (method.bind(object) as F) : undefined
  }

  get alive(): boolean {
    return isLive(this)
  }

  override toString(): string {
    return describeLink(this, 'WeakMethod')
  }

  [inspect.custom](): string {
    return `<${describeLink(this, 'WeakMethod')}>`
  }

  /** @internal */
  override [notify](): unknown {
    forgetSlot(this)
    const callback = this.#callback
    this.#callback = undefined
    return callback?.(this)
  }
}

/**
 * A weak reference to a method of an object, given itself or by name (then looked up each time). A
 * reference to `object.method.bind(object)` would be dead at once: nobody else holds that function.
 * The callback is called once with the weak method when the object is dead, as those of `ref`.
 *
 * @throws {TypeError} of anything but an object, a function or name, and a function as the callback
 */
export function weakMethod<F extends AnyFunction>(
  object: object,
  method: F | PropertyKey,
  callback?: (method: WeakMethod<F>) => unknown,
): WeakMethod<F> {
  if (!isObject(object)) {
    throw invalidArgument(`the object of a weak method must be an object, not ${describe(object)}`)
  }
  if (!['function', 'string', 'symbol', 'number'].includes(typeof method)) {
    throw invalidArgument(`the method must be a function or its name, not ${describe(method)}`)
  }
  if (callback !== undefined) checkFunction(callback, 'the callback of a weak method')
  return new WeakMethod(object, method, callback)
}
