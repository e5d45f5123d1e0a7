import { inspect, type InspectOptions } from 'node:util'
import { invalidArgument } from '../errors.js'
import { DeadReferenceError } from './dead-reference-error.js'
import { isLive, targetOf } from './link.js'
import type { ProxyLink } from './proxy-link.js'
import { describeLink } from './reference.js'

type AnyFunction = (...args: unknown[]) => unknown

/**
 * The traps of a weak proxy: all forward to the real target. Where the proxy itself is the receiver, the
 * target takes its place, so that private members and internal slots work; what inherits from the proxy
 * stays the receiver. The proxy's formal target is an empty shell.
 *
 * It has no members but traps: V8 12.4 (Node 22) passes over the `get` trap of a handler whose
 * prototype has a member with a symbol for its name.
 */
export class WeakProxyHandler implements ProxyHandler<object> {
  readonly #link: ProxyLink
  // What stands for the target's methods, by the method: holds neither.
  readonly #methods = new WeakMap<object, object>()

  constructor(link: ProxyLink) {
    this.#link = link
  }

  get(_shell: object, key: PropertyKey, receiver: unknown): unknown {
    if (key === 'then' && !isLive(this.#link)) return undefined // else `await` of a dead one would throw
    const target = live(this.#link)
    const value: unknown = Reflect.get(target, key, this.#isProxy(receiver) ? target : receiver)
    return typeof value === 'function' && key !== 'constructor' && !isClass(value)
      ? this.#methodFor(value as AnyFunction)
      : value
  }

  set(_shell: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    const target = live(this.#link)
    return Reflect.set(target, key, value, this.#isProxy(receiver) ? target : receiver)
  }

  has(_shell: object, key: PropertyKey): boolean {
    return Reflect.has(live(this.#link), key)
  }

  deleteProperty(_shell: object, key: PropertyKey): boolean {
    return Reflect.deleteProperty(live(this.#link), key)
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(live(this.#link))
  }

  getOwnPropertyDescriptor(shell: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(live(this.#link), key)
    if (isFixed(shell, key)) fixLength(shell, descriptor)
    // The language lets a proxy call only that fixed which its formal target has fixed too.
    if (descriptor && !isFixed(shell, key)) descriptor.configurable = true
    return descriptor
  }

  defineProperty(shell: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const target = live(this.#link)
    if (descriptor.configurable === false && !isFixed(shell, key)) throw cannotFix()
    // What is not there yet and not said to be configurable would become fixed.
    if (descriptor.configurable === undefined && !Object.hasOwn(target, key)) throw cannotFix()
    const done = Reflect.defineProperty(target, key, descriptor)
    if (isFixed(shell, key)) fixLength(shell, Reflect.getOwnPropertyDescriptor(target, key))
    return done
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(live(this.#link))
  }

  setPrototypeOf(_shell: object, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(live(this.#link), prototype)
  }

  preventExtensions(): never {
    live(this.#link)
    throw cannotFix()
  }

  isExtensible(shell: object): boolean {
    live(this.#link)
    return Reflect.isExtensible(shell) // the language insists
  }

  apply(_shell: object, thisArgument: unknown, args: unknown[]): unknown {
    return Reflect.apply(live(this.#link) as AnyFunction, thisArgument, args)
  }

  construct(_shell: object, args: unknown[], newTarget: AnyFunction): object {
    const target = live(this.#link) as AnyFunction
    return Reflect.construct(target, args, this.#isProxy(newTarget) ? target : newTarget) as object
  }

  #isProxy(value: unknown): boolean {
    return value === this.#link.proxy
  }

  /** The same method, which when called on the proxy runs on the target. */
  #methodFor(method: AnyFunction): object {
    const known = this.#methods.get(method)
    if (known) return known
    const made = new Proxy(method, {
      apply: (_method, thisArgument: unknown, args) =>
        Reflect.apply(method, this.#isProxy(thisArgument) ? live(this.#link) : thisArgument, args),
    })
    this.#methods.set(method, made)
    return made
  }
}

function live(link: ProxyLink): object {
  const target = targetOf(link) as object | undefined
  if (target === undefined) throw new DeadReferenceError()
  return target
}

/** Callable where the target is, an array where it is one; otherwise empty. */
export function shellFor(target: object, link: ProxyLink): object {
  // A bound function can be called and constructed, and has no fixed properties.
  const shell: object =
    typeof target === 'function' ? function () {}.bind(undefined) : Array.isArray(target) ? [] : {}
  // `util.inspect` runs no traps: it looks at the shell.
  Object.defineProperty(shell, inspect.custom, {
    configurable: true,
    value: (depth: number, options: InspectOptions) => {
      const real = targetOf(link)
      if (real === undefined) return `<${describeLink(link, 'WeakProxy')}>`
      return `<WeakProxy to ${inspect(real, { ...options, depth })}>`
    },
  })
  return shell
}

/** A class cannot be called as a method, and is handed out as it is. */
function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}

/** Of a shell only the length of an array is. */
function isFixed(shell: object, key: PropertyKey): boolean {
  return Reflect.getOwnPropertyDescriptor(shell, key)?.configurable === false
}

/** A length that cannot change any more may be called so once the shell has the same. */
function fixLength(shell: object, length: PropertyDescriptor | undefined): void {
  if (length?.writable !== false) return
  // As long as can be first: the elements are then a dictionary, which takes no room for holes.
  Reflect.set(shell, 'length', 2 ** 32 - 1)
  Reflect.defineProperty(shell, 'length', { value: length.value as number, writable: false })
}

function cannotFix(): TypeError {
  return invalidArgument(
    'a weak proxy cannot promise that something stays as it is: freeze, seal, or define a ' +
      'non-configurable property on the object itself',
  )
}
