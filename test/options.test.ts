import { describe, expect, it } from 'vitest'
import * as options from '../dist/options.js'

const { checkFunction, checkInteger, checkOptions, checkPositive, checkWord } = options

describe('the check of an options object', () => {
  const known = ['handles', 'sampleRate', 'name']

  it('lets through what is known, and an empty one', () => {
    expect(() => checkOptions({}, known, 'trackClass')).not.toThrow()
    expect(() => checkOptions({ handles: 1, name: undefined }, known, 'trackClass')).not.toThrow()
  })

  it.each([
    ['handels', 'handles'],
    ['samplerate', 'sampleRate'],
    ['SAMPLERATE', 'sampleRate'],
    ['nam', 'name'],
    ['names', 'name'],
  ])('says of "%s" that "%s" was meant', (key, meant) => {
    const check = () => checkOptions({ [key]: 1 }, known, 'trackClass')
    expect(check).toThrow(TypeError)
    expect(check).toThrow(`Misspelled option "${key}" of trackClass should be "${meant}"`)
  })

  it('lists what there is when nothing known was meant', () => {
    expect(() => checkOptions({ colour: 1 }, known, 'trackClass')).toThrow(
      'trackClass has no option "colour"; it has handles, sampleRate, name',
    )
  })

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['text', 'the string "text"'],
    [5, 'the number 5'],
    [true, 'the boolean true'],
    [() => {}, 'a function'],
  ])('refuses %s', (value, named) => {
    expect(() => checkOptions(value, known, 'trackClass')).toThrow(
      `trackClass takes an options object, not ${named}`,
    )
  })
})

describe('the checks of one value', () => {
  const codeOf = (check: () => void): unknown => {
    try {
      check()
    } catch (error) {
      return [(error as Error).name, (error as { code?: string }).code]
    }
    return undefined
  }
  const wrongKind = ['TypeError', 'ERR_HEAPSCOPE_INVALID_ARG']
  const impossible = ['RangeError', 'ERR_HEAPSCOPE_OUT_OF_RANGE']

  it.each([1, 2, 10])('take the whole number %d from 1 to 10', (value) => {
    expect(codeOf(() => checkInteger(value, 'n', 1, 10))).toBeUndefined()
  })

  it.each([0, 11, 1.5, NaN, Infinity, -1])('refuse %d as a whole number from 1 to 10', (value) => {
    expect(codeOf(() => checkInteger(value, 'n', 1, 10))).toEqual(impossible)
    expect(() => checkInteger(value, 'n', 1, 10)).toThrow(`n must be a whole number from 1 to 10`)
  })

  it.each([0, -0, -1, NaN, Infinity, -Infinity])('refuse %d as positive and finite', (value) => {
    expect(codeOf(() => checkPositive(value, 'windowMs'))).toEqual(impossible)
  })

  it('take any other number above 0', () => {
    for (const value of [Number.MIN_VALUE, 0.5, 1e300]) checkPositive(value, 'windowMs')
  })

  it.each([['5'], [5n], [null], [undefined], [[5]]])(
    'refuse %s where a number belongs',
    (value) => {
      expect(codeOf(() => checkInteger(value, 'n', 1, 10))).toEqual(wrongKind)
      expect(codeOf(() => checkPositive(value, 'n'))).toEqual(wrongKind)
    },
  )

  it('take one of the words that there are, and name them otherwise', () => {
    expect(codeOf(() => checkWord('minor', ['minor', 'major'], 'kind'))).toBeUndefined()
    for (const value of ['full', '', null, 1, ['minor']]) {
      expect(codeOf(() => checkWord(value, ['minor', 'major'], 'kind'))).toEqual(wrongKind)
    }
    expect(() => checkWord('full', ['minor', 'major'], 'kind')).toThrow(
      'kind must be one of minor, major, not the string "full"',
    )
  })

  it('take a function, also a class', () => {
    checkFunction(class {}, 'listener')
    expect(codeOf(() => checkFunction({}, 'listener'))).toEqual(wrongKind)
  })
})

describe('the name of a value in a message', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['x'.repeat(100), `the string "${'x'.repeat(40)}"`],
    [[1, 2], 'an array'],
    [new Map(), 'an object'],
    [class A {}, 'a function'],
    [-0, 'the number -0'],
    [10n, 'the bigint 10n'],
    [Symbol('mark'), 'the symbol Symbol(mark)'],
  ])('tells its kind: %o', (value, expected) => {
    expect(options.describe(value)).toBe(expected)
  })

  it('runs no code of the value', () => {
    const trap = () => {
      throw new Error('was looked at')
    }
    const proxy = new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap })
    expect(options.describe(proxy)).toBe('an object')
    expect(options.describe(Object.create(null))).toBe('an object')
  })
})
