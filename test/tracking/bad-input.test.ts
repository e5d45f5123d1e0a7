import { tracked, trackClass, tracker, untrackClass } from 'heapscope'
import { describe, expect, it } from 'vitest'

const anError = (name: string, code: string, message: RegExp | string) =>
  expect.objectContaining({
    name,
    code: `ERR_HEAPSCOPE_${code}`,
    message:
      typeof message === 'string'
        ? expect.stringContaining(message)
        : expect.stringMatching(message),
  })
const invalid = (message: RegExp | string) => anError('TypeError', 'INVALID_ARG', message)
const outOfRange = (message: RegExp | string) => anError('RangeError', 'OUT_OF_RANGE', message)
const notTracked = (message: RegExp | string) => anError('HeapscopeError', 'NOT_TRACKED', message)

class Instance {}
const arrow = () => {}
async function later(): Promise<void> {}
function* generator(): Generator {}
const { method } = { method() {} }

describe('trackClass refuses what is no class, and changes nothing', () => {
  it.each<[string, any, string]>([
    ['an arrow function', arrow, 'not the function arrow that cannot make instances'],
    ['an async function', later, 'not the function later that cannot make instances'],
    ['a generator', generator, 'not the function generator that cannot make instances'],
    ['a method', method, 'not the function method that cannot make instances'],
    ['a bound function', Instance.bind(null), 'not the function bound Instance'],
    ['a function without a name', (() => () => {})(), 'not a function that cannot make'],
    ['a built-in that is no class', Math.max, 'not the function max'],
    ['an instance', new Instance(), 'not an object; for an object that exists already there is'],
    ['undefined', undefined, 'not undefined'],
    ['null', null, 'not null'],
    ['a string', 'Order', 'not the string "Order"'],
    ['a number', 7, 'not the number 7'],
    ['an array', [], 'not an array'],
  ])('%s', (_, value, message) => {
    const rows = tracker.allStats().length
    expect(() => trackClass(value)).toThrow(invalid(`trackClass takes a class, ${message}`))
    expect(() => tracked({})(value)).toThrow(invalid(`takes a class, ${message}`))
    expect(tracker.allStats()).toHaveLength(rows)
  })
})

describe('options are refused, with what would be right, and nothing is tracked', () => {
  it.each<[string, any, any]>([
    [
      'misspelled',
      { handels: 5 },
      invalid('Misspelled option "handels" of trackClass should be "handles"'),
    ],
    ['in other case', { samplerate: 1 }, invalid('should be "sampleRate"')],
    ['unknown', { colour: 'red' }, invalid(/has no option "colour"; it has name, handles, /)],
    [
      'not an object',
      'Order',
      invalid('trackClass takes an options object, not the string "Order"'),
    ],
    ['null', null, invalid('takes an options object, not null')],
    [
      'name: a number',
      { name: 5 },
      invalid('name must be a string that is not empty, not the number 5'),
    ],
    ['name: empty', { name: '' }, invalid('name must be a string that is not empty')],
    ['handles: text', { handles: '10' }, invalid('handles must be a number, not the string "10"')],
    ['handles: 0', { handles: 0 }, outOfRange('handles must be a whole number from 1 to')],
    [
      'handles: a fraction',
      { handles: 1.5 },
      outOfRange(/handles must be a whole number.*not 1\.5/),
    ],
    ['handles: NaN', { handles: NaN }, outOfRange(/handles must be a whole number.*not NaN/)],
    ['handles: too many', { handles: 2 ** 32 }, outOfRange('not 4294967296')],
    [
      'sampleRate: 0',
      { sampleRate: 0 },
      outOfRange('sampleRate must be above 0, 2^-30 at least, and at most 1, not 0'),
    ],
    ['sampleRate: above 1', { sampleRate: 1.01 }, outOfRange('at most 1, not 1.01')],
    ['sampleRate: negative', { sampleRate: -0.5 }, outOfRange('above 0')],
    ['sampleRate: NaN', { sampleRate: NaN }, outOfRange('not NaN')],
    ['sampleRate: text', { sampleRate: 'all' }, invalid('sampleRate must be a number')],
    ['sites: negative', { sites: -1 }, outOfRange('sites must be a whole number from 0')],
    ['sites: true', { sites: true }, invalid('sites must be a number, not the boolean true')],
    ['close: true', { close: true }, invalid('close must name methods, or be false')],
    ['close: a list with a number', { close: ['a', 1] }, invalid('it is the number 1')],
    ['close: misspelled', { close: 'cloze' }, invalid(/close names "cloze", which is no method/)],
    ['metadata: 1', { metadata: 1 }, invalid('metadata must be a boolean, not the number 1')],
    ['keep: text', { keep: 'yes' }, invalid('keep must be a boolean')],
    ['repointConstructor: 0', { repointConstructor: 0 }, invalid('must be a boolean')],
  ])('%s', (_, options, error) => {
    class Untouched {
      close(): void {}
    }
    const { close } = Untouched.prototype
    const rows = tracker.allStats().length
    expect(() => trackClass(Untouched, options)).toThrow(error)
    expect(tracker.allStats()).toHaveLength(rows)
    expect(Untouched.prototype).toMatchObject({ constructor: Untouched, close })
    expect(() => tracker.stats(Untouched)).toThrow(notTracked('Untouched is not tracked'))
  })

  it('and a class that is tracked keeps its options and counts', () => {
    const Steady = trackClass(class Steady {}, { name: 'Steady one', handles: 10 })
    const held = new Steady()
    expect(() => trackClass(Steady, { name: 'Other', handles: -1 })).toThrow(outOfRange('handles'))
    expect(tracker.stats('Steady one')).toMatchObject({ created: 1, live: 1 })
    expect(tracker.metadata(held)?.className).toBe('Steady one')
  })

  it('by the decorator when it is made, not when it is used', () => {
    expect(() => tracked({ nome: 'x' } as any)).toThrow(
      invalid('Misspelled option "nome" of tracked should be "name"'),
    )
    expect(() => tracked(5 as any)).toThrow(invalid('tracked takes an options object'))
  })
})

