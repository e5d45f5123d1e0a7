import { collect, monitorGc, type GcMonitor } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { allocateFor } from '../support/garbage.js'
import { beginUnmarked } from '../support/unmarked.js'

beginUnmarked()

/** Whether this thread's collections are being counted: the hook is in. */
function counting(monitor: GcMonitor): boolean {
  return monitor.threads().find(({ threadId }) => threadId === 0)!.counting
}

function figuresOf(monitor: GcMonitor) {
  return {
    stats: monitor.stats(),
    events: monitor.events(),
    all: monitor.histogram().toJSON(),
    majors: monitor.histogram('mark-sweep-compact').toJSON(),
    rates: monitor.rates(),
    utilization: [1, 10, 100].map((windowMs) => monitor.mutatorUtilization(windowMs)),
    ownCostMs: monitor.ownCostMs(),
  }
}

describe('a monitor', () => {
  it('counts by kind, with time, longest and bytes, what its events tell', () => {
    using monitor = monitorGc()
    allocateFor(200)
    collect('minor')
    collect('major')
    monitor[Symbol.dispose]()
    const stats = monitor.stats()
    for (const [kind, { count, totalMs, maxMs, reclaimedBytes }] of Object.entries(stats)) {
      const events = monitor.events().filter((event) => event.kind === kind)
      const sum = (of: (event: (typeof events)[0]) => number) =>
        events.reduce((total, event) => total + of(event), 0)
      expect(count).toBe(events.length)
      expect(totalMs).toBeCloseTo(
        sum(({ durationMs }) => durationMs),
        6,
      )
      expect(maxMs).toBeCloseTo(Math.max(0, ...events.map(({ durationMs }) => durationMs)), 6)
      expect(reclaimedBytes).toBe(
        sum(({ usedBefore, usedAfter }) => Math.max(0, usedBefore - usedAfter)),
      )
    }
  })

  it('starts at zero, whatever was collected before', () => {
    using earlier = monitorGc()
    collect()
    using monitor = monitorGc()
    expect(Object.values(monitor.stats()).every(({ count }) => count === 0)).toBe(true)
    expect(monitor.events()).toEqual([])
    expect(monitor.histogram().count).toBe(0)
    expect(earlier.stats()['mark-sweep-compact'].count).toBe(1)
  })

  it('knows its longest pause within 1 % when an older monitor saw a longer one', () => {
    using _ = monitorGc()
    allocateFor(100)
    collect()
    using monitor = monitorGc()
    collect('minor')
    const longest = Math.max(
      ...monitor
        .events()
        .filter(({ kind }) => kind === 'scavenge')
        .map(({ durationMs }) => durationMs),
    )
    expect(Math.abs(monitor.stats().scavenge.maxMs - longest) / longest).toBeLessThan(0.01)
  })

  it('shares one count with a second one', () => {
    using first = monitorGc()
    using second = monitorGc()
    collect()
    expect(first.stats()['mark-sweep-compact'].count).toBe(1)
    expect(second.stats()).toEqual(first.stats())
    expect(second.events()).toEqual(first.events())
  })

  it('tells what counting has cost since it started', () => {
    using monitor = monitorGc()
    expect(monitor.ownCostMs()).toBeGreaterThanOrEqual(0)
    const before = monitor.ownCostMs()
    for (let i = 0; i < 10; i++) collect('minor')
    expect(monitor.ownCostMs()).toBeGreaterThan(before)
  })
})

describe('the end of a monitor', () => {
  it('freezes every one of its figures', () => {
    using other = monitorGc()
    const monitor = monitorGc()
    allocateFor(150)
    collect()
    monitor[Symbol.dispose]()
    const frozen = figuresOf(monitor)
    expect(frozen.stats['mark-sweep-compact'].count).toBeGreaterThan(0)
    allocateFor(50)
    collect()
    expect(figuresOf(monitor)).toEqual(frozen)
    expect(other.stats()['mark-sweep-compact'].count).toBeGreaterThan(
      frozen.stats['mark-sweep-compact'].count,
    )
  })

  it('may come twice: the second changes nothing, for itself or others', () => {
    using other = monitorGc()
    const monitor = monitorGc()
    collect()
    monitor[Symbol.dispose]()
    const frozen = figuresOf(monitor)
    collect()
    monitor[Symbol.dispose]()
    expect(figuresOf(monitor)).toEqual(frozen)
    expect(counting(other)).toBe(true)
    expect(other.stats()['mark-sweep-compact'].count).toBe(2)
  })

  it('G6: takes the hook away when it was the last one', () => {
    const first = monitorGc()
    const second = monitorGc()
    expect(counting(first)).toBe(true)
    first[Symbol.dispose]()
    expect(counting(first)).toBe(true)
    second[Symbol.dispose]()
    expect(counting(first)).toBe(false)
    const ofThread = first.threads().find(({ threadId }) => threadId === 0)!
    collect()
    const afterwards = first.threads().find(({ threadId }) => threadId === 0)!
    expect(afterwards.count).toBe(ofThread.count)
  })

  it('lets a later one start again', () => {
    monitorGc()[Symbol.dispose]()
    using monitor = monitorGc()
    expect(counting(monitor)).toBe(true)
    collect()
    expect(monitor.stats()['mark-sweep-compact'].count).toBe(1)
  })
})
