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
  const createdBefore = record.cells[CREATED]
  const derived = classCalling(receiver, cls)
  const own = () => recordOfDerived(derived!, record)
  let result: unknown
  try {
    result = Reflect.apply(cls as unknown as CallableFunction, receiver, args) as unknown
  } catch (error) {
    if (record.enabled && derived && building !== derived && own().enabled) own().cells[FAILED]!++
    throw error
  }
  if (!record.enabled) return result
  if (typeof result === 'object' && result !== receiver && isInstance(result, cls)) {
    // Unless it was made by the wrapper's name, and counted by that.
    if (record.cells[CREATED] === createdBefore) count(record, result, wrapper)
  } else if (derived && building === derived) {
    if (record.base === null) building = null
  } else if (derived && own().enabled) {
    count(own(), receiver as object, wrapper, () => [derived.name])
  }
  return result
}

/**
 * The class whose constructor calls that of `cls` for the object it is making. None of an instance of
 * `cls` itself, which was counted when it was made.
 */
function classCalling(receiver: unknown, cls: Constructor): Constructor | undefined {
  if (!isInstance(receiver, cls)) return undefined
  const prototype = Object.getPrototypeOf(receiver) as object
  if (prototype === cls.prototype) return undefined
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  // A prototype that was assigned has none of its own: where nobody knows whose, it counts for `cls`.
  if (typeof made !== 'function') return classOfPrototype(prototype) ?? cls
  return originalOf(made) ?? (made as Constructor)
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