describe('what is not tracked is refused by name', () => {
  class Stranger {}
  const Known = trackClass(class Known {})

  it('by statistics, live instances and untrackClass', () => {
    const message = 'Stranger is not tracked; pass a class that trackClass was called with'
    expect(() => tracker.stats(Stranger)).toThrow(notTracked(message))
    expect(() => tracker.liveInstances(Stranger)).toThrow(notTracked(message))
    expect(() => untrackClass(Stranger)).toThrow(notTracked(message))
  })

  it('by statistics of a name, which tells the names there are', () => {
    expect(() => tracker.stats('Knwon')).toThrow(
      notTracked(/no tracked class is called "Knwon"; there are .*Known/),
    )
    expect(() => tracker.liveInstances('')).toThrow(notTracked('no tracked class is called ""'))
  })

  it.each([[undefined], [null], [5], [new Stranger()]])('by statistics of %s', (value: any) => {
    expect(() => tracker.stats(value)).toThrow(notTracked('this value is not tracked'))
  })

  it('by metadata, close, enter and assertOpen of an object', () => {
    const message = 'this object is not an instance of a tracked class; see trackClass'
    for (const call of ['metadata', 'close', 'enter', 'assertOpen'] as const) {
      expect(() => tracker[call](new Stranger())).toThrow(notTracked(message))
      expect(() => tracker[call](Object.create(null) as object)).toThrow(notTracked(message))
      expect(() => tracker[call](5 as any)).toThrow(invalid('is needed, not the number 5'))
      expect(() => tracker[call](undefined as any)).toThrow(invalid('is needed, not undefined'))
    }
    expect(tracker.stats(Known)).toMatchObject({ created: 0, closed: 0 })
  })

  it('by reports and listeners of a wrong kind', () => {
    expect(() => tracker.report({ tpo: 1 } as any)).toThrow(
      invalid('Misspelled option "tpo" of tracker.report should be "top"'),
    )
    expect(() => tracker.report({ top: -1 })).toThrow(outOfRange('top must be a whole number'))
    expect(() => tracker.onUnclosed('listener' as any)).toThrow(
      invalid('the listener of onUnclosed must be a function, not the string "listener"'),
    )
  })
})
