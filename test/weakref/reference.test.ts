import { collect } from 'heapscope'
import { onError, ref, WeakReference } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

describe('a reference', () => {
  it('W1: gives its target while that is held', () => {
    const target = { name: 'held' }
    const reference = ref(target)
    expect(reference.deref()).toBe(target)
    expect(reference.alive).toBe(true)
    keepAlive(target)
  })

  it('W2: gives undefined once the target is dead', async () => {
    const reference = makeDying()
    await settle(() => !reference.alive)
    expect(reference.deref()).toBeUndefined()
    expect(reference.alive).toBe(false)
  })

  it('W2: follows minor collections', async () => {
    const reference = makeDying()
    await new Promise(setImmediate)
    collect('minor')
    expect(reference.alive).toBe(false)
  })

  it('W3: may be asked right after a collection in the same job', () => {
    const reference = makeDying()
    collect()
    expect([undefined, 'object']).toContain(
      typeof reference.deref() === 'object' ? 'object' : undefined,
    )
  })

  it('W5: is another one for each callback', () => {
    const target = {}
    const callback = () => {}
    expect(ref(target, callback)).not.toBe(ref(target, callback))
    expect(ref(target, callback).callback).toBe(callback)
  })

  it('W6: is the same without a callback, which undefined is too', () => {
    const target = {}
    expect(ref(target, undefined)).toBe(ref(target))
    expect(ref(target)).toBe(ref(target))
    expect(ref(target)).not.toBe(ref({}))
    expect(ref(target).callback).toBeUndefined()
    keepAlive(target)
  })

  it.each([
    [1, 'number'],
    ['s', 'string'],
    [null, 'null'],
    [undefined, 'undefined'],
    [10n, 'bigint'],
    [Symbol.for('x'), 'symbol'],
  ])('W7: refuses %s and names its type', (value, name) => {
    expect(() => ref(value as any)).toThrow(TypeError)
    expect(() => ref(value as any)).toThrow(name)
    expect(() => ref({}, value ?? (0 as any))).toThrow(TypeError)
  })

  it('may lead to an unregistered symbol, a function or an array', () => {
    for (const target of [Symbol('own'), () => {}, [1], Symbol.iterator]) {
      expect(ref(target as object).deref()).toBe(target)
      expect(ref(target as object)).toBe(ref(target as object))
    }
  })

  it('W9: says what it leads to, and that it is dead, and never throws', async () => {
    const order = Object.create(null, {
      constructor: {
        get(): never {
          throw new Error('never')
        },
      },
    }) as object
    const held = new Date()
    expect(String(ref(held))).toBe('WeakReference to Date')
    expect(String(ref(order))).toBe('WeakReference to object')
    const hostile = new Proxy({}, { getPrototypeOf: () => { throw new Error('no') } }) // prettier-ignore
    expect(String(ref(hostile))).toBe('WeakReference to object')
    const reference = makeDying()
    await settle(() => !reference.alive)
    expect(String(reference)).toBe('WeakReference (dead)')
    keepAlive([held, order])
  })

  it('W10: may be extended, and is not shared then', async () => {
    class Counting extends WeakReference {
      count = 0
      override deref(): object | undefined {
        this.count++
        return super.deref()
      }
    }
    const target = {}
    const counting = new Counting(target)
    expect(ref(target)).not.toBe(counting)
    expect(counting.deref()).toBe(target)
    const dying = ((): Counting => new Counting({}))()
    await settle(() => !dying.alive)
    expect(dying.deref()).toBeUndefined()
    expect([counting.count, dying.count]).toEqual([1, 1])
    keepAlive(target)
  })

  it('can be ended, after which it is told nothing', async () => {
    let calls = 0
    const target = {}
    const ended = ref(target, () => calls++)
    ended[Symbol.dispose]()
    ended[Symbol.dispose]()
    expect(ended.deref()).toBeUndefined()
    const other = ((): WeakReference => ref({}, () => calls++))()
    other[Symbol.dispose]()
    await settle()
    expect(calls).toBe(0)
    keepAlive(target)
  })

  it('to many objects that die and are made anew is never another one’s', async () => {
    const held: object[] = []
    const references: WeakReference[] = []
    for (let round = 0; round < 30; round++) {
      inScope(() => {
        for (let i = 0; i < 1000; i++) {
          const target = { round, i }
          const reference = ref(target)
          expect(ref(target)).toBe(reference)
          if (i % 10 === 0) {
            held.push(target)
            references.push(reference)
          }
        }
      })
      collect(round % 5 === 4 ? 'major' : 'minor')
      await new Promise(setImmediate)
    }
    references.forEach((reference, i) => expect(reference.deref()).toBe(held[i]))
  })
})

describe('an onError listener', () => {
  it('must be a function', () => {
    expect(() => onError(1 as any)).toThrow(TypeError)
  })
})

function makeDying(): WeakReference {
  return ref({ short: 'lived' })
}
