import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect, trackClass, tracker, type UnclosedEvent } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop } from '../support/instances.js'
import { settle } from '../support/settle.js'

/** The listener's events of one class, and what ends it. */
function listen(className: string, then: (event: UnclosedEvent) => void = () => {}) {
  const events: UnclosedEvent[] = []
  const listening = tracker.onUnclosed((event) => {
    if (event.className !== className) return
    events.push(event)
    then(event)
  })
  return { events, [Symbol.dispose]: () => listening[Symbol.dispose]() }
}

function closable(name: string, options = {}): new () => { close(): void } {
  return trackClass(
    class {
      close(): void {}
    },
    { name, ...options },
  )
}

describe('an instance that is collected though never closed', () => {
  it('T10: is counted and told of once, with id, class, creation time and site', async () => {
    const Leaked = closable('Leaked', { sites: 1 })
    using heard = listen('Leaked')
    const from = Date.now()
    makeAndDrop(1, function leakyCaller() {
      new Leaked()
    })
    await settle(() => heard.events.length > 0)
    await settle()
    expect(heard.events).toHaveLength(1)
    const [event] = heard.events
    expect(event).toMatchObject({ id: 1, className: 'Leaked' })
    expect(event!.site).toMatch(/^leakyCaller \(.*unclosed\.test\.ts:\d+:\d+\)/)
    for (const time of [event!.createdAt, event!.collectedAt]) {
      expect(new Date(time).toISOString()).toBe(time)
    }
    const [created, collected] = [Date.parse(event!.createdAt), Date.parse(event!.collectedAt)]
    expect(created).toBeGreaterThan(from - 1000)
    expect(collected).toBeGreaterThanOrEqual(created)
    expect(event!.ageMs).toBe(collected - created)
    expect(tracker.stats(Leaked)).toMatchObject({ collected: 1, collectedUnclosed: 1, closed: 0 })
  })

  it('is told of without a site where none are kept', async () => {
    const Siteless = closable('Siteless')
    using heard = listen('Siteless')
    makeAndDrop(2, () => new Siteless())
    await settle(() => heard.events.length === 2)
    expect(heard.events.map(({ id }) => id).sort()).toEqual([1, 2])
    expect(heard.events[0]).not.toHaveProperty('site')
  })

  it('is told of from the event loop, not while its death is found', async () => {
    const Later = closable('Later')
    using heard = listen('Later')
    makeAndDrop(1, () => new Later())
    let toldWhenFound: number | undefined
    for (let round = 0; round < 10 && toldWhenFound === undefined; round++) {
      collect()
      if (tracker.stats(Later).live === 0) toldWhenFound = heard.events.length
      await nextTurn()
    }
    expect(toldWhenFound).toBe(0)
    await settle(() => heard.events.length > 0)
    expect(heard.events).toHaveLength(1)
  })

  it('is not told of when closed, alive, or without a close', async () => {
    const Closed = closable('Closed')
    const Open = closable('Open')
    const Plain = trackClass(class Plain {})
    const Exempt = closable('Exempt', { close: false })
    using heard = listen('Closed')
    using heardOpen = listen('Open')
    using heardPlain = listen('Plain')
    using heardExempt = listen('Exempt')
    const held = new Open()
    makeAndDrop(5, () => new Closed().close())
    makeAndDrop(5, () => tracker.close(new Closed()))
    makeAndDrop(5, () => [new Plain(), new Exempt()])
    await settle(() => tracker.stats(Closed).live + tracker.stats(Plain).live === 0)
    await settle()
    expect(tracker.stats(Closed)).toMatchObject({ collected: 10, collectedUnclosed: 0, closed: 10 })
    const all = [heard, heardOpen, heardPlain, heardExempt].flatMap(({ events }) => events)
    expect(all).toEqual([])
    keepAlive(held)
  })

  it('is told of under its own class when that is a subclass', async () => {
    const Base = closable('Unclosed base')
    class UnclosedLeaf extends Base {}
    using heard = listen('UnclosedLeaf')
    makeAndDrop(1, () => new UnclosedLeaf())
    await settle(() => heard.events.length > 0)
    expect(heard.events).toHaveLength(1)
  })

  it('is told of in the order of no promise, but each exactly once', async () => {
    const Many = closable('Many')
    using heard = listen('Many')
    makeAndDrop(2000, () => new Many())
    await settle(() => heard.events.length === 2000)
    expect(new Set(heard.events.map(({ id }) => id)).size).toBe(2000)
    expect(tracker.stats(Many).collectedUnclosed).toBe(2000)
  })

  it('beyond what is kept between two turns is counted as dropped, not lost silently', async () => {
    const Flood = closable('Flood')
    using heard = listen('Flood')
    await settle()
    const before = tracker.globalStats().unclosedDropped
    makeAndDrop(10_000, () => new Flood())
    await settle(() => tracker.stats(Flood).live === 0)
    await settle()
    const dropped = tracker.globalStats().unclosedDropped - before
    expect(heard.events.length + dropped).toBe(10_000)
    expect(heard.events.length).toBeGreaterThan(0)
    expect(tracker.stats(Flood)).toMatchObject({ collectedUnclosed: 10_000 })
  })
})

describe('a listener of onUnclosed', () => {
  it('that throws is reported as a process warning; the others are called', async () => {
    const Thrown = closable('Thrown')
    const warnings: (Error & { code?: string; detail?: string })[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    using first = listen('Thrown', () => {
      throw new Error('from the listener')
    })
    using second = listen('Thrown')
    makeAndDrop(2, () => new Thrown())
    await settle(() => second.events.length === 2)
    await settle(() => warnings.length === 2)
    process.off('warning', onWarning)
    expect([first.events.length, second.events.length]).toEqual([2, 2])
    expect(warnings[0]).toMatchObject({
      name: 'HeapscopeWarning',
      code: 'HEAPSCOPE_LISTENER_THREW',
    })
    expect(warnings[0]!.message).toContain('onUnclosed')
    expect(warnings[0]!.detail).toContain('from the listener')
  })

  it('is not called any more once disposed, which may be done twice', async () => {
    const Disposed = closable('Disposed')
    const first = listen('Disposed')
    using second = listen('Disposed')
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    makeAndDrop(1, () => new Disposed())
    await settle(() => second.events.length > 0)
    expect(first.events).toEqual([])
  })

  it('may dispose itself and others during delivery', async () => {
    const During = closable('During')
    const second = listen('During', () => third[Symbol.dispose]())
    const first = listen('During', () => first[Symbol.dispose]())
    const third = listen('During')
    makeAndDrop(3, () => new During())
    await settle(() => second.events.length === 3)
    second[Symbol.dispose]()
    expect([first.events.length, second.events.length, third.events.length]).toEqual([1, 3, 0])
  })

  it('may make and drop further instances, which are told of later', async () => {
    const Chain = closable('Chain')
    using heard = listen('Chain', ({ id }) => {
      if (id < 3) makeAndDrop(1, () => new Chain())
    })
    makeAndDrop(1, () => new Chain())
    await settle(() => heard.events.length === 3)
    expect(heard.events.map(({ id }) => id)).toEqual([1, 2, 3])
  })
})
