import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Listeners } from '../dist/listeners.js'
import { Warnings } from './support/warnings.js'

describe('a set of listeners', () => {
  it('is called in the order of adding, with all arguments', () => {
    const calls: unknown[] = []
    const listeners = new Listeners<[number, string]>('onTest')
    listeners.add((...args) => calls.push(['first', ...args]))
    listeners.add((...args) => calls.push(['second', ...args]))
    listeners.emit(1, 'a')
    expect(calls).toEqual([
      ['first', 1, 'a'],
      ['second', 1, 'a'],
    ])
  })

  it('holds one that was added twice twice, and removes one at a time', () => {
    let calls = 0
    const listeners = new Listeners('onTest')
    const listener = () => calls++
    const first = listeners.add(listener)
    listeners.add(listener)
    listeners.emit()
    first[Symbol.dispose]()
    listeners.emit()
    expect(calls).toBe(2 + 1)
  })

  it('tells how many there are whenever that changes', () => {
    const sizes: number[] = []
    const listeners = new Listeners('onTest', (size) => sizes.push(size))
    const first = listeners.add(() => {})
    listeners.add(() => {})
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    listeners.clear()
    listeners.clear()
    expect(sizes).toEqual([1, 2, 1, 0])
  })

  it('leaves out during a call one that was removed meanwhile, and one that was added', () => {
    const calls: string[] = []
    const listeners = new Listeners('onTest')
    listeners.add(() => {
      calls.push('first')
      second[Symbol.dispose]()
      listeners.add(() => calls.push('added'))
    })
    const second = listeners.add(() => calls.push('second'))
    listeners.emit()
    expect(calls).toEqual(['first'])
    listeners.emit()
    expect(calls).toEqual(['first', 'first', 'added'])
  })

  it('calls no more after it was cleared by one of them', () => {
    const calls: string[] = []
    const listeners = new Listeners('onTest')
    listeners.add(() => {
      calls.push('first')
      listeners.clear()
    })
    listeners.add(() => calls.push('second'))
    listeners.emit()
    listeners.emit()
    expect(calls).toEqual(['first'])
  })

  it('refuses what is no function, and is left as it was', () => {
    const sizes: number[] = []
    const listeners = new Listeners('onTest', (size) => sizes.push(size))
    expect(() => listeners.add('listener' as any)).toThrow(TypeError)
    expect(() => listeners.add(undefined as any)).toThrow(/the listener of onTest must be/)
    expect(sizes).toEqual([])
  })
})

describe('a listener that throws', () => {
  const unprintable = {
    toString: () => {
      throw new Error('not to be looked at')
    },
  }
  const withBrokenStack = Object.defineProperty(new Error('broken'), 'stack', {
    get: () => {
      throw new Error('not to be looked at')
    },
  })

  it.each([
    ['an error, with its stack', new Error('the cause'), /Error: the cause\n +at /],
    ['a string', 'the text', /^the text$/],
    ['nothing', undefined, /^undefined$/],
    ['a symbol', Symbol('mark'), /^Symbol\(mark\)$/],
    ['an object that cannot be printed', unprintable, /^an object$/],
    ['an object without prototype', Object.create(null), /^an object$/],
    ['an error that cannot be looked at', withBrokenStack, /^an object$/],
  ])('does not keep others from being called, and is warned of: %s', async (_, thrown, text) => {
    using warnings = new Warnings()
    let calls = 0
    const listeners = new Listeners('onTest')
    listeners.add(() => {
      throw thrown
    })
    listeners.add(() => calls++)
    listeners.emit()
    expect(calls).toBe(1)
    await nextTurn()
    expect(warnings.list).toHaveLength(1)
    expect(warnings.list[0]).toMatchObject({
      name: 'HeapscopeWarning',
      code: 'HEAPSCOPE_LISTENER_THREW',
      message: 'a listener of onTest threw',
    })
    expect(warnings.list[0]!.detail).toMatch(text)
  })

  it('tells of one that rejects as of one that throws', async () => {
    using warnings = new Warnings()
    const listeners = new Listeners('onTest')
    listeners.add(async () => {
      await nextTurn()
      throw new Error('late')
    })
    listeners.emit()
    while (warnings.list.length === 0) await nextTurn()
    expect(warnings.list[0]).toMatchObject({ code: 'HEAPSCOPE_LISTENER_THREW' })
    expect(warnings.list[0]!.detail).toContain('late')
  })
})
