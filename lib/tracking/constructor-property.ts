import { isBuiltIn } from './built-ins.js'
import type { ClassRecord } from './record.js'
import { hasPrivateStatics } from './statics.js'
import { wrapperOf } from './registry.js'

/**
 * Has `instance.constructor` be the tracked class while it is tracked, and the original again
 * afterwards. Not where the program would notice: the language's own methods construct through it,
 * and only the original has its private statics.
 */
export function pointConstructor(record: ClassRecord): void {
  const { cls, options, enabled } = record
  const wrapper = wrapperOf(record)
  if (!cls || !wrapper) return
  const wanted = options.repointConstructor ?? !(isBuiltIn(cls) || hasPrivateStatics(cls))
  const [from, to] = enabled && wanted ? [cls, wrapper] : [wrapper, cls]
  const prototype = cls.prototype as object
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'constructor')
  if (descriptor?.value === from) {
    Reflect.defineProperty(prototype, 'constructor', { ...descriptor, value: to })
  }
}
