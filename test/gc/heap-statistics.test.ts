import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { collect, heapStatistics } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'

describe('heapStatistics', () => {
  it('has the same names on every version of Node', () => {
    expect(Object.keys(heapStatistics())).toEqual([
      'used',
      'total',
      'physical',
      'available',
      'limit',
      'external',
      'malloced',
      'peakMalloced',
      'globalHandles',
      'usedGlobalHandles',
      'nativeContexts',
      'detachedContexts',
      'allocated',
      'spaces',
    ])
  })

  it('has a whole number everywhere, but for what V8 does not count', () => {
    const { spaces, allocated, ...numbers } = heapStatistics()
    for (const value of Object.values(numbers)) {
      expect(Number.isSafeInteger(value)).toBe(true)
      expect(value).toBeGreaterThanOrEqual(0)
    }
    const counted = 'total_allocated_bytes' in getHeapStatistics()
    expect(allocated === null).toBe(!counted)
    expect(spaces.length).toBeGreaterThan(0)
  })

  it('fits together', () => {
    const { used, total, limit, available, usedGlobalHandles, globalHandles, nativeContexts } =
      heapStatistics()
    expect(used).toBeGreaterThan(0)
    expect(used).toBeLessThanOrEqual(total)
    expect(total).toBeLessThanOrEqual(limit)
    expect(available).toBeLessThanOrEqual(limit)
    expect(usedGlobalHandles).toBeLessThanOrEqual(globalHandles)
    expect(nativeContexts).toBeGreaterThanOrEqual(1)
  })

  it('lists every space of this version by the same names, which add up to the heap', () => {
    collect() // or V8 may, between the heap's reading and a space's
    const { spaces, used } = heapStatistics()
    expect(spaces.map(({ name }) => name)).toEqual(
      getHeapSpaceStatistics().map(({ space_name }) => space_name),
    )
    for (const space of spaces) {
      expect(Object.keys(space)).toEqual(['name', 'size', 'used', 'available', 'physical'])
      expect(space.used).toBeLessThanOrEqual(space.size)
    }
    const sum = spaces.reduce((total, space) => total + space.used, 0)
    expect(Math.abs(sum - used)).toBeLessThan(2 ** 20)
  })

  it('sees the heap and what lies outside it grow', () => {
    collect() // so that no other buffers die meanwhile
    const before = heapStatistics()
    const inside = new Array(2 ** 20).fill(7)
    const outside = Buffer.alloc(8 * 2 ** 20)
    const after = heapStatistics()
    const large = ({ spaces }: typeof before) =>
      spaces.find(({ name }) => name === 'large_object_space')!.used +
      spaces.find(({ name }) => name === 'new_large_object_space')!.used
    expect(large(after) - large(before)).toBeGreaterThan(7 * 2 ** 20)
    expect(after.external - before.external).toBeGreaterThan(7 * 2 ** 20)
    keepAlive(inside, outside)
  })
})
