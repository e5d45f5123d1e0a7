import { invalidArgument, outOfRange } from '../errors.js'
import { checkInteger, checkOptions, describe } from '../options.js'

export interface TrackOptions {
  /** The name in statistics and reports. Default: the class's own. */
  name?: string
  /**
   * How many live instances are followed one by one; beyond that the class is sampled, by at most
   * 16,384 of them. 64 bytes of native memory each while used, and 20 ns of every full collection, up
   * to 80 where they lie far apart. Default 65,536.
   */
  handles?: number
  /**
   * Follow at most this share of the instances from the start, 2^-30 to 1; rounded down to a power of
   * two. Default 1.
   */
  sampleRate?: number
  /** Keep the stack of one in so many followed constructions. Default 0: none. */
  sites?: number
  /**
   * The methods that close an instance, or false: it has none. Default: those of `close`,
   * `Symbol.dispose` and `Symbol.asyncDispose` that the class has. An instance of a class with a
   * close costs a `WeakMap` entry, and one collected without it is reported to `onUnclosed`.
   */
  close?: false | string | symbol | readonly (string | symbol)[]
  /** Keep a `WeakMap` entry for every instance, so that `metadata` knows those not followed, too. */
  metadata?: boolean
  /** Hold every instance strongly, for debugging: none will ever be collected. */
  keep?: boolean
  /** Have `instance.constructor` be the tracked class. Default true. */
  repointConstructor?: boolean
}

const known = [
  'name',
  'handles',
  'sampleRate',
  'sites',
  'close',
  'metadata',
  'keep',
  'repointConstructor',
] as const

/** The slab's slots are 32-bit; so many handles already take half a second of a full collection. */
const mostHandles = 2 ** 24

export function checkTrackOptions(value: unknown, where: string): asserts value is TrackOptions {
  checkOptions(value, known, where)
  const options = value as Record<string, unknown>
  const { name, handles, sampleRate, sites, close } = options
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw invalidArgument(`name must be a string that is not empty, not ${describe(name)}`)
  }
  if (handles !== undefined) checkInteger(handles, 'handles', 1, mostHandles)
  if (sites !== undefined) checkInteger(sites, 'sites', 0, 2 ** 31)
  if (sampleRate !== undefined) {
    if (typeof sampleRate !== 'number') {
      throw invalidArgument(`sampleRate must be a number, not ${describe(sampleRate)}`)
    }
    if (!(sampleRate >= 2 ** -30 && sampleRate <= 1)) {
      throw outOfRange(
        `sampleRate must be above 0, 2^-30 at least, and at most 1, not ${sampleRate}`,
      )
    }
  }
  for (const flag of ['metadata', 'keep', 'repointConstructor']) {
    if (options[flag] !== undefined && typeof options[flag] !== 'boolean') {
      throw invalidArgument(`${flag} must be a boolean, not ${describe(options[flag])}`)
    }
  }
  if (close === undefined || close === false) return
  for (const key of Array.isArray(close) ? (close as unknown[]) : [close]) {
    if (typeof key !== 'string' && typeof key !== 'symbol') {
      throw invalidArgument(`close must name methods, or be false; it is ${describe(key)}`)
    }
  }
}

/** The least level of sampling: one in 2^level is at most `sampleRate`. */
export function leastLevel(sampleRate = 1): number {
  return Math.ceil(-Math.log2(sampleRate))
}

/** Refuses what cannot be constructed, or whose instances could not be told by their prototype. */
export function checkClass(cls: unknown, where: string): asserts cls is Constructor {
  if (typeof cls !== 'function') {
    const instance = typeof cls === 'object' && cls !== null
    throw invalidArgument(
      `${where} takes a class, not ${describe(cls)}` +
        (instance ? '; for an object that exists already there is trackObject' : ''),
    )
  }
  if (!isConstructor(cls) || typeof cls.prototype !== 'object' || cls.prototype === null) {
    throw invalidArgument(
      `${where} takes a class, not ${cls.name ? `the function ${cls.name}` : 'a function'} ` +
        'that cannot make instances of its own (an arrow function, a method, a bound or an async function)',
    )
  }
}

export type Constructor<T extends object = object> = abstract new (...args: never[]) => T

function isConstructor(value: object): value is Constructor {
  try {
    // As new.target it is asked whether it is a constructor, but not called.
    Reflect.construct(Object, [], value as CallableFunction)
    return true
  } catch {
    return false // the language has no other question for this
  }
}
