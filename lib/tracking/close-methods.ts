import { invalidArgument } from '../errors.js'
import { isObject } from '../options.js'
import type { Constructor, TrackOptions } from './options.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

const usualCloseMethods: readonly (string | symbol)[] = [
  'close',
  Symbol.dispose,
  Symbol.asyncDispose,
]

/** The methods by which instances of `cls` are closed: those chosen, or the usual ones it has. */
export function closeMethodsOf(
  cls: Constructor,
  choice: TrackOptions['close'],
): (string | symbol)[] {
  if (choice === false) return []
  const names = choice === undefined ? usualCloseMethods : [choice].flat()
  return names.filter((name) => methodOf(cls.prototype as object, name) !== undefined)
}

/** Refuses a choice that names what the class does not have. */
export function checkCloseMethods(cls: Constructor, choice: TrackOptions['close']): void {
  if (choice === undefined || choice === false) return
  const found = closeMethodsOf(cls, choice)
  for (const name of [choice].flat()) {
    if (found.includes(name)) continue
    throw invalidArgument(
      `close names "${String(name)}", which is no method of ${cls.name}'s prototype; ` +
        'a function that each instance has of its own cannot be watched',
    )
  }
}

/** What stands where: by prototype and name, our method and what was there before it. */
const wrapped = new WeakMap<object, Map<string | symbol, Wrapping>>()

interface Wrapping {
  closing: Method
  before: PropertyDescriptor | undefined
}

/**
 * Has the close methods of `cls` end in `onClose(instance)`; returns the names for which that could
 * be done. The method itself always runs, and what it returns or throws passes through. A method
 * that is inherited from a class that is not tracked is left as it is: `cls` gets one that calls it.
 */
export function wrapCloseMethods(
  cls: Constructor,
  names: readonly (string | symbol)[],
  onClose: (instance: object) => void,
): (string | symbol)[] {
  const prototype = cls.prototype as object
  return names.filter((name) => {
    const holder = holderOf(prototype, name)!
    if (wrapped.get(holder)?.has(name)) return true
    const before = Object.getOwnPropertyDescriptor(prototype, name)
    const inherited = Object.getOwnPropertyDescriptor(holder, name)!
    const close = inherited.value as Method
    // What is inherited may be replaced where it stands, and then holds for this class as well.
    const current = (): Method => {
      const now = before ? undefined : methodOf(Object.getPrototypeOf(prototype) as object, name)
      return now === undefined || now === closing ? close : (now as Method)
    }
    const closing = closingMethod(close, current, onClose)
    if (!Reflect.defineProperty(prototype, name, { ...inherited, value: closing })) return false
    const known = wrapped.get(prototype) ?? new Map<string | symbol, Wrapping>()
    wrapped.set(prototype, known.set(name, { closing, before }))
    return true
  })
}

/** Puts back what `wrapCloseMethods` replaced on the class's own prototype, where it still stands. */
export function unwrapCloseMethods(cls: Constructor): void {
  const prototype = cls.prototype as object
  for (const [name, { closing, before }] of wrapped.get(prototype) ?? []) {
    if (Object.getOwnPropertyDescriptor(prototype, name)?.value !== closing) continue
    if (before) Object.defineProperty(prototype, name, before)
    else Reflect.deleteProperty(prototype, name)
  }
  wrapped.delete(prototype)
}

/** Looks like `close`, and calls what `current` gives. */
function closingMethod(
  close: Method,
  current: () => Method,
  onClose: (instance: object) => void,
): Method {
  const { [close.name]: closing } = {
    [close.name](this: unknown, ...args: unknown[]): unknown {
      try {
        return Reflect.apply(current(), this, args)
      } finally {
        if (isObject(this)) onClose(this)
      }
    },
  }
  Object.defineProperty(closing!, 'length', { value: close.length, configurable: true })
  return closing!
}

function methodOf(prototype: object, name: string | symbol): unknown {
  const holder = holderOf(prototype, name)
  const value: unknown = holder && Object.getOwnPropertyDescriptor(holder, name)!.value
  return typeof value === 'function' ? value : undefined
}

function holderOf(prototype: object, name: string | symbol): object | undefined {
  let holder: object | null = prototype
  while (holder && !Object.hasOwn(holder, name)) {
    holder = Object.getPrototypeOf(holder) as object | null
  }
  return holder ?? undefined
}
