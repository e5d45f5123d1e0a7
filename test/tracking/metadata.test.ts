import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('metadata', () => {
  it('T13: tells id, class, creation, closing and whether it is active', () => {
    const Job = trackClass(
      class Job {
        close(): void {}
      },
    )
    const from = Date.now()
    const job = new Job()
    const open = tracker.metadata(job)!
    expect(open).toEqual({
      id: 1,
      className: 'Job',
      createdAt: expect.stringMatching(iso),
      closedAt: null,
      isActive: true,
      ageMs: expect.any(Number),
    })
    expect(Math.abs(Date.parse(open.createdAt) - from)).toBeLessThan(5000)
    expect(open.ageMs).toBeGreaterThanOrEqual(0)
    job.close()
    const closed = tracker.metadata(job)!
    expect(closed).toMatchObject({ id: 1, createdAt: open.createdAt, isActive: false })
    expect(closed.closedAt).toMatch(iso)
    expect(closed.closedAt! >= closed.createdAt).toBe(true)
  })

  it('is had of an instance of a plain class, too', () => {
    const Plain = trackClass(class Plain {})
    const held = makeAndKeep(3, () => new Plain())
    expect(held.map((one) => tracker.metadata(one)?.id)).toEqual([1, 2, 3])
    expect(tracker.metadata(held[2]!)).toMatchObject({ className: 'Plain', isActive: true })
  })

  it('T14: ids are strictly increasing and never used again', async () => {
    const Serial = trackClass(class Serial {})
    const ids: number[] = []
    for (let round = 0; round < 20; round++) {
      makeAndDrop(500, () => ids.push(tracker.metadata(new Serial())!.id))
      if (round % 5 === 0) await settle(() => tracker.stats(Serial).live === 0)
    }
    expect(ids).toHaveLength(10_000)
    expect(ids.every((id, i) => i === 0 || id > ids[i - 1]!)).toBe(true)
  })

  it('ages from creation on', async () => {
    const Aging = trackClass(class Aging {})
    const aging = new Aging()
    const first = tracker.metadata(aging)!
    const from = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 60))
    const elapsed = performance.now() - from
    const second = tracker.metadata(aging)!
    expect(second.ageMs - first.ageMs).toBeGreaterThanOrEqual(elapsed - 20)
    expect(second.createdAt).toBe(first.createdAt)
  })

  it('is null where sampling passed the instance over, unless the option asks for it', () => {
    const Sampled = trackClass(class Sampled {}, { handles: 8 })
    const Known = trackClass(class Known {}, { handles: 8, metadata: true })
    const sampled = makeAndKeep(500, () => new Sampled())
    const known = makeAndKeep(500, () => new Known())
    const told = sampled.filter((one) => tracker.metadata(one) !== null)
    expect(told.length).toBe(tracker.stats(Sampled).followed)
    expect(told.length).toBeLessThanOrEqual(8)
    expect(known.map((one) => tracker.metadata(one)?.id)).toEqual(known.map((_, i) => i + 1))
  })

  it('costs no property: an instance looks as one of the class that is not tracked', () => {
    const make = () =>
      class Bare {
        value = 1
        close(): void {}
      }
    const Untracked = make()
    const Tracked = trackClass(make(), { metadata: true, sites: 1 })
    const [plain, tracked] = [new Untracked(), new Tracked()]
    tracked.close()
    expect(Reflect.ownKeys(tracked)).toEqual(Reflect.ownKeys(plain))
    expect(Object.getOwnPropertySymbols(tracked)).toEqual([])
    expect(JSON.stringify(tracked)).toBe(JSON.stringify(plain))
    expect(Object.isExtensible(tracked)).toBe(true)
  })

  it('is had of instances that are frozen or without the prototype they had', () => {
    const Sealed = trackClass(
      class Sealed {
        constructor() {
          Object.freeze(this)
        }
      },
      { metadata: true },
    )
    const sealed = new Sealed()
    expect(tracker.metadata(sealed)?.id).toBe(1)
    const bare = new Sealed()
    expect(tracker.metadata(bare)?.id).toBe(2)
  })
})

describe('liveInstances', () => {
  it('gives the live ones, of the class and not of its subclasses', () => {
    const Base = trackClass(class Base {})
    class Derived extends Base {}
    const held = [new Base(), new Derived(), new Base()]
    expect(tracker.liveInstances(Base)).toEqual([held[0], held[2]])
    expect(tracker.liveInstances(Derived)).toEqual([held[1]])
    expect(tracker.liveInstances<object>('Derived')[0]).toBe(held[1])
  })

  it('T15: does not keep them once its result is dropped', async () => {
    const Watched = trackClass(class Watched {})
    makeAndDrop(1, () => {
      const held = makeAndKeep(10, () => new Watched())
      for (let i = 0; i < 3; i++) expect(tracker.liveInstances(Watched)).toEqual(held)
    })
    await settle(() => tracker.stats(Watched).live === 0)
    expect(tracker.stats(Watched)).toMatchObject({ live: 0, collected: 10 })
    expect(tracker.liveInstances(Watched)).toEqual([])
  })

  it('holds them for as long as its result is held', async () => {
    const Pinned = trackClass(class Pinned {})
    const results: object[][] = []
    makeAndDrop(1, () => {
      makeAndKeep(4, () => new Pinned())
      results.push(tracker.liveInstances(Pinned))
    })
    await settle()
    expect(tracker.stats(Pinned).live).toBe(4)
    expect(results[0]).toHaveLength(4)
  })
})

describe('the keep option', () => {
  it('T31: has instances survive; without it they die', async () => {
    const Kept = trackClass(class Kept {}, { keep: true })
    const Free = trackClass(class Free {})
    makeAndDrop(3, () => [new Kept(), new Free()])
    await settle(() => tracker.stats(Free).live === 0)
    expect(tracker.stats(Kept)).toMatchObject({ live: 3, collected: 0 })
    expect(tracker.stats(Free)).toMatchObject({ live: 0, collected: 3 })
    expect(tracker.liveInstances(Kept)).toHaveLength(3)
  })

  it('lets go of them when it is turned off', async () => {
    const Released = trackClass(class Released {}, { keep: true })
    makeAndDrop(3, () => new Released())
    await settle()
    expect(tracker.stats(Released).live).toBe(3)
    trackClass(Released, { keep: false })
    await settle(() => tracker.stats(Released).live === 0)
    expect(tracker.stats(Released)).toMatchObject({ live: 0, collected: 3 })
  })
})
