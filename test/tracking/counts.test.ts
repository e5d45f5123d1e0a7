import { collect, monitorGc, trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

describe('a tracked class is counted', () => {
  it('T1: counts two constructions, both alive', () => {
    const Order = trackClass(class Order {})
    const held = makeAndKeep(2, () => new Order())
    expect(tracker.stats(Order)).toMatchObject({
      className: 'Order',
      created: 2,
      live: 2,
      active: 2,
      liveStdError: 0,
      collected: 0,
      failed: 0,
      closed: 0,
      followed: 2,
      sampleProbability: 1,
      tracking: true,
      baseName: null,
    })
    keepAlive(held)
  })

  it('starts with nothing, and does not count what was made before', () => {
    class Late {}
    const early = new Late()
    trackClass(Late)
    expect(tracker.stats(Late)).toMatchObject({ created: 0, live: 0, collected: 0 })
    expect(tracker.metadata(early)).toBeNull()
  })

  it('T9: sees two temporaries made and dropped in a function die', async () => {
    const Temporary = trackClass(class Temporary {})
    makeAndDrop(2, () => new Temporary())
    await settle(() => tracker.stats(Temporary).live === 0)
    expect(tracker.stats(Temporary)).toMatchObject({ created: 2, collected: 2, live: 0, active: 0 })
  })

  it('tells those that died from those that are held', async () => {
    const Part = trackClass(class Part {})
    const held = makeAndKeep(30, () => new Part())
    makeAndDrop(70, () => new Part())
    await settle(() => tracker.stats(Part).live === 30)
    expect(tracker.stats(Part)).toMatchObject({ created: 100, live: 30, collected: 70 })
    keepAlive(held)
  })

  it('reading the statistics is no collection: what is dead but uncollected is live', () => {
    const Waiting = trackClass(class Waiting {})
    using monitor = monitorGc()
    const forced = () => monitor.events().filter((event) => event.forced).length
    makeAndDrop(3, () => new Waiting())
    for (let i = 0; i < 100; i++) tracker.stats(Waiting)
    expect(forced()).toBe(0)
    collect()
    expect(forced()).toBeGreaterThan(0)
  })

  it('sees every death in cycles of creation and collection, small and large', async () => {
    const Cycled = trackClass(class Cycled {})
    let made = 0
    for (const count of [1, 10, 1000, 20_000, 5]) {
      makeAndDrop(count, () => new Cycled())
      made += count
      await settle(() => tracker.stats(Cycled).live === 0)
      expect(tracker.stats(Cycled)).toMatchObject({ created: made, live: 0, collected: made })
    }
  })

  it('sees objects die that refer to each other in a cycle', async () => {
    const Node = trackClass(
      class Node {
        other: unknown
      },
    )
    makeAndDrop(5, () => {
      const [one, other] = [new Node(), new Node()]
      one.other = other
      other.other = one
    })
    await settle(() => tracker.stats(Node).live === 0)
    expect(tracker.stats(Node)).toMatchObject({ created: 10, collected: 10, live: 0 })
  })

  it('T51: a million constructions are all counted, with bounded memory for those followed', () => {
    const Million = trackClass(
      class Million {
        constructor(readonly value: number) {}
      },
    )
    const held = makeAndKeep(1_000_000, (i) => new Million(i))
    const { created, live, liveStdError, followed } = tracker.stats(Million)
    expect(created).toBe(1_000_000)
    expect(followed).toBeLessThanOrEqual(65_536)
    expect(liveStdError).toBeGreaterThan(0)
    expect(Math.abs(live - 1_000_000)).toBeLessThan(6 * liveStdError)
    keepAlive(held)
  })
})

describe('a constructor', () => {
  it('T22: that throws is failed, not created', async () => {
    const Failing = trackClass(
      class Failing {
        constructor(fail: boolean) {
          if (fail) throw new RangeError('no room')
        }
      },
    )
    makeAndDrop(3, () => expect(() => new Failing(true)).toThrow(new RangeError('no room')))
    const held = new Failing(false)
    await settle()
    expect(tracker.stats(Failing)).toMatchObject({ created: 1, failed: 3, live: 1, collected: 0 })
    keepAlive(held)
  })

  it('hands over its arguments, and the very error it throws', () => {
    const error = new Error('mine')
    const Given = trackClass(
      class Given {
        readonly args: unknown[]
        constructor(...args: unknown[]) {
          if (args[0] === error) throw error
          this.args = args
        }
      },
    )
    const given = Symbol('given')
    expect(new Given(1, given, undefined).args).toEqual([1, given, undefined])
    expect(() => new Given(error)).toThrow(error)
  })

  it('T25: that returns another object has that one tracked, once', () => {
    const shared: object[] = []
    const Pooled = trackClass(
      class Pooled {
        constructor(index: number) {
          return (shared[index] ??= Object.create(Pooled.prototype) as object)
        }
      },
    )
    expect(new Pooled(0)).toBe(new Pooled(0))
    expect(new Pooled(1)).not.toBe(new Pooled(0))
    expect(tracker.stats(Pooled)).toMatchObject({ created: 2, live: 2 })
    expect(tracker.liveInstances(Pooled)).toEqual(shared)
    keepAlive(shared)
  })

  it('T25: that returns another object is seen to, though a pattern in it looks like a comment', () => {
    const cache = new Map<string, object>()
    const Cached = trackClass(
      class Cached {
        constructor(url: string) {
          if (/^https?:\/\//.test(url) && cache.has(url)) return cache.get(url) as Cached
          cache.set(url, this)
        }
      },
    )
    for (let i = 0; i < 3; i++) new Cached('http://a')
    expect(tracker.stats(Cached)).toMatchObject({ created: 1, live: 1 })
    keepAlive(cache)
  })

  it('that makes another of the class, by whatever name, is counted once for each', () => {
    const held: object[] = []
    const Outer: new (depth: number) => object = trackClass(
      class Inner {
        readonly child: object | null
        constructor(depth: number) {
          this.child = depth > 0 ? new Outer(depth - 1) : null
        }
      },
    )
    held.push(new Outer(3))
    expect(tracker.stats(Outer)).toMatchObject({ created: 4, live: 4 })
    expect(new Set(tracker.liveInstances(Outer)).size).toBe(4)
    keepAlive(held)
  })

  it('that fails deep inside another of the class counts each failure', () => {
    const Nested: new (depth: number) => object = trackClass(
      class Nested {
        constructor(depth: number) {
          if (depth === 0) throw new Error('bottom')
          new Outer(depth - 1)
        }
      },
    )
    const Outer = Nested
    expect(() => new Nested(2)).toThrow('bottom')
    expect(tracker.stats(Nested)).toMatchObject({ created: 0, failed: 3, live: 0 })
  })
})
