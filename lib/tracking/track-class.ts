import { HeapscopeError, invalidArgument } from '../errors.js'
import { describe, isObject } from '../options.js'
import { checkClass, checkTrackOptions, type Constructor, type TrackOptions } from './options.js'
import type { ClassRecord } from './record.js'
import { metas } from './record.js'
import {
  find,
  instrumentClose,
  recordOf,
  recordOfObjects,
  register,
  wrapperOf,
} from './registry.js'
import { wrap } from './wrapper.js'

/**
 * Returns the instrumented class: use it in place of `cls`. It has the same name, statics and
 * prototype, `instanceof` works both ways, subclasses are counted under themselves. Instances made
 * before, or by the inner name of the class in its own body, are not seen (the latter are with the
 * decorator `tracked`). Calling it again updates the options. Costs about 40 ns for the whole life
 * of an instance, a few once the class is sampled; keeps no instance alive.
 *
 * @throws {TypeError} of something else than a class, or with an unknown option
 * @throws {RangeError} with an option out of range
 */
export function trackClass<C extends Constructor>(cls: C, options: TrackOptions = {}): C {
  checkClass(cls, 'trackClass')
  checkTrackOptions(options, 'trackClass')
  const known = recordOf(cls)
  if (known?.cls) {
    known.configure({ ...known.options, ...options })
    known.explicit = true
    setEnabled(known, true)
    instrumentClose(known)
    return (wrapperOf(known) ?? wrap(known, known.cls)) as unknown as C
  }
  return wrap(register(cls, options), cls) as unknown as C
}

/** `trackClass` as a standard class decorator: `@tracked` or `@tracked({ name: 'Order' })`. */
export function tracked(
  options?: TrackOptions,
): <C extends Constructor>(cls: C, context?: ClassDecoratorContext<C>) => C
export function tracked<C extends Constructor>(cls: C, context: ClassDecoratorContext<C>): C
export function tracked(first: TrackOptions | Constructor = {}): unknown {
  if (typeof first === 'function') return trackClass(first)
  checkTrackOptions(first, 'tracked')
  return (cls: Constructor) => trackClass(cls, first)
}

/**
 * Stops counting new instances of the class, and of classes derived from it; those that live are
 * still counted to their end. The instrumented class goes on working as the plain one.
 *
 * @throws {HeapscopeError} `ERR_HEAPSCOPE_NOT_TRACKED`, also when called a second time
 */
export function untrackClass(cls: Constructor): void {
  const record = find(cls)
  if (!record.enabled) {
    throw new HeapscopeError('ERR_HEAPSCOPE_NOT_TRACKED', `${record.name} is not tracked any more`)
  }
  setEnabled(record, false)
}

/** Classes found deriving from it follow; one that was asked for itself stays as it is. */
export function setEnabled(record: ClassRecord, enabled: boolean): void {
  record.enabled = enabled
  for (const derived of record.derived) if (!derived.explicit) setEnabled(derived, enabled)
}

/**
 * Tracks a class one does not own, where it is carried: `trackExport(pg, 'Client')` replaces
 * `pg.Client`. Disposing restores it and stops counting new instances.
 *
 * @throws {HeapscopeError} `ERR_HEAPSCOPE_READ_ONLY` where the holder does not let it be replaced,
 *   as the namespace of an ES module does not
 */
export function trackExport<K extends PropertyKey>(
  holder: { [key in K]: Constructor },
  key: K,
  options: TrackOptions = {},
): Disposable {
  if (!isObject(holder)) {
    throw invalidArgument(
      `trackExport takes an object that carries a class, not ${describe(holder)}`,
    )
  }
  const original = holder[key]
  checkClass(original, `trackExport of "${String(key)}"`)
  checkTrackOptions(options, 'trackExport')
  const before = Object.getOwnPropertyDescriptor(holder, key)
  if (before ? !before.configurable && !before.writable : !Object.isExtensible(holder)) {
    throw readOnly(key)
  }
  const constructorBefore = constructorOf(original)
  const value = trackClass(original, options)
  const { enumerable = true, configurable = true } = before ?? {}
  if (!Reflect.defineProperty(holder, key, { value, enumerable, configurable, writable: true })) {
    untrackClass(value)
    throw readOnly(key)
  }
  return {
    [Symbol.dispose]() {
      // Somebody may have put something of his own there since.
      if (Object.getOwnPropertyDescriptor(holder, key)?.value === value) {
        if (before) Object.defineProperty(holder, key, before)
        else Reflect.deleteProperty(holder, key)
      }
      if (constructorBefore && constructorOf(original)?.value === value) {
        Object.defineProperty(original.prototype, 'constructor', constructorBefore)
      }
      const record = recordOf(original)
      if (record?.enabled) setEnabled(record, false)
    },
  }
}

/**
 * Tracks one object that exists already, under `options.name` or its class's name, apart from the
 * instances that `trackClass` counts. Does not keep it alive. Returns it.
 */
export function trackObject<O extends object>(object: O, options: TrackOptions = {}): O {
  if (!isObject(object)) {
    throw invalidArgument(
      `trackObject takes an object, not ${describe(object)}: only objects are collected one by one`,
    )
  }
  checkTrackOptions(options, 'trackObject')
  if (metas.has(object)) return object
  const record = recordOfObjects(options.name ?? classNameOf(object), options)
  record.admit(object, trackObject)
  return object
}

/** Runs no code of the object's own. */
function classNameOf(object: object): string {
  const prototype = Object.getPrototypeOf(object) as object | null
  const made: unknown =
    prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof made === 'function' && made.name ? made.name : 'Object'
}

function constructorOf(cls: Constructor): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(cls.prototype, 'constructor')
}

function readOnly(key: PropertyKey): HeapscopeError {
  return new HeapscopeError(
    'ERR_HEAPSCOPE_READ_ONLY',
    `"${String(key)}" cannot be replaced on this object: it is read-only, as everything in the ` +
      'namespace of an ES module is; use the object that the module exports by default, or require it',
  )
}
