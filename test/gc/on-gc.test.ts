import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect, monitorGc, type GcEvent } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { beginUnmarked } from '../support/unmarked.js'
import { until } from '../support/until.js'
import { Warnings } from '../support/warnings.js'

beginUnmarked()

const recordSize = 4096

/** Keeps the collections that were asked for: V8's own may come at any time. */
class Heard {
  readonly batches: (readonly GcEvent[])[] = []
  readonly listener = (batch: readonly GcEvent[]) => {
    const forced = batch.filter((event) => event.forced)
    if (forced.length > 0) this.batches.push(forced)
  }
  get count(): number {
    return this.batches.flat().length
  }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await nextTurn()
}

describe('a listener of onGc', () => {
  it('G1: hears of a major collection once, after the pause, from the loop', async () => {
    using monitor = monitorGc()
    const heard = new Heard()
    monitor.onGc(heard.listener)
    collect('major')
    expect(heard.count).toBe(0)
    await until(() => heard.count > 0)
    await turns(3)
    expect(heard.batches).toHaveLength(1)
    expect(heard.batches[0]).toHaveLength(1)
    expect(heard.batches[0]![0]).toMatchObject({ kind: 'mark-sweep-compact', forced: true })
  })

  it('hears of what happened in one turn as one batch, as the events tell it', async () => {
    using monitor = monitorGc()
    const batches: (readonly GcEvent[])[] = []
    monitor.onGc((batch) => batches.push(batch))
    for (let i = 0; i < 10; i++) collect('minor')
    const events = monitor.events()
    await until(() => batches.length > 0)
    expect(batches[0]!.slice(0, events.length)).toEqual(events)
  })

  it('hears of nothing that came before it was added', async () => {
    using monitor = monitorGc()
    const heard = new Heard()
    collect()
    await turns(2)
    monitor.onGc(heard.listener)
    collect('minor')
    await until(() => heard.count > 0)
    expect(heard.batches.flat().map(({ kind }) => kind)).toEqual(['scavenge'])
  })

  it('G7: hears of 10,000 collections of a blocked loop at once, the oldest dropped', async () => {
    using monitor = monitorGc()
    const totalOf = () => monitor.histogram().count
    const calls: { length: number; dropped: number; total: number }[] = []
    monitor.onGc((batch, { dropped }) =>
      calls.push({ length: batch.length, dropped, total: totalOf() }),
    )
    for (let i = 0; i < 10_000; i++) collect('minor')
    const total = totalOf()
    expect(calls).toHaveLength(0)
    expect(monitor.stats().scavenge.count).toBe(10_000)
    expect(total).toBeGreaterThanOrEqual(10_000)
    await until(() => calls.length > 0)
    const [first] = calls
    expect(first!.length).toBe(recordSize)
    // V8 may have collected by itself between the end of the loop and the call.
    expect(first!.dropped + recordSize).toBeGreaterThanOrEqual(total)
    expect(first!.dropped + recordSize).toBeLessThanOrEqual(first!.total)
    expect(monitor.events()).toHaveLength(recordSize)
  })

  it('drops nothing as long as the record can hold it', async () => {
    using monitor = monitorGc()
    const calls: { length: number; dropped: number }[] = []
    monitor.onGc((batch, { dropped }) => calls.push({ length: batch.length, dropped }))
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 2000; i++) collect('minor')
      const heard = calls.length
      await until(() => calls.length > heard)
    }
    expect(calls.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(0)
    expect(calls.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThanOrEqual(6000)
  })
})

describe('a listener of onGc that fails', () => {
  it.each([
    ['an error', new Error('broken listener'), 'broken listener'],
    ['a string', 'just text', 'just text'],
    ['an object without a string form', Object.create(null), 'an object'],
  ])('G5: by throwing %s is warned of, and the others are called', async (_, thrown, text) => {
    using monitor = monitorGc()
    using warnings = new Warnings()
    const heard = new Heard()
    monitor.onGc(() => {
      throw thrown
    })
    monitor.onGc(heard.listener)
    collect()
    await until(() => heard.count > 0 && warnings.list.length > 0)
    expect(warnings.list[0]).toMatchObject({
      name: 'HeapscopeWarning',
      code: 'HEAPSCOPE_LISTENER_THREW',
      message: 'a listener of onGc threw',
    })
    expect(warnings.list[0]!.detail).toContain(text)
    collect()
    await until(() => heard.count === 2)
  })

  it('G5: by being slow holds up no collection: those meanwhile come in a later batch', async () => {
    using monitor = monitorGc()
    const heard = new Heard()
    let depth = 0
    let deepest = 0
    let collectedInside = 0
    monitor.onGc((batch) => {
      deepest = Math.max(deepest, ++depth)
      heard.listener(batch)
      if (collectedInside < 3) {
        collect('minor')
        collectedInside++
      }
      depth--
    })
    collect('major')
    await until(() => heard.count === 4)
    expect(deepest).toBe(1)
    expect(heard.batches).toHaveLength(4)
    expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(4)
  })

  it.each([[undefined], ['listener'], [{}]])('is refused if it is %j', (listener: any) => {
    using monitor = monitorGc()
    expect(() => monitor.onGc(listener)).toThrow(TypeError)
    expect(() => monitor.onGc(listener)).toThrow(/must be a function/)
  })
})
