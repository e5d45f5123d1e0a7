import { invalidArgument, outOfRange } from '../errors.js'
import { describe } from '../options.js'

/** The item at an index, counted from the end where it is negative. */
export function atIndex<T>(items: readonly T[], index: number, what: string): T {
  if (typeof index !== 'number') {
    throw invalidArgument(`the index of a ${what} must be a number, not ${describe(index)}`)
  }
  const item = Number.isInteger(index) ? items.at(index) : undefined
  if (item !== undefined) return item
  throw outOfRange(
    `there is no ${what} ${index}: there are ${items.length}, ` +
      'from 0 on, or from -1 on backwards from the last',
  )
}
