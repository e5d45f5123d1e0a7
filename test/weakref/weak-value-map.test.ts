import { inspect } from 'node:util'
import { collect } from 'heapscope'
import { flush, WeakValueMap } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture.js'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

const noKey = { code: 'ERR_HEAPSCOPE_NO_SUCH_KEY' }

/** A map of so many values, which the array holds. */
function filled(count: number) {
  const values: ({ i: number } | undefined)[] = makeAndKeep(count, (i) => ({ i }))
  return { values, map: new WeakValueMap(values.map((value, i) => [i, value!])) }
}

describe('a WeakValueMap', () => {
  it('W46: loses the entries whose values are dropped', async () => {
    const { values, map } = filled(10)
    expect(map.size).toBe(10)
    expect(map.get(3)).toBe(values[3])
    values[3] = undefined
    await settle(() => map.size === 9)
    expect([map.size, map.get(3), map.has(3), map.has(4)]).toEqual([9, undefined, false, true])
    expect(() => map.getOrThrow(3)).toThrow(expect.objectContaining(noKey))
    expect(map.getOrThrow(4)).toBe(values[4])
    values.length = 0
    await settle(() => map.size === 0)
    expect([map.size, [...map]]).toEqual([0, []])
  })

  it('W47: refuses values that cannot be held weakly, and stays as it is', () => {
    const { map } = filled(1)
    expect(() => map.set(5, 'text' as any)).toThrow(/the string "text"/)
    expect(() => map.set(0, 7 as any)).toThrow(TypeError)
    expect(() => new WeakValueMap([[1, null as any]])).toThrow(TypeError)
    expect(() => new WeakValueMap(5 as any)).toThrow(TypeError)
    expect([...map.keys()].filter((key) => key !== 0)).toEqual([])
  })

  it('W49: keeps the first value by getOrInsert, until it is dead', async () => {
    const map = new WeakValueMap<string, { n: number }>()
    const held: { first?: { n: number } } = { first: { n: 1 } }
    const second = { n: 2 }
    inScope(() => {
      expect(map.getOrInsert('k', held.first!)).toBe(held.first)
      expect(map.getOrInsert('k', second)).toBe(held.first)
    })
    delete held.first
    await settle(() => !map.has('k'))
    expect(map.getOrInsert('k', second)).toBe(second)
    expect(map.getOrInsertComputed('k', () => ({ n: 3 }))).toBe(second)
  })

  it('W50: gives and removes by pop; W51: by popItem until it is empty', () => {
    const { values, map } = filled(4)
    expect(map.pop(2)).toBe(values[2])
    expect(() => map.pop(2)).toThrow(expect.objectContaining(noKey))
    expect(map.pop(2, 'other')).toBe('other')
    expect(map.pop(2, undefined)).toBeUndefined()
    const popped = [map.popItem(), map.popItem(), map.popItem()]
    expect(popped.map(([key]) => key)).toEqual([0, 1, 3])
    expect(() => map.popItem()).toThrow(expect.objectContaining(noKey))
    keepAlive(values)
  })

  it('W53: can be changed while it is gone through', async () => {
    const { values, map } = filled(20)
    const extra = { i: 100 }
    const seen: number[] = []
    for (const [key] of map) {
      seen.push(key)
      if (key === 0) map.delete(1)
      if (key === 2) map.set(100, extra)
      if (key === 5) {
        values.length = 0
        await settle(() => map.size <= 2)
      }
      if (key === 100) map.clear()
    }
    expect(seen.slice(0, 5)).toEqual([0, 2, 3, 4, 5])
    expect(seen.at(-1)).toBe(100)
    expect(seen).not.toContain(1)
    expect(map.size).toBe(0)
    map.set(1, extra)
    expect([...map]).toEqual([[1, extra]])
  })

  it('W54: can be copied, spread and united, with the other side winning', async () => {
    const [a, b, c] = [{ a: 1 }, { b: 1 }, { c: 1 }]
    const map = new WeakValueMap<string, object>([
      ['a', a],
      ['b', b],
    ])
    inScope(() => map.set('dead', {}))
    await settle(() => map.size === 2)
    const copy = map.clone()
    copy.delete('a')
    expect([...map]).toEqual([
      ['a', a],
      ['b', b],
    ])
    expect([...copy.keys()]).toEqual(['b'])
    const plain = new Map<string, object>([['b', c]])
    const union = map.union(plain)
    expect(union).toBeInstanceOf(WeakValueMap)
    expect(Object.fromEntries(union)).toEqual({ a, b: c })
    expect(union.get('b')).toBe(c)
    expect(new WeakValueMap(plain).union(map).get('b')).toBe(b)
    expect(map.union(new WeakValueMap([['z', c]])).size).toBe(3)
    keepAlive([a, b, c])
  })

  it('W55: is empty where a strong map keeps one two three', async () => {
    const strong = new Map<string, object>()
    const weak = new WeakValueMap<string, object>()
    for (const name of ['one', 'two', 'three']) {
      inScope(() => {
        strong.set(name, { name })
        weak.set(name, { name })
      })
    }
    await settle(() => weak.size === 0)
    expect([...strong.keys()].join(' ')).toBe('one two three')
    expect([...weak.keys()]).toEqual([])
  })

  it('W57: gives references that hold nothing', async () => {
    const { values, map } = filled(3)
    const references = map.valueRefs()
    expect(references.map((each) => each.deref())).toEqual(values)
    values.pop()
    await settle(() => map.size === 2)
    expect(references.map(({ alive }) => alive)).toEqual([true, true, false])
  })

  it('W58: keeps the newest value of a key, whatever dies', () => {
    const map = new WeakValueMap<string, object>()
    let held: object = {}
    let least = 1
    for (let i = 0; i < 100_000; i++) {
      held = { i, more: [i] }
      map.set('key', held)
      least = Math.min(least, map.size)
      if (map.get('key') !== held || map.size !== 1) throw new Error(`lost at ${i}`)
    }
    collect()
    flush()
    expect([least, map.size, map.get('key') === held]).toEqual([1, 1, true])
  })

  it('W58: never takes a key’s new value out for its old one', async () => {
    const map = new WeakValueMap<number, object>()
    const held: object[] = []
    for (let round = 0; round < 20; round++) {
      makeAndDrop(500, (i) => map.set(i, { round }))
      collect('minor') // the deaths are known, and not yet told
      for (let i = 0; i < 500; i += 2) {
        held[i] = { round, i }
        if (i % 4 === 0) map.delete(i)
        map.set(i, held[i]!)
      }
      if (round % 2 === 0) await new Promise(setImmediate)
      for (let i = 0; i < 500; i += 2) if (map.get(i) !== held[i]) throw new Error(`lost ${i}`)
    }
    await settle(() => map.size === 250)
    expect(map.size).toBe(250)
    expect([...map].every(([key, value]) => held[key] === value)).toBe(true)
  })

  it(
    'W59: has nothing left of a million keys with short-lived values',
    { timeout: 120_000 },
    async () => {
      const { stdout, stderr } = await runProgram(`
      const { WeakValueMap } = require('heapscope/weakref')
      const { collect } = require('heapscope')
      const map = new WeakValueMap()
      const fill = (from, to) => { for (let i = from; i < to; i++) map.set('key ' + i, { i }) }
      const settled = async () => {
        for (let i = 0; i < 5; i++) { collect(); await new Promise(setImmediate) }
        return process.memoryUsage().heapUsed
      }
      void (async () => {
        fill(0, 1000)
        const before = await settled()
        fill(1000, 1_000_000)
        const grown = (await settled()) - before
        console.log(JSON.stringify({ grown, size: map.size, entries: [...map].length }))
      })()`)
      expect(stderr).toBe('')
      const { grown, size, entries } = JSON.parse(stdout) as Record<string, number>
      expect({ size, entries }).toEqual({ size: 0, entries: 0 })
      expect(grown).toBeLessThan(5e6)
    },
  )

  it('does not hold itself through its keys, and may be dropped with living values', async () => {
    const values: object[] = []
    const { ref } = await import('heapscope/weakref')
    const references = makeAndKeep(50, (i) => {
      const map = new WeakValueMap<object, object>()
      values.push({ i })
      map.set(map, values[i]!)
      return ref(map)
    })
    await settle(() => references.every(({ alive }) => !alive))
    expect(references.filter(({ alive }) => alive)).toEqual([])
    const again = makeAndKeep(50, (i) => new WeakValueMap([[i, values[i]!]]))
    expect(again.map((map) => map.size)).toEqual(new Array(50).fill(1))
  })

  it('has the rest of a map', () => {
    const { values, map } = filled(2)
    const visited: unknown[] = []
    map.forEach((value, key, self) => visited.push([value, key, self === map]))
    expect(visited).toEqual([
      [values[0], 0, true],
      [values[1], 1, true],
    ])
    expect([...map.values()]).toEqual(values)
    expect(map.delete(0)).toBe(true)
    expect(map.delete(0)).toBe(false)
    expect(Object.prototype.toString.call(map)).toBe('[object WeakValueMap]')
  })

  it('says what is wrong with entries and functions', () => {
    const wrong = { code: 'ERR_HEAPSCOPE_INVALID_ARG' }
    const { map, values } = filled(1)
    const uses = [
      () => new WeakValueMap([1] as any),
      () => map.update([1] as any),
      () => map.union([1] as any),
      () => map.getOrInsertComputed(7, 1 as any),
      () => map.forEach(1 as any),
    ]
    for (const use of uses) expect(use).toThrow(expect.objectContaining(wrong))
    expect(uses[0]).toThrow(/a pair \[key, value\], not the number 1/)
    expect([...map]).toEqual([[0, values[0]]])
  })

  it('shows its living entries, and copies itself as what it is', async () => {
    const { map, values } = filled(2)
    expect(inspect(map)).toBe('WeakValueMap(2) { 0 => { i: 0 }, 1 => { i: 1 } }')
    expect(inspect({ map }, { depth: 0 })).toBe('{ map: [WeakValueMap] }')
    const itself = new WeakValueMap<string>()
    expect(inspect(itself.set('me', itself), { depth: Infinity })).toBe(
      "WeakValueMap(1) { 'me' => [Circular] }",
    )
    values.pop()
    await settle(() => map.size === 1)
    expect(inspect(map)).toBe('WeakValueMap(1) { 0 => { i: 0 } }')
    class Named extends WeakValueMap<number> {}
    expect(inspect(new Named(map))).toBe('Named(1) { 0 => { i: 0 } }')
    expect(new Named(map).clone()).toBeInstanceOf(Named)
    expect(new Named(map).union(map)).not.toBeInstanceOf(Named)
  })

  it('gives the oldest by popItem, whatever happens meanwhile, and does not hold it', async () => {
    const { map, values } = filled(5)
    const popped = () => map.popItem()[0]
    inScope(() => expect(popped()).toBe(0))
    map.delete(1)
    map.set(1, values[1]!)
    inScope(() => expect(popped()).toBe(2))
    values[2] = values[3] = undefined
    await settle(() => map.size === 2)
    expect(map.size).toBe(2)
    expect([popped(), popped()]).toEqual([4, 1])
    expect(popped).toThrow(expect.objectContaining(noKey))
    map.set(9, values[4]!)
    expect(popped()).toBe(9)
  })
})
