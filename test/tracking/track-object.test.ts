import { trackClass, tracker, trackObject } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop } from '../support/instances.js'
import { settle } from '../support/settle.js'

describe('trackObject', () => {
  it('tracks one object that exists, returns it and does not keep it alive', async () => {
    const held = { kept: true }
    expect(trackObject(held, { name: 'cache entry' })).toBe(held)
    makeAndDrop(2, () => trackObject({}, { name: 'cache entry' }))
    await settle(() => tracker.stats('cache entry').live === 1)
    expect(tracker.stats('cache entry')).toMatchObject({ created: 3, live: 1, collected: 2 })
    expect(tracker.liveInstances('cache entry')).toEqual([held])
    expect(Reflect.ownKeys(held)).toEqual(['kept'])
    keepAlive(held)
  })

  it('takes every kind of object, under the name of its class', () => {
    const held = [
      trackObject([1]),
      trackObject(() => 1),
      trackObject(Object.create(null) as object),
    ]
    const names = ['Array', 'Function', 'Object']
    expect(names.map((name) => tracker.stats(name).live)).toEqual([1, 1, 1])
    expect(held.map((one) => tracker.metadata(one)?.className)).toEqual(names)
  })

  it('runs nothing of the object itself', () => {
    let ran = 0
    const trap = new Proxy(
      {},
      {
        get: () => ran++,
        getOwnPropertyDescriptor: () => (ran++, undefined),
        ownKeys: () => (ran++, []),
        has: () => (ran++, true),
      },
    )
    trackObject(trap, { name: 'trap' })
    expect(tracker.stats('trap').live).toBe(1)
    const getter = {
      get constructor() {
        return ran++ as any
      },
    }
    trackObject(Object.create(getter) as object, { name: 'getter' })
    expect(ran).toBe(0)
  })

  it('counts an object once, however often it is tracked', () => {
    const held = {}
    for (let i = 0; i < 3; i++) trackObject(held, { name: 'once' })
    expect(tracker.stats('once')).toMatchObject({ created: 1, live: 1 })
    keepAlive(held)
  })

  it('can be closed and told of by tracker', () => {
    const held = trackObject({}, { name: 'closable object' })
    expect(tracker.metadata(held)).toMatchObject({ id: 1, isActive: true })
    tracker.close(held)
    tracker.close(held)
    expect(tracker.metadata(held)).toMatchObject({ isActive: false })
    expect(tracker.stats('closable object')).toMatchObject({ closed: 1, active: 0, live: 1 })
    expect(() => tracker.assertOpen(held)).toThrow('closable object#1 is closed already')
  })

  it('stays with its class where that counts it already', () => {
    const Order = trackClass(class Order {})
    const held = new Order()
    expect(trackObject(held, { name: 'the order in question' })).toBe(held)
    expect(tracker.stats(Order).created).toBe(1)
    expect(tracker.metadata(held)?.className).toBe('Order')
    expect(() => tracker.stats('the order in question')).toThrow('no tracked class is called')
    keepAlive(held)
  })

  it('keeps the site of each where asked', () => {
    const here = () => trackObject({}, { name: 'sited', sites: 1 })
    const there = () => trackObject({}, { name: 'sited', sites: 1 })
    const [one, two] = [here(), there()]
    expect(tracker.metadata(one)?.site).toMatch(/^here \(.*track-object\.test\.ts/)
    expect(tracker.metadata(two)?.site).toMatch(/^there \(.*track-object\.test\.ts/)
  })

  it.each([
    [1, 'the number 1'],
    ['s', 'the string "s"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [10n, 'the bigint 10'],
    [Symbol.for('x'), 'the symbol Symbol(x)'],
    [true, 'the boolean true'],
  ])('refuses %s, naming what it is', (value: any, named) => {
    const rows = tracker.allStats().length
    expect(() => trackObject(value)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_HEAPSCOPE_INVALID_ARG',
        message: expect.stringContaining(`trackObject takes an object, not ${named}`),
      }),
    )
    expect(tracker.allStats()).toHaveLength(rows)
  })
})
