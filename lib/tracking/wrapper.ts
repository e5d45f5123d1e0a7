import { CREATED, FAILED, SKIP } from './cells.js'
import type { Constructor } from './options.js'
import type { ClassRecord } from './record.js'
import { classOfPrototype, originalOf, recordOfDerived, setWrapper } from './registry.js'
import { mirrorStatics } from './statics.js'
import { compileWrapper } from './wrapper-source.js'

type Construct = (cls: Constructor, args: unknown[], newTarget?: unknown) => object
const construct = Reflect.construct as Construct

/**
 * The class, as new.target, that an outer wrapper is constructing and will count: the wrapper of a
 * base that is called on the way, through `super`, leaves it alone. The outermost tracked base takes
 * the mark away, so that what its constructor makes of the same class is counted again.
 */
let building: object | null = null

/**
 * The function that takes the place of the class: it shares its prototype, constructs through it and
 * counts what comes out. A plain function, because the optimiser sees through one; a Proxy costs a
 * hundred times as much, a subclass ten times.
 */
export function wrap(record: ClassRecord, cls: Constructor, decorated: boolean): CallableFunction {
  const wrapper = compileWrapper(record.name)({
    record,
    cls,
    cells: record.cells,
    construct,
    constructDerived,
    callWithoutNew,
    knowsItself: knowsItself(cls, decorated),
    CREATED,
    FAILED,
    SKIP,
  })
  mirrorStatics(wrapper, cls)
  setWrapper(record, wrapper)
  return wrapper
}

/**
 * Whether the name by which a class knows itself is the original's: then its `new.target` must be the
 * original, too. A class without a name of its own, and a decorated one, know the wrapper. So do
 * errors that do not ask: V8 leaves the frames up to `new.target` out of their stacks.
 */
function knowsItself(cls: Constructor, decorated: boolean): boolean {
  const source = Function.prototype.toString.call(cls)
  const isError = cls.prototype instanceof Error
  return (
    !decorated &&
    !/^class\s*(?:\{|extends\b)/.test(source) &&
    !(isError && !/new\.target\s*[!=]=/.test(source))
  )
}

/** Through `super` of a derived class, or of a tracked class that itself derives from one. */
function constructDerived(
  record: ClassRecord,
  cls: Constructor,
  wrapper: CallableFunction,
  args: unknown[],
  target: Constructor,
): object {
  const outer = building
  const isSelf = target === cls || (target as unknown) === wrapper
  if (outer === target && !isSelf) {
    if (record.base === null) building = null
    try {
      return construct(cls, args, target)
    } catch (error) {
      building = outer // the derived constructor may call `super` again
      throw error
    }
  }
  if (!record.enabled) return construct(cls, args, target)
  const own = isSelf ? record : recordOfDerived(target, record)
  if (!own.enabled) return construct(cls, args, target)
  if (record.base !== null) building = target
  let object: object
  try {
    object = construct(cls, args, target)
  } catch (error) {
    own.cells[FAILED]!++
    throw error
  } finally {
    building = outer
  }
  count(own, object, wrapper, () => namesBetween(target, cls))
  return object
}

/**
 * A class refuses this itself. A constructor function is called so by the constructors that derive
 * from it (`Base.call(this)`), or makes an instance by itself.
 */
function callWithoutNew(
  record: ClassRecord,
  cls: Constructor,
  wrapper: CallableFunction,
  receiver: unknown,
  args: unknown[],
): unknown {
  const call = () => Reflect.apply(cls as unknown as CallableFunction, receiver, args) as unknown
  if (!record.enabled) return call()
  const createdBefore = record.cells[CREATED]
  const outer = building
  const derived = classCalling(receiver, cls)
  const own = derived !== undefined && derived !== outer ? recordOfDerived(derived, record) : null
  if (derived) building = record.base === null ? null : derived
  let result: unknown
  try {
    result = call()
  } catch (error) {
    building = outer // the derived constructor may call again
    if (own?.enabled) own.cells[FAILED]!++
    throw error
  }
  if (own) building = outer
  if (typeof result === 'object' && result !== receiver && isInstance(result, cls)) {
    // Unless it was made by the wrapper's name, and counted by that.
    if (record.cells[CREATED] === createdBefore) count(record, result, wrapper)
  } else if (own?.enabled) {
    count(own, receiver as object, wrapper, () => [derived!.name])
  }
  return result
}

/**
 * The class whose constructor calls that of `cls` for the object it is making. None of an instance of
 * `cls` itself, which was counted when it was made.
 */
function classCalling(receiver: unknown, cls: Constructor): Constructor | undefined {
  if (!isInstance(receiver, cls)) return undefined
  // A prototype that was assigned has no constructor of its own: then it counts for the nearest base.
  for (let at = prototypeOf(receiver); at !== cls.prototype; at = prototypeOf(at)) {
    const made: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value
    if (typeof made === 'function') return originalOf(made) ?? (made as Constructor)
    const known = classOfPrototype(at)
    if (known) return known
  }
  return prototypeOf(receiver) === cls.prototype ? undefined : cls
}

function prototypeOf(object: object): object {
  return Object.getPrototypeOf(object) as object
}

function count(
  record: ClassRecord,
  object: object,
  wrapper: CallableFunction,
  derivedNames?: () => string[],
): void {
  if (record.admits) {
    record.admit(object, wrapper, derivedNames)
    return
  }
  record.cells[CREATED]!++
  if (!(record.cells[SKIP]!-- > 0)) record.follow(object)
}

function isInstance(value: unknown, cls: Constructor): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.isPrototypeOf.call(cls.prototype as object, value)
  )
}

/** The classes from the base (without it) out to the one being made: their frames are no callers. */
function namesBetween(target: Constructor, cls: Constructor): string[] {
  const names: string[] = []
  for (let level: unknown = target; typeof level === 'function';) {
    const original = originalOf(level) ?? (level as Constructor)
    if (original === cls) break
    names.unshift(original.name)
    level = Object.getPrototypeOf(original)
  }
  return names
}
