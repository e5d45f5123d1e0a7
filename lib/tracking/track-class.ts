import { HeapscopeError, invalidArgument } from '../errors.js'
import { native } from '../native.js'
import { describe, isObject } from '../options.js'
import { checkCloseMethods } from './close-methods.js'
import { readFigures } from './figures.js'
import { metas } from './metas.js'
import { checkClass, checkTrackOptions, type Constructor, type TrackOptions } from './options.js'
import {
  find,
  recordOf,
  recordOfInstance,
  recordOfObjects,
  register,
  wrapperOf,
} from './registry.js'
import { beginUse, endUses } from './uses.js'
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
  checkTracking(cls, options, 'trackClass')
  return use(cls, options, trackClass)
}

/** `user` wants the class counted, until it says otherwise. */
export function use<C extends Constructor>(
  cls: C,
  options: TrackOptions,
  user: unknown,
  decorated = false,
): C {
  const known = recordOf(cls)
  if (known?.cls) {
    known.configure({ ...known.options, ...options })
    const wrapper = wrapperOf(known) ?? wrap(known, known.cls, decorated)
    beginUse(known, user)
    return wrapper as unknown as C
  }
  const record = register(cls, options)
  const wrapper = wrap(record, cls, decorated)
  beginUse(record, user)
  return wrapper as unknown as C
}

export function checkTracking(cls: unknown, options: unknown, where: string): void {
  checkClass(cls, where)
  checkTrackOptions(options, where)
  checkCloseMethods(recordOf(cls)?.cls ?? cls, options.close)
}

/** `trackClass` as a standard class decorator: `@tracked` or `@tracked({ name: 'Order' })`. */
export function tracked(
  options?: TrackOptions,
): <C extends Constructor>(cls: C, context?: ClassDecoratorContext<C>) => C
export function tracked<C extends Constructor>(cls: C, context?: ClassDecoratorContext<C>): C
export function tracked(first: TrackOptions | Constructor = {}): unknown {
  const decorate = (cls: Constructor, options: TrackOptions) => {
    checkTracking(cls, options, 'trackClass')
    return use(cls, options, trackClass, true)
  }
  if (typeof first === 'function') return decorate(first, {})
  checkTrackOptions(first, 'tracked')
  return (cls: Constructor) => decorate(cls, first)
}

/**
 * Stops counting new instances of the class, and of derived classes that were not tracked by
 * themselves; those that live are still counted to their end. The instrumented class goes on working as the plain one.
 *
 * @throws {HeapscopeError} `ERR_HEAPSCOPE_NOT_TRACKED`, also when called a second time
 */
export function untrackClass(cls: Constructor): void {
  const record = find(cls)
  if (!record.enabled) {
    throw new HeapscopeError('ERR_HEAPSCOPE_NOT_TRACKED', `${record.name} is not tracked any more`)
  }
  endUses(record)
}

/**
 * Tracks one object that exists already, under `options.name` or its class's name. An instance that
 * its tracked class counts already stays there. Does not keep the object alive. Returns it.
 */
export function trackObject<O extends object>(object: O, options: TrackOptions = {}): O {
  if (!isObject(object)) {
    throw invalidArgument(
      `trackObject takes an object, not ${describe(object)}: only objects are collected one by one`,
    )
  }
  checkTrackOptions(options, 'trackObject')
  if (options.close !== undefined && options.close !== false) {
    throw invalidArgument(
      'trackObject watches no close methods; mark the object with tracker.close',
    )
  }
  if (metas.has(object) || isCounted(object)) return object
  const record = recordOfObjects(options.name ?? classNameOf(object), options)
  record.admit(object, trackObject)
  return object
}

/** By its class; where that is sampled, every instance may have been. */
function isCounted(object: object): boolean {
  const record = recordOfInstance(object)
  if (!record?.cls) return false
  return (
    native.findInstance(record.index, object) !== undefined || readFigures(record).liveStdError > 0
  )
}

/** Runs no code of the object's own. */
function classNameOf(object: object): string {
  const prototype = Object.getPrototypeOf(object) as object | null
  const made: unknown =
    prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof made === 'function' && made.name ? made.name : 'Object'
}
