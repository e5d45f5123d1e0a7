import { WeakKeyMap } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndKeep } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

describe('a WeakKeyMap', () => {
  it('loses the entries whose keys are dropped', async () => {
    const keys: object[] = makeAndKeep(10, (i) => ({ i }))
    const map = new WeakKeyMap(keys.map((key, i) => [key, i]))
    expect([map.size, map.get(keys[4]!), [...map.values()]]).toEqual([
      10,
      4,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ])
    keys.splice(0, 4)
    await settle(() => map.size === 6)
    expect([...map.values()]).toEqual([4, 5, 6, 7, 8, 9])
    expect(map.keyRefs()).toHaveLength(6)
    expect(map.delete(keys[0]!)).toBe(true)
    expect(map.delete(keys[0]!)).toBe(false)
    expect([...map].map(([key, value]) => keys.indexOf(key) === value - 4)).toEqual(
      new Array(5).fill(true),
    )
    map.clear()
    expect([map.size, map.has(keys[1]!)]).toEqual([0, false])
  })

  it('W61: refuses keys that cannot be held weakly, but may be asked for them', () => {
    const map = new WeakKeyMap<any, number>()
    for (const key of [13, 'k', null, undefined, Symbol.for('x')]) {
      expect(() => map.set(key, 1)).toThrow(TypeError)
      expect(() => map.get(key)).toThrow(TypeError)
      expect(() => map.delete(key)).toThrow(TypeError)
      expect(map.has(key)).toBe(false)
    }
    const symbol = Symbol('own')
    expect(map.set(symbol, 2).get(symbol)).toBe(2)
  })

  it('W62: loses also a key that its own value leads to', async () => {
    const map = new WeakKeyMap<object, object>()
    inScope(() => {
      const key = {}
      map.set(key, { key, map })
    })
    expect(map.size).toBe(1)
    await settle(() => map.size === 0)
    expect([...map]).toEqual([])
  })

  it('W63: has an entry for each of two keys that are alike', () => {
    const [a, b] = [{ same: 1 }, { same: 1 }]
    const map = new WeakKeyMap([
      [a, 'a'],
      [b, 'b'],
    ])
    expect([map.size, map.get(a), map.get(b)]).toEqual([2, 'a', 'b'])
    expect(map.set(a, 'c').getOrInsert(a, 'd')).toBe('c')
    expect(map.union(new Map([[b, 'e']])).get(b)).toBe('e')
    expect(map.clone().pop(a)).toBe('c')
    expect(map.getOrInsert({ same: 2 }, undefined as any)).toBeUndefined()
    keepAlive([a, b])
  })
})
