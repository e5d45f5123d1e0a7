import { HeapscopeError } from '../errors.js'
import { native } from '../native.js'
import { isObject } from '../options.js'
import { closeInstance } from './closing.js'
import { closeMethodsOf, wrapCloseMethods } from './close-methods.js'
import type { Constructor, TrackOptions } from './options.js'
import { ClassRecord, withoutName } from './record.js'
import { mayReturnAnother } from './returns.js'

/** A program that makes classes as it runs would fill this; what is beyond counts for the base. */
const mostDerived = 256

const records: ClassRecord[] = []
const byClass = new WeakMap<object, ClassRecord>() // originals, wrappers, and what counts for a base
const byPrototype = new WeakMap<object, ClassRecord>()
const byObjectName = new Map<string, ClassRecord>()
const wrappers = new WeakMap<ClassRecord, CallableFunction>()

export function allRecords(): readonly ClassRecord[] {
  return records
}

/** The followed live instances of a class; none once its tracking was ended. */
export function liveInstancesOf({ ended, index }: ClassRecord): object[] {
  return ended ? [] : native.liveInstances(index)
}

/**
 * The record of the class itself, given it, its wrapper or a proxy of them; not that of a base for which it
 * counts.
 */
export function recordOf(cls: object): ClassRecord | undefined {
  const record = byClass.get(cls)
  return record?.cls?.prototype === (cls as Constructor).prototype ? record : undefined
}

/** The tracked class whose instances have this prototype. */
export function classOfPrototype(prototype: object): Constructor | undefined {
  return byPrototype.get(prototype)?.cls ?? undefined
}

/** The class under its wrapper. */
export function originalOf(cls: object): Constructor | undefined {
  return recordOf(cls)?.cls ?? undefined
}

export function wrapperOf(record: ClassRecord): CallableFunction | undefined {
  return wrappers.get(record)
}

export function setWrapper(record: ClassRecord, wrapper: CallableFunction): void {
  wrappers.set(record, wrapper)
  byClass.set(wrapper, record)
}

export function register(cls: Constructor, options: TrackOptions): ClassRecord {
  return add(cls, nearestTracked(cls), options, true)
}

/** The record of a class that was found deriving from a tracked one. */
export function recordOfDerived(target: Constructor, base: ClassRecord): ClassRecord {
  const known = byClass.get(target)
  if (known) return known
  // A proxy of the class, or whatever else served as new.target, makes instances of the base.
  if (!derives(target, base.cls!)) {
    byClass.set(target, base)
    return base
  }
  if (base.derived.length >= mostDerived) {
    byClass.set(target, base)
    wrapCloseMethods(target, closeMethodsOf(target, base.options.close), closeInstance)
    return base
  }
  return add(target, nearestTracked(target) ?? base, withoutName(base.options), false)
}

function derives(target: Constructor, base: Constructor): boolean {
  const prototype: unknown = target.prototype
  return (
    isObject(prototype) &&
    prototype !== base.prototype &&
    Object.prototype.isPrototypeOf.call(base.prototype as object, prototype)
  )
}

/** The record of the objects tracked one by one under a name. */
export function recordOfObjects(name: string, options: TrackOptions): ClassRecord {
  let record = byObjectName.get(name)
  if (record) {
    record.configure({ ...record.options, ...options })
    record.enabled = true
  } else {
    record = new ClassRecord(name, null, null, options, true, true)
    byObjectName.set(name, record)
    records.push(record)
  }
  return record
}

/** The record for a class (or its wrapper), or the only one of a name. */
export function find(clsOrName: unknown): ClassRecord {
  if (typeof clsOrName === 'string') return findByName(clsOrName)
  const record = isObject(clsOrName) ? byClass.get(clsOrName) : undefined
  if (record) return record
  const name = typeof clsOrName === 'function' ? clsOrName.name || 'this class' : 'this value'
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_NOT_TRACKED',
    `${name} is not tracked; pass a class that trackClass was called with, or its name`,
  )
}

/** The record of the class that made the object; without regard to whether it was counted. */
export function recordOfInstance(object: object): ClassRecord | undefined {
  let prototype = Object.getPrototypeOf(object) as object | null
  for (; prototype; prototype = Object.getPrototypeOf(prototype) as object | null) {
    const own = Object.getOwnPropertyDescriptor(prototype, 'constructor')
    const record = typeof own?.value === 'function' ? byClass.get(own.value as object) : undefined
    const known = record ?? byPrototype.get(prototype) // one that was assigned may have no constructor
    if (known) return known
  }
  return undefined
}

function add(
  cls: Constructor,
  base: ClassRecord | null,
  options: TrackOptions,
  explicit: boolean,
): ClassRecord {
  const name = options.name ?? (typeof cls.name === 'string' && cls.name ? cls.name : '(anonymous)')
  const again = mayReturnAnother(cls, originalOf)
  const record = new ClassRecord(name, cls, base, options, explicit, again)
  record.enabled = explicit || base!.enabled
  byClass.set(cls, record)
  const prototype = cls.prototype as object
  if (!byPrototype.has(prototype)) byPrototype.set(prototype, record)
  adoptDerived(record, cls)
  records.push(record)
  return record
}

function nearestTracked(cls: Constructor): ClassRecord | null {
  let level = Object.getPrototypeOf(cls) as object | null
  for (; level; level = Object.getPrototypeOf(level) as object | null) {
    const record = byClass.get(level)
    if (record) return record
  }
  // util.inherits links the prototypes only.
  return recordOfInstance(cls.prototype as object) ?? null
}

/** A class may lie between others that were known before it and what was their base until now. */
function adoptDerived(record: ClassRecord, cls: Constructor): void {
  for (const other of records) {
    if (other.base !== record.base || !other.cls) continue
    if (Object.prototype.isPrototypeOf.call(cls.prototype as object, other.cls.prototype as object))
      other.moveTo(record)
  }
}

function findByName(name: string): ClassRecord {
  const named = records.filter((record) => record.name === name)
  if (named.length === 1) return named[0]!
  if (named.length === 0) {
    const names = [...new Set(records.map((record) => record.name))]
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_NOT_TRACKED',
      `no tracked class is called "${name}"; there ${names.length ? `are ${names.join(', ')}` : 'is none'}`,
    )
  }
  throw new HeapscopeError(
    'ERR_HEAPSCOPE_AMBIGUOUS_NAME',
    `${named.length} tracked classes are called "${name}"; pass the class itself`,
  )
}
