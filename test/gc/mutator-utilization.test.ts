import fc from 'fast-check'
import { monitorGc } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { minimumUtilization } from '../../dist/gc/mutator-utilization.js'
import { allocateFor } from '../support/garbage.js'
import { seeded } from '../support/property.js'
import { bruteForceUtilization } from '../support/utilization.js'

const pausesOf = (moment: fc.Arbitrary<number>, length: fc.Arbitrary<number>) =>
  fc.array(fc.record({ startMs: moment, durationMs: length }), { maxLength: 25 })

/** Anywhere, overlapping, nested, reaching beyond what is looked at. */
const anyPauses = pausesOf(
  fc.double({ min: -20, max: 120, noNaN: true }),
  fc.double({ min: 0, max: 30, noNaN: true }),
)

/** On whole milliseconds, so that pauses and windows often touch. */
const touchingPauses = pausesOf(fc.integer({ min: -5, max: 105 }), fc.integer({ min: 0, max: 12 }))

describe('minimum mutator utilisation', () => {
  it('equals brute force over random pauses, nested and overlapping ones included', () => {
    const window = fc.double({ min: 0.01, max: 100, noNaN: true })
    fc.assert(
      fc.property(anyPauses, window, (pauses, windowMs) => {
        const expected = bruteForceUtilization(pauses, windowMs, 0, 100)
        expect(minimumUtilization(pauses, windowMs, 0, 100)).toBeCloseTo(expected!, 9)
      }),
      seeded,
    )
  })

  it('equals brute force where pauses and windows touch', () => {
    fc.assert(
      fc.property(touchingPauses, fc.integer({ min: 1, max: 100 }), (pauses, windowMs) => {
        const expected = bruteForceUtilization(pauses, windowMs, 0, 100)
        expect(minimumUtilization(pauses, windowMs, 0, 100)).toBeCloseTo(expected!, 9)
      }),
      seeded,
    )
  })

  it('is 1 without pauses and 0 in a window that is all pause', () => {
    expect(minimumUtilization([], 10, 0, 100)).toBe(1)
    expect(minimumUtilization([{ startMs: 40, durationMs: 10 }], 10, 0, 100)).toBe(0)
    expect(minimumUtilization([{ startMs: 40, durationMs: 10 }], 20, 0, 100)).toBe(0.5)
  })

  it('tells two pauses close together from two far apart', () => {
    const close = [10, 16].map((startMs) => ({ startMs, durationMs: 4 }))
    const far = [10, 60].map((startMs) => ({ startMs, durationMs: 4 }))
    expect(minimumUtilization(close, 10, 0, 100)).toBeCloseTo(0.2, 12)
    expect(minimumUtilization(far, 10, 0, 100)).toBeCloseTo(0.6, 12)
  })

  it('counts a pause inside another once', () => {
    const nested = [
      { startMs: 12, durationMs: 3 },
      { startMs: 10, durationMs: 10 },
    ]
    expect(minimumUtilization(nested, 20, 0, 100)).toBe(0.5)
  })

  it('is null until a whole window has passed', () => {
    expect(minimumUtilization([], 100, 0, 99.9)).toBeNull()
    expect(minimumUtilization([], 100, 0, 100)).toBe(1)
    expect(minimumUtilization([{ startMs: 0, durationMs: 50 }], 100, 0, 99)).toBeNull()
  })

  it.each([1e-9, 1e-15, Number.MIN_VALUE])('is 0 in a window of %d ms, which fits a pause', (w) => {
    expect(minimumUtilization([{ startMs: 1e6, durationMs: 0.5 }], w, 0, 2e6)).toBe(0)
    expect(minimumUtilization([], w, 0, 2e6)).toBe(1)
  })
})

describe('the mutator utilisation of a monitor', () => {
  it('equals brute force over its own events', () => {
    const monitor = monitorGc()
    const fromMs = performance.now()
    allocateFor(300)
    monitor[Symbol.dispose]()
    const toMs = performance.now()
    const events = monitor.events()
    expect(events.length).toBeGreaterThan(2)
    for (const windowMs of [2, 5, 10, 20]) {
      const expected = bruteForceUtilization(events, windowMs, fromMs, toMs)!
      // The monitor's own bounds are some microseconds wider.
      expect(Math.abs(monitor.mutatorUtilization(windowMs)! - expected)).toBeLessThan(0.02)
    }
  })

  it('is null while the monitor is younger than the window', () => {
    using monitor = monitorGc()
    expect(monitor.mutatorUtilization(3_600_000)).toBeNull()
  })

  it.each([0, -1, NaN, Infinity])('refuses a window of %d with a RangeError', (windowMs) => {
    using monitor = monitorGc()
    expect(() => monitor.mutatorUtilization(windowMs)).toThrow(RangeError)
    expect(() => monitor.mutatorUtilization(windowMs)).toThrow(/windowMs must be finite and above/)
  })

  it.each([['100'], [undefined], [null], [10n]])('refuses the window %s', (windowMs: any) => {
    using monitor = monitorGc()
    expect(() => monitor.mutatorUtilization(windowMs)).toThrow(TypeError)
  })
})
