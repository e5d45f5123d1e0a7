import { invalidArgument } from '../errors.js'
import { describe, isObject } from '../options.js'

/** What is followed by a name must have one, and be something that others can refer to. */
export function checkNamed(object: unknown, name: unknown): void {
  if (!isObject(object)) {
    throw invalidArgument(
      `only objects and functions can be tracked, not ${describe(object)}: ` +
        'a primitive is its own value and nothing refers to it',
    )
  }
  if (typeof name !== 'string' || name === '') {
    throw invalidArgument(`name must be a string that is not empty, not ${describe(name)}`)
  }
}
