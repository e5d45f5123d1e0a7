import { HeapscopeError, invalidArgument } from '../errors.js'
import { describe, isObject } from '../options.js'
import { unwrapCloseMethods } from './close-methods.js'
import { readFigures } from './figures.js'
import { checkClass, type Constructor, type TrackOptions } from './options.js'
import type { ClassRecord } from './record.js'
import { find, recordOf } from './registry.js'
import { checkTracking, use } from './track-class.js'
import { endUse } from './uses.js'

/**
 * Tracks a class one does not own, where it is carried: `trackExport(pg, 'Client')` replaces
 * `pg.Client`. Disposing restores it, where it is not tracked there a second time, and stops counting
 * new instances, unless it was tracked before. The close of those that live is still seen; options that
 * were given stay.
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
  checkTracking(original, options, 'trackExport')
  const before = Object.getOwnPropertyDescriptor(holder, key)
  if (before ? !before.configurable && !before.writable : !Object.isExtensible(holder)) {
    throw readOnly(key)
  }
  const user = Symbol(String(key))
  // The name it is known by here says more than a minified or an inner one.
  const named = recordOf(original) || typeof key !== 'string' ? options : { name: key, ...options }
  const value = use(original, named, user)
  const end = () => {
    const record = find(value)
    endUse(record, user)
    if (!record.enabled && !awaitsClose(record)) unwrapCloseMethods(record.cls!)
  }
  const place = placeOf(holder, key, value, before)
  const { enumerable = true, configurable = true } = before ?? {}
  if (!Reflect.defineProperty(holder, key, { value, enumerable, configurable, writable: true })) {
    end()
    throw readOnly(key)
  }
  place.users++
  let disposed = false
  return {
    [Symbol.dispose]() {
      if (disposed) return
      disposed = true
      if (--place.users === 0) restore(holder, key, place)
      end()
    },
  }
}

/** Where a class is carried in place of another, by however many who asked for it. */
interface Place {
  readonly value: Constructor
  readonly before: PropertyDescriptor | undefined
  users: number
}

const places = new WeakMap<object, Map<PropertyKey, Place>>()

function placeOf(
  holder: object,
  key: PropertyKey,
  value: Constructor,
  before: PropertyDescriptor | undefined,
): Place {
  const ofHolder = places.get(holder) ?? new Map<PropertyKey, Place>()
  places.set(holder, ofHolder)
  const known = ofHolder.get(key)
  if (known && known.users > 0 && before?.value === value) return known
  const place = { value, before, users: 0 }
  ofHolder.set(key, place)
  return place
}

/** Somebody may have put something of his own there since, or frozen the holder. */
function restore(holder: object, key: PropertyKey, { value, before }: Place): void {
  if (Object.getOwnPropertyDescriptor(holder, key)?.value !== value) return
  if (before) Reflect.defineProperty(holder, key, before)
  else Reflect.deleteProperty(holder, key)
}

/** Whether a close is still to be seen: of an instance that lives, or of a class that derives. */
function awaitsClose(record: ClassRecord): boolean {
  const { live, liveStdError } = readFigures(record)
  return live > 0 || liveStdError > 0 || record.derived.length > 0
}

function readOnly(key: PropertyKey): HeapscopeError {
  return new HeapscopeError(
    'ERR_HEAPSCOPE_READ_ONLY',
    `"${String(key)}" cannot be replaced on this object: it is read-only, as everything in the ` +
      'namespace of an ES module is; use the object that the module exports by default, or require it',
  )
}
