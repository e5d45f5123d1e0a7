import { inspect } from 'node:util'
import { invalidArgument, outOfRange } from './errors.js'

/** Refuses what is not a plain options object, and options nobody reads. */
export function checkOptions(options: unknown, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidArgument(`${where} takes an options object, not ${describe(options)}`)
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const meant = known.find((name) => isMisspelling(key, name))
    throw invalidArgument(
      meant === undefined
        ? `${where} has no option "${key}"; it has ${known.join(', ') || 'none'}`
        : `Misspelled option "${key}" of ${where} should be "${meant}"`,
    )
  }
}

/** Refuses what is not a whole number from `least` to `most`. */
export function checkInteger(value: unknown, name: string, least: number, most: number): void {
  if (typeof value !== 'number') {
    throw invalidArgument(`${name} must be a number, not ${describe(value)}`)
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(`${name} must be a whole number from ${least} to ${most}, not ${value}`)
  }
}

/** Refuses what cannot say how many to list at most. */
export function checkLimit(limit: number | undefined): void {
  if (limit !== undefined) checkInteger(limit, 'limit', 0, 2 ** 31)
}

/** Refuses what is not a finite number above 0. */
export function checkPositive(value: unknown, name: string): void {
  if (typeof value !== 'number') {
    throw invalidArgument(`${name} must be a number, not ${describe(value)}`)
  }
  if (!Number.isFinite(value) || value <= 0) {
    throw outOfRange(`${name} must be finite and above 0, not ${value}`)
  }
}

/** Refuses what is not one of a few words. */
export function checkWord(value: unknown, words: readonly string[], name: string): void {
  if (typeof value !== 'string' || !words.includes(value)) {
    throw invalidArgument(`${name} must be one of ${words.join(', ')}, not ${describe(value)}`)
  }
}

/** Refuses what cannot be the path of a file. */
export function checkPath(value: unknown, where: string): asserts value is string {
  if (typeof value === 'string' && value.includes('\0')) {
    throw invalidArgument(`${where} takes the path of a file, which has no character NUL`)
  }
  if (typeof value === 'string' && value !== '') return
  throw invalidArgument(`${where} takes the path of a file, not ${describe(value)}`)
}

/** What can be collected one by one, and held weakly: an object or a function. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

export function checkFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') {
    throw invalidArgument(`${name} must be a function, not ${describe(value)}`)
  }
}

/** Names a value's kind for a message, without running any code of the value's own. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return `the string "${value.slice(0, 40)}"`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object'
  if (value === undefined) return 'undefined'
  return `the ${typeof value} ${inspect(value)}`
}

function isMisspelling(key: string, name: string): boolean {
  return key.toLowerCase() === name.toLowerCase() || editDistance(key, name) <= 2
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, replaced))
    }
    previous = row
  }
  return previous[b.length]!
}
