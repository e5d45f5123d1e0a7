import type { Constructor } from './options.js'

/**
 * Makes `wrapper` pass for `cls` where it is looked at or used as an object. What `cls` carries is
 * not copied but passed on, both ways: its own methods read and write it by the inner name of the
 * class.
 */
export function mirrorStatics(wrapper: CallableFunction, cls: Constructor): void {
  const toOriginal = hasPrivateStatics(cls) ? receiverFor(wrapper, cls) : undefined
  Object.setPrototypeOf(wrapper, cls)
  Object.defineProperty(wrapper, 'prototype', { value: cls.prototype, writable: false })
  for (const key of ['name', 'length'] as const) {
    const value: unknown = cls[key as keyof typeof cls]
    Object.defineProperty(wrapper, key, { value, configurable: true })
  }
  if (!Object.hasOwn(cls, 'toString')) {
    // Libraries read a class's source to tell classes from functions, or its parameters' names.
    const source = Function.prototype.toString.call(cls)
    const toString = { toString: () => source }.toString
    Object.defineProperty(wrapper, 'toString', {
      value: toString,
      configurable: true,
      writable: true,
    })
  }
  for (const key of Reflect.ownKeys(cls)) {
    if (Object.hasOwn(wrapper, key)) {
      const ours = key === 'prototype' || key === 'length' || key === 'toString'
      if (ours || (key === 'name' && typeof Reflect.get(cls, key) === 'string')) continue
    }
    const { enumerable = false } = Object.getOwnPropertyDescriptor(cls, key)!
    Object.defineProperty(wrapper, key, {
      enumerable,
      configurable: true,
      get(this: unknown) {
        const value: unknown = Reflect.get(cls, key, toOriginal ? cls : this)
        return toOriginal ? toOriginal(value) : value
      },
      set(this: unknown, value: unknown) {
        const receiver = this === wrapper ? cls : this
        if (!Reflect.set(cls, key, value, receiver)) {
          throw new TypeError(`Cannot assign to read only property '${String(key)}' of ${cls.name}`)
        }
      },
    })
  }
}

const privateStatic = /\bstatic\s*(?:(?:async|get|set)\b\s*)?\*?\s*#/

/** As TypeScript compiles them: of the class `_a`, and with one argument more than an instance's. */
const compiledPrivateStatic =
  /\b__classPrivateField(?:Get\(\s*this\s*,\s*_[a-z]{1,2}\s*,|Set\(\s*this\s*,\s*_[a-z]{1,2}\s*,[^;]*)\s*"[amf]"\s*,\s*_/

/**
 * A static private member exists on the class itself and on nothing else, so `this.#member` in a
 * static method throws when `this` is a wrapper (or a subclass). Nothing but the source tells of
 * them; a match in a comment only makes static methods run with the class as `this`.
 */
export function hasPrivateStatics(cls: Constructor): boolean {
  const source = Function.prototype.toString.call(cls)
  return privateStatic.test(source) || compiledPrivateStatic.test(source)
}

/** Gives static methods the original class as `this` when they are called on the wrapper. */
function receiverFor(wrapper: CallableFunction, cls: Constructor): (value: unknown) => unknown {
  const forwarded = new WeakMap<object, unknown>()
  return (value) => {
    if (typeof value !== 'function' || isClass(value)) return value
    let forwarding = forwarded.get(value)
    if (!forwarding) {
      forwarding = new Proxy(value, {
        apply: (target, receiver, args) =>
          Reflect.apply(target, receiver === wrapper ? cls : receiver, args) as unknown,
      })
      forwarded.set(value, forwarding)
    }
    return forwarding
  }
}

function isClass(value: object): boolean {
  return Function.prototype.toString.call(value).startsWith('class')
}
