import { collect, monitorGc } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { nextEventIndex, readEvents, toPerformanceClock } from '../../dist/gc/events.js'
import { native } from '../../dist/native.js'
import { runProgram } from '../support/fixture.js'
import { allocateFor, makeBufferGarbage } from '../support/garbage.js'
import { beginUnmarked } from '../support/unmarked.js'

beginUnmarked()

describe('the events of a monitor', () => {
  it('come in the order in which they ended, on the clock of performance.now()', () => {
    const before = performance.now()
    using monitor = monitorGc()
    allocateFor(200)
    const events = monitor.events()
    const after = performance.now()
    const ends = events.map(({ startMs, durationMs }) => startMs + durationMs)
    expect(events.length).toBeGreaterThan(0)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    expect(events[0]!.startMs).toBeGreaterThan(before - 1)
    expect(ends.at(-1)).toBeLessThan(after + 1)
  })

  it('tell what was in use before and after, and of that the young generation', () => {
    using monitor = monitorGc()
    allocateFor(200)
    collect('minor')
    collect()
    for (const event of monitor.events()) {
      expect(event.durationMs).toBeGreaterThanOrEqual(0)
      expect(event.youngBefore).toBeGreaterThanOrEqual(0)
      expect(event.youngBefore).toBeLessThanOrEqual(event.usedBefore)
      expect(event.youngAfter).toBeLessThanOrEqual(event.usedAfter)
    }
    const major = monitor.events().at(-1)!
    expect(major.youngAfter).toBeLessThan(major.usedAfter / 2)
  })

  it('tell a collection that was asked for from one of V8’s own', () => {
    using monitor = monitorGc()
    allocateFor(300)
    const own = monitor.events()
    collect('major') // first: in the middle of V8's marking, a minor collection may become a full one
    collect('minor')
    const asked = monitor.events().slice(own.length)
    expect(own.filter(({ kind }) => kind === 'scavenge').length).toBeGreaterThan(0)
    expect(own.map(({ forced }) => forced)).not.toContain(true)
    expect(asked.filter(({ forced }) => forced).map(({ kind }) => kind)).toEqual([
      'mark-sweep-compact',
      'scavenge',
    ])
  })

  it('do not call those forced that V8 runs because buffers grow', () => {
    using monitor = monitorGc()
    for (let i = 0; i < 10; i++) makeBufferGarbage(128 * 2 ** 20)
    const events = monitor.events()
    expect(events.length).toBeGreaterThan(0)
    expect(events.filter(({ forced }) => forced)).toHaveLength(0)
  })

  it('call gc() of --expose-gc forced', async () => {
    const program = `
      const monitor = require('heapscope').monitorGc()
      gc()
      const forced = monitor.events().filter((event) => event.forced)
      console.log(forced.length, forced[0].kind)`
    const { stdout } = await runProgram(program, ['--expose-gc'])
    expect(stdout.trim()).toBe('1 mark-sweep-compact')
  })

  it('are those since the monitor started, not of one before it', () => {
    using first = monitorGc()
    collect()
    using second = monitorGc()
    collect('minor')
    expect(first.events().filter(({ forced }) => forced)).toHaveLength(2)
    expect(second.events().filter(({ forced }) => forced)).toHaveLength(1)
  })
})

describe('the record of events', () => {
  it('gives what follows an index, and nothing beyond its end', () => {
    using _ = monitorGc()
    const from = nextEventIndex()
    collect()
    const { first, events } = readEvents(from)
    expect(first).toBe(from)
    expect(events.length).toBe(nextEventIndex() - from)
    expect(readEvents(nextEventIndex())).toEqual({ first: nextEventIndex(), events: [] })
  })

  it('keeps the clock of the addon on that of performance.now()', () => {
    const before = performance.now()
    const now = toPerformanceClock(native.nowNs())
    const after = performance.now()
    expect(now).toBeGreaterThan(before - 0.5)
    expect(now).toBeLessThan(after + 0.5)
  })
})
