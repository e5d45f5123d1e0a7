import { isObject } from '../options.js'

// V8 numbers objects when asked, and begins again at the first number once told to forget: a number
// from before then means another object, or none.
let forgotten = 0

/** Numbers that may be compared bear the same one. */
export function idEpoch(): number {
  return forgotten
}

export function idsWereForgotten(): void {
  forgotten++
}

/** What can have a number: V8's, or ours. */
export function isNumbered(value: unknown): value is object | symbol {
  return isObject(value) || typeof value === 'symbol'
}
