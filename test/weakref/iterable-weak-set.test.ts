import { inspect } from 'node:util'
import { IterableWeakSet } from 'heapscope/weakref'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'
import { inScope, settle } from '../support/settle.js'

const [a, b, c, d] = [{ n: 'a' }, { n: 'b' }, { n: 'c' }, { n: 'd' }]
const set = (...members: object[]) => new IterableWeakSet<object>(members)
const names = (members: Iterable<unknown>) =>
  [...members].map((each) => (each as typeof a).n).join('')
const noKey = { code: 'ERR_HEAPSCOPE_NO_SUCH_KEY' }

describe('an IterableWeakSet', () => {
  it('loses the members that are dropped', async () => {
    const members = set(a)
    const others = [{}, {}]
    inScope(() => others.forEach((each) => members.add(each)))
    expect(members.size).toBe(3)
    others.length = 0
    await settle(() => members.size === 1)
    expect([...members]).toEqual([a])
    expect(members.refs().map((each) => each.deref())).toEqual([a])
  })

  it('W65: adds, removes and pops', () => {
    const members = set(a, b)
    expect(members.add(a).size).toBe(2)
    expect([members.has(a), members.has(c), members.has(1)]).toEqual([true, false, false])
    expect([members.delete(b), members.delete(b)]).toEqual([true, false])
    members.discard(b)
    expect(() => members.remove(b)).toThrow(expect.objectContaining(noKey))
    members.remove(a)
    for (const use of ['add', 'delete', 'discard', 'remove'] as const) {
      expect(() => members[use](1 as any)).toThrow(TypeError)
    }
    expect(names([members.add(d).add(a).pop(), members.pop()])).toBe('da')
    expect(() => members.pop()).toThrow(expect.objectContaining(noKey))
    expect([...members.add(c).entries()]).toEqual([[c, c]])
    members.clear()
    expect(members.size).toBe(0)
  })

  it('W66: has the algebra of sets, with anything iterable', () => {
    for (const other of [set(b, c), new Set([b, c]), [b, c]]) {
      expect(names(set(a, b).union(other))).toBe('abc')
      expect(names(set(a, b).intersection(other))).toBe('b')
      expect(names(set(a, b).difference(other))).toBe('a')
      expect(names(set(a, b).symmetricDifference(other))).toBe('ac')
      expect(names(set(a, b).update(other))).toBe('abc')
      expect(names(set(a, b).intersectionUpdate(other))).toBe('b')
      expect(names(set(a, b).differenceUpdate(other))).toBe('a')
      expect(names(set(a, b).symmetricDifferenceUpdate(other))).toBe('ac')
    }
    expect(names(set(a).intersection([1, a, 'x']))).toBe('a')
    expect(() => set(a).union([1 as any])).toThrow(TypeError)
    expect(() => set(a).union(5 as any)).toThrow(TypeError)
  })

  it('W66: with itself', () => {
    const members = set(a, b)
    expect(names(members.union(members))).toBe('ab')
    expect(names(members.intersection(members))).toBe('ab')
    expect(members.difference(members).size).toBe(0)
    expect(members.symmetricDifference(members).size).toBe(0)
    expect(names(members.update(members).intersectionUpdate(members))).toBe('ab')
    expect(members.clone().differenceUpdate(members).size).toBe(0)
    expect(members.symmetricDifferenceUpdate(members).size).toBe(0)
  })

  it('W67: is compared as a set, and equal only to another weak set', () => {
    expect([set(a).isSubsetOf([a, b]), set(a, b).isSubsetOf([a])]).toEqual([true, false])
    expect([set(a, b).isSupersetOf(set(a)), set(a).isSupersetOf([1])]).toEqual([true, false])
    expect([set(a).isDisjointFrom([b, 1]), set(a).isDisjointFrom([a])]).toEqual([true, false])
    expect([
      set(a, b).equals(set(b, a)),
      set(a).equals(set(b)),
      set(a).equals(new Set([a])),
    ]).toEqual([true, false, false])
    keepAlive([a, b, c, d])
  })

  it('can be changed while it is gone through', () => {
    const members = set(a, b, c)
    const seen: unknown[] = []
    for (const member of members) {
      seen.push(member)
      if (member === a) members.delete(b)
      if (member === c) members.add(d)
    }
    expect(names(seen)).toBe('acd')
  })

  it('checks each as it comes, and closes the iterator of what it does not go through', () => {
    const uses: [string, (values: Iterable<any>) => unknown][] = [
      ['new', (values) => new IterableWeakSet(values)],
      ['update', (values) => set().update(values)],
      ['union', (values) => set().union(values)],
      ['isSupersetOf', (values) => set(a).isSupersetOf(values)],
    ]
    for (const [name, use] of uses) expect([name, taken(use, 1)]).toEqual([name, [1, 1]])
    expect(taken((values) => set(a).isDisjointFrom(values), a)).toEqual([1, 1])
    const members = set()
    expect(() => members.update([a, 1 as any, b])).toThrow(TypeError)
    expect(names(members)).toBe('a')
  })

  it('takes what the sets of the language take, a Map for its keys', () => {
    const map = new Map([
      [b, 1],
      [c, 2],
    ])
    expect(names(set(a, b).union(map))).toBe('abc')
    expect(names(set(a, b).intersection(map))).toBe('b')
    expect(names(set(a, b).difference(map))).toBe('a')
    expect(names(set(a, b, c).difference(map))).toBe('a')
    expect(names(set(a, b).symmetricDifference(map))).toBe('ac')
    expect([set(b).isSubsetOf(map), set(b).isSupersetOf(map)]).toEqual([true, false])
    const endless = {
      size: Infinity,
      has: (value: unknown) => value === a,
      keys: (): never => {
        throw new Error('endless')
      },
    }
    expect(names(set(a, b).intersection(endless))).toBe('a')
    expect(names(set(a, b).difference(endless))).toBe('b')
    expect(set(a).isSubsetOf(endless)).toBe(true)
    expect(() => set(a).union({ size: 1, has: () => true, keys: () => 1 } as any)).toThrow(
      expect.objectContaining({ code: 'ERR_HEAPSCOPE_INVALID_ARG' }),
    )
    expect([...new IterableWeakSet(map)].every(Array.isArray)).toBe(true)
  })

  it('shows its members, and copies itself as what it is', () => {
    expect(inspect(set(a))).toBe("IterableWeakSet(1) { { n: 'a' } }")
    expect(inspect({ deep: { deep: { deep: set(a) } } })).toContain('[IterableWeakSet]')
    class Named extends IterableWeakSet {}
    expect(inspect(new Named())).toBe('Named(0) {}')
    expect(new Named([a]).clone()).toBeInstanceOf(Named)
    expect(new Named([a]).union([b])).not.toBeInstanceOf(Named)
    expect(() => set(a).forEach(1 as any)).toThrow(/what forEach calls must be a function/)
  })
})

/** How many of a thousand were taken, and how often the iterator was closed. */
function taken(use: (values: Iterable<unknown>) => unknown, value: unknown): [number, number] {
  let [steps, closed] = [0, 0]
  const values = {
    [Symbol.iterator]: () => ({
      next: () => (++steps > 1000 ? { done: true, value } : { done: false, value }),
      return: () => (closed++, { done: true, value }),
    }),
  }
  try {
    use(values)
  } catch {
    // what is refused
  }
  return [steps, closed]
}
