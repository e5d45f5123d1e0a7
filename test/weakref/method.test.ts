import { ref, weakMethod, weakRefCount } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

class Counter {
  #count = 0
  some(by: number): number {
    return (this.#count += by)
  }
}

describe('a weak method', () => {
  it('W41: calls the method on its object, given itself or by name', () => {
    const counter = new Counter()
    expect(weakMethod(counter, counter.some).deref()!(2)).toBe(2)
    expect(weakMethod<(by: number) => number>(counter, 'some').deref()!(3)).toBe(5)
    expect(weakMethod(counter, 'none').deref()).toBeUndefined()
  })

  it('W42: is dead with its object, and its callback is called once with it', async () => {
    const calls: unknown[] = []
    const method = (() => {
      const counter = new Counter()
      return weakMethod(counter, counter.some, (each) => calls.push(each))
    })()
    await settle(() => calls.length > 0)
    await settle()
    expect(method.deref()).toBeUndefined()
    expect(method.alive).toBe(false)
    expect(calls).toEqual([method])
    expect(String(method)).toBe('WeakMethod (dead)')
  })

  it('does not hold its object through a method that leads to it', async () => {
    const method = (() => {
      const object = { own: () => object }
      return weakMethod(object, object.own)
    })()
    await settle(() => !method.alive)
    expect(method.deref()).toBeUndefined()
  })

  it('W43: is needed, because a reference to a bound method is dead at once', async () => {
    const counter = new Counter()
    const bound = ((): { alive: boolean } => ref(counter.some.bind(counter)))()
    await settle(() => !bound.alive)
    expect(bound.alive).toBe(false)
    keepAlive([counter])
  })

  it('W45: leaves nothing behind when it is dropped', async () => {
    const counter = new Counter()
    inScope(() => {
      weakMethod(counter, counter.some)
      expect(weakRefCount(counter)).toBe(1)
    })
    await settle(() => weakRefCount(counter) === 0)
    expect(weakRefCount(counter)).toBe(0)
  })

  it('refuses what is no object, no method, no callback', () => {
    expect(() => weakMethod(1 as any, 'x')).toThrow(TypeError)
    expect(() => weakMethod({}, {} as any)).toThrow(TypeError)
    expect(() => weakMethod({}, 'x', 1 as any)).toThrow(TypeError)
  })
})
