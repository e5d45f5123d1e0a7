import { collect, monitorGc, type GcEvent } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { ratesOf } from '../../dist/gc/rates.js'
import { allocateFor } from '../support/garbage.js'
import { keepAlive } from '../support/instances.js'
import { beginUnmarked } from '../support/unmarked.js'

beginUnmarked()

const event = (some: Partial<GcEvent>): GcEvent => ({
  kind: 'scavenge',
  startMs: 0,
  durationMs: 1,
  forced: false,
  usedBefore: 0,
  usedAfter: 0,
  youngBefore: 0,
  youngAfter: 0,
  ...some,
})

describe('the rates over a list of collections', () => {
  it('count what was allocated between them, and since the last', () => {
    const events = [
      event({ usedBefore: 150, usedAfter: 110 }), // 50 since the start, at 100
      event({ usedBefore: 180, usedAfter: 120 }), // 70
    ]
    expect(ratesOf(events, 0, 2000, 100, 150).allocatedBytesPerSecond).toBe((50 + 70 + 30) / 2)
  })

  it('count as promoted what the old generation grew by in a minor collection', () => {
    const events = [
      event({ usedBefore: 100, youngBefore: 60, usedAfter: 70, youngAfter: 10 }), // old 40 → 60
      event({ kind: 'minor-mark-sweep', usedBefore: 90, youngBefore: 30, usedAfter: 65 }), // → 65
    ]
    const rates = ratesOf(events, 0, 1000, 0, 65)
    expect(rates.promotedBytesPerSecond).toBe(20 + 5)
    expect(rates.survivalRatio).toBeCloseTo((20 + 10 + 5) / (60 + 30), 12)
  })

  it('count no promotion and no survival in a major collection', () => {
    const major = event({
      kind: 'mark-sweep-compact',
      usedBefore: 100,
      youngBefore: 50,
      usedAfter: 80,
    })
    const rates = ratesOf([major], 0, 1000, 100, 80)
    expect(rates).toEqual({
      allocatedBytesPerSecond: 0,
      promotedBytesPerSecond: 0,
      survivalRatio: null,
    })
  })

  it('pass over what frees nothing: the start of marking, and weak callbacks', () => {
    const events = [
      event({ kind: 'incremental-marking', usedBefore: 500, usedAfter: 500 }),
      event({ kind: 'weak-callbacks', usedBefore: 500, usedAfter: 500 }),
    ]
    expect(ratesOf(events, 0, 1000, 100, 200).allocatedBytesPerSecond).toBe(100)
  })

  it('are finite where no time has passed', () => {
    expect(ratesOf([], 5, 5, 100, 100)).toEqual({
      allocatedBytesPerSecond: 0,
      promotedBytesPerSecond: 0,
      survivalRatio: null,
    })
  })
})

describe('the rates of a monitor', () => {
  it('tell how many bytes a program allocates', () => {
    const monitor = monitorGc()
    const fromMs = performance.now()
    let allocated = 0
    while (performance.now() - fromMs < 1500) {
      keepAlive(new Array(2 ** 17).fill(7))
      allocated += 2 ** 20
    }
    monitor[Symbol.dispose]()
    const seconds = (performance.now() - fromMs) / 1000
    const told = monitor.rates().allocatedBytesPerSecond * seconds
    expect(told).toBeGreaterThan(0.8 * allocated)
    expect(told).toBeLessThan(1.3 * allocated)
  })

  it('tell a program that keeps what it makes from one that drops it', () => {
    collect()
    using dropping = monitorGc()
    allocateFor(200, 1000)
    const dropped = dropping.rates()
    collect() // what was dropped is not to be seen by the next
    using keeping = monitorGc()
    const held: unknown[] = []
    for (let i = 0; i < 600_000; i++) held.push({ made: [i] })
    const kept = keeping.rates()
    keepAlive(held)
    expect(dropped.survivalRatio).toBeLessThan(0.3)
    expect(kept.survivalRatio).toBeGreaterThan(0.5)
    expect(kept.survivalRatio).toBeLessThanOrEqual(1)
    expect(kept.promotedBytesPerSecond).toBeGreaterThan(dropped.promotedBytesPerSecond)
  })

  it('go back as far as the record reaches when it has moved on', () => {
    using monitor = monitorGc()
    for (let i = 0; i < 5000; i++) collect('minor')
    const rates = monitor.rates()
    expect(Number.isFinite(rates.allocatedBytesPerSecond)).toBe(true)
    expect(rates.allocatedBytesPerSecond).toBeGreaterThan(0)
  })
})
