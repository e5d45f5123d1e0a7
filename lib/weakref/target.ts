import { inspect } from 'node:util'
import { HeapscopeError, invalidArgument } from '../errors.js'
import { describe, isObject } from '../options.js'

/** What can be held weakly: an object, a function, or a symbol that is not registered. */
export type Target = object | symbol

export function isTarget(value: unknown): value is Target {
  return isObject(value) || (typeof value === 'symbol' && Symbol.keyFor(value) === undefined)
}

export function checkTarget(value: unknown, what: string): void {
  if (isTarget(value)) return
  const kind =
    typeof value === 'symbol' ? `the registered symbol ${inspect(value)}` : describe(value)
  throw invalidArgument(
    `${what} must be an object, a function or an unregistered symbol, not ${kind}`,
  )
}

/** The name of a target's class, found without running code of the target's own. */
export function classNameOf(target: Target): string {
  if (typeof target === 'symbol') return 'symbol'
  try {
    if (typeof target === 'function') return `function ${nameOf(target)}`.trim()
    for (
      let at: object | null = target;
      at !== null;
      at = Object.getPrototypeOf(at) as object | null
    ) {
      const constructor = dataOf(at, 'constructor')
      if (typeof constructor !== 'function') continue
      const name = nameOf(constructor)
      if (name !== '') return name
    }
  } catch {
    // a proxy that was revoked, or whose traps throw
  }
  return 'object'
}

function nameOf(given: object): string {
  const name = dataOf(given, 'name')
  return typeof name === 'string' ? name : ''
}

function dataOf(holder: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value
}

export function tooMany(): HeapscopeError {
  return new HeapscopeError(
    'ERR_HEAPSCOPE_MEMORY',
    'a thousand million weak references are as many as there can be at a time',
  )
}
