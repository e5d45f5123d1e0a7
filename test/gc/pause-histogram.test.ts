import { collect, monitorGc, type GcKind, type GcMonitor } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { allocateFor } from '../support/garbage.js'
import { nearestRank } from '../support/native-histogram.js'
import { beginUnmarked } from '../support/unmarked.js'

beginUnmarked()

const percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.9, 100]

/** Pauses short and long, of V8's choosing and ours. The monitor is ended, so nothing moves. */
function collected(monitor: GcMonitor): GcMonitor {
  allocateFor(200)
  for (let i = 0; i < 300; i++) collect('minor')
  for (let i = 0; i < 5; i++) collect()
  monitor[Symbol.dispose]()
  return monitor
}

function expectSameAsSorted(monitor: GcMonitor, kind?: GcKind): void {
  const pauses = monitor
    .events()
    .filter((event) => kind === undefined || event.kind === kind)
    .map(({ durationMs }) => durationMs)
  const histogram = monitor.histogram(kind)
  expect(pauses.length).toBeGreaterThan(0)
  expect(histogram.count).toBe(pauses.length)
  for (const p of percentiles) {
    const exact = nearestRank(pauses, p)
    expect(Math.abs(histogram.percentile(p) - exact) / exact).toBeLessThan(0.01)
  }
  const total = pauses.reduce((sum, ms) => sum + ms, 0)
  expect(histogram.total).toBeCloseTo(total, 6)
  expect(histogram.mean).toBeCloseTo(total / pauses.length, 6)
}

describe('the pause histogram of a monitor', () => {
  it('gives percentiles within 1 % of the sorted durations of its own events', () => {
    const monitor = collected(monitorGc())
    expectSameAsSorted(monitor)
    expectSameAsSorted(monitor, 'scavenge')
    expectSameAsSorted(monitor, 'mark-sweep-compact')
  })

  it('does so for a monitor that was started while another ran', () => {
    using first = monitorGc()
    collect()
    collect('minor')
    const second = collected(monitorGc())
    expectSameAsSorted(second)
    expectSameAsSorted(second, 'scavenge')
    expectSameAsSorted(second, 'mark-sweep-compact')
    expect(first.histogram().count).toBeGreaterThan(second.histogram().count)
  })

  it('is a copy that later collections do not change', () => {
    using monitor = monitorGc()
    collect()
    const histogram = monitor.histogram('mark-sweep-compact')
    const before = histogram.toJSON()
    collect()
    expect(histogram.toJSON()).toEqual(before)
    expect(monitor.histogram('mark-sweep-compact').count).toBe(before.count + 1)
  })

  it('of all kinds is the sum of those of each', () => {
    const monitor = collected(monitorGc())
    const stats = Object.values(monitor.stats())
    const all = monitor.histogram()
    expect(all.count).toBe(stats.reduce((sum, { count }) => sum + count, 0))
    expect(all.total).toBeCloseTo(
      stats.reduce((sum, { totalMs }) => sum + totalMs, 0),
      6,
    )
    expect(all.buckets([1, 10]).at(-1)).toEqual({ leMs: Infinity, count: all.count })
  })

  it.each([['major'], [''], [7], [null]])('refuses the kind %j', (kind: any) => {
    using monitor = monitorGc()
    expect(() => monitor.histogram(kind)).toThrow(TypeError)
    expect(() => monitor.histogram(kind)).toThrow(/mark-sweep-compact/)
  })
})
