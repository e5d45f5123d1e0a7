import type { Constructor, TrackOptions } from './options.js'

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

/** The prototypes whose methods were replaced, with the names, so that it is done once. */
const wrapped = new WeakMap<object, Set<string | symbol>>()

/**
 * Has every close method along the prototype chain of `cls` end in `onClose(instance)`. The method
 * itself always runs, and what it returns or throws passes through.
 */
export function wrapCloseMethods(
  cls: Constructor,
  names: readonly (string | symbol)[],
  onClose: (instance: object) => void,
): void {
  for (const name of names) {
    const holder = holderOf(cls.prototype as object, name)
    if (!holder || wrapped.get(holder)?.has(name)) continue
    const descriptor = Object.getOwnPropertyDescriptor(holder, name)!
    const close = descriptor.value as (...args: unknown[]) => unknown
    const { [close.name]: closing } = {
      [close.name](this: object, ...args: unknown[]): unknown {
        try {
          return Reflect.apply(close, this, args)
        } finally {
          onClose(this)
        }
      },
    }
    Object.defineProperty(closing!, 'length', { value: close.length, configurable: true })
    if (!Reflect.defineProperty(holder, name, { ...descriptor, value: closing })) continue
    const names = wrapped.get(holder) ?? new Set()
    wrapped.set(holder, names.add(name))
  }
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
