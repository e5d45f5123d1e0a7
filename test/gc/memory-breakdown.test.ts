import { setTimeout as delay } from 'node:timers/promises'
import { totalmem } from 'node:os'
import { collect, heapStatistics, memoryBreakdown, type MemoryBreakdown } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { containerMemory } from '../../dist/gc/container-limits.js'
import { keepAlive } from '../support/instances.js'

const mebibyte = 2 ** 20

/** Every number in it, however deep, with where it stands. */
function numbersOf(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${path}.${key}`))
}

const close = (a: number, b: number) => Math.abs(a - b) < 0.1 * Math.max(a, b)

describe('memoryBreakdown', () => {
  it('has only whole numbers of bytes, none below 0', () => {
    for (const [path, value] of numbersOf(memoryBreakdown())) {
      expect([path, Number.isInteger(value) && value >= 0]).toEqual([path, true])
    }
  })

  it('agrees with what Node says of the process', () => {
    collect() // or V8 may, between the two readings
    const breakdown = memoryBreakdown()
    const usage = process.memoryUsage()
    expect(close(breakdown.rss, usage.rss)).toBe(true)
    expect(close(breakdown.heap.used, usage.heapUsed)).toBe(true)
    expect(close(breakdown.external, usage.external)).toBe(true)
    expect(breakdown.arrayBuffers).toBeLessThanOrEqual(breakdown.external)
    expect(breakdown.heap.spaces.map(({ name }) => name)).toEqual(
      heapStatistics().spaces.map(({ name }) => name),
    )
  })

  it.runIf(process.platform === 'linux')('splits rss as the kernel does', () => {
    const { rss, anonymous, mappedFiles, sharedMemory } = memoryBreakdown()
    expect(close(anonymous! + mappedFiles! + sharedMemory!, rss)).toBe(true)
    expect(mappedFiles).toBeGreaterThan(mebibyte) // node itself
  })

  it('explains no more than there is', () => {
    const { rss, unexplained, heap, code } = memoryBreakdown()
    expect(unexplained).toBeLessThan(rss)
    expect(heap.physical).toBeLessThan(rss)
    expect(code).toBeGreaterThan(0)
    expect(code).toBeLessThan(heap.physical)
  })

  it('shows buffers outside the heap, and in the allocator where that can be asked', async () => {
    collect() // so that no other buffers die meanwhile
    await delay(100) // V8 gives pages back on another thread
    const before = memoryBreakdown()
    const held = Array.from({ length: 4 }, () => Buffer.alloc(16 * mebibyte, 1))
    const after = memoryBreakdown()
    const grown = (of: (breakdown: MemoryBreakdown) => number) => of(after) - of(before)
    expect(grown(({ arrayBuffers }) => arrayBuffers)).toBeGreaterThan(60 * mebibyte)
    expect(grown(({ external }) => external)).toBeGreaterThan(60 * mebibyte)
    expect(grown(({ rss }) => rss)).toBeGreaterThan(50 * mebibyte)
    expect(Math.abs(grown(({ heap }) => heap.used))).toBeLessThan(16 * mebibyte)
    if (after.malloc) {
      const allocated = grown(({ malloc }) => malloc!.inUse + malloc!.mapped)
      expect(allocated).toBeGreaterThan(60 * mebibyte)
    }
    // Explained: what is left over does not grow by them.
    expect(grown(({ unexplained }) => unexplained)).toBeLessThan(32 * mebibyte)
    keepAlive(held)
  })

  it('names the limits of V8, of the container and of the machine', () => {
    const { limits } = memoryBreakdown()
    expect(limits.heap).toBe(heapStatistics().limit)
    expect(limits.system).toBe(totalmem())
    expect(limits.container?.limitBytes).toBe(containerMemory()?.limitBytes)
  })
})
