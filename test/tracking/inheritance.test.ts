import { trackClass, tracker, untrackClass } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

const own = (cls: any) => tracker.stats(cls).created
const inclusive = (cls: any) => tracker.stats(cls).inclusive.created

describe('a subclass of a tracked class', () => {
  it('T19: is counted under itself, once, and rolled up to its base separately', () => {
    const Base = trackClass(class Base {})
    class Derived extends Base {
      readonly field: number
      constructor() {
        super()
        this.field = 1
      }
    }
    const held = new Derived()
    expect(tracker.stats(Derived)).toMatchObject({
      className: 'Derived',
      baseName: 'Base',
      created: 1,
      live: 1,
    })
    expect(tracker.stats(Base)).toMatchObject({
      created: 0,
      live: 0,
      inclusive: { created: 1, live: 1, liveStdError: 0, collected: 0 },
    })
    keepAlive(held)
  })

  it('T21: without a constructor of its own is counted once', () => {
    const Base = trackClass(class Base {})
    class Empty extends Base {}
    const held = makeAndKeep(3, () => new Empty())
    expect([own(Empty), own(Base)]).toEqual([3, 0])
    keepAlive(held)
  })

  it('T19: is counted once though it and its base are tracked both', () => {
    const Base = trackClass(class Base {})
    const Derived = trackClass(class Derived extends Base {})
    const held = [new Derived(), new Base()]
    expect([own(Derived), own(Base), inclusive(Base)]).toEqual([1, 1, 2])
    expect(new Derived()).toBeInstanceOf(Base)
    keepAlive(held)
  })

  it('is counted once at every depth, whichever levels are tracked', () => {
    const Root = trackClass(class Root {})
    class Middle extends Root {}
    const Lower = trackClass(class Lower extends Middle {})
    class Leaf extends Lower {}
    const held = [new Root(), new Middle(), new Lower(), new Leaf(), new Leaf()]
    expect([Root, Middle, Lower, Leaf].map(own)).toEqual([1, 1, 1, 2])
    expect([Root, Middle, Lower, Leaf].map(inclusive)).toEqual([5, 4, 3, 2])
    expect(tracker.stats(Lower).baseName).toBe('Middle')
    keepAlive(held)
  })

  it('is rolled up to its base in whatever order they are tracked or found', () => {
    class Root {}
    class Middle extends Root {}
    const Leaf = trackClass(class Leaf extends Middle {})
    const held: object[] = [new Leaf()]
    const TrackedRoot = trackClass(Root)
    const TrackedMiddle = trackClass(Middle)
    held.push(new TrackedMiddle(), new TrackedRoot(), new Leaf())
    expect([Leaf, Middle, Root].map(own)).toEqual([2, 1, 1])
    expect([Leaf, Middle, Root].map(inclusive)).toEqual([2, 3, 4])
    const bases = [Leaf, Middle, Root].map((cls) => tracker.stats(cls).baseName)
    expect(bases).toEqual(['Middle', 'Root', null])
    keepAlive(held)
  })

  it('that was tracked after its instances were made is still one row', () => {
    const Base = trackClass(class Base {})
    class Found extends Base {}
    const held: object[] = [new Found()]
    const Asked = trackClass(Found)
    held.push(new Asked(), new Found())
    expect(tracker.stats(Asked)).toMatchObject({ created: 3, live: 3 })
    expect(tracker.stats(Found)).toEqual({ ...tracker.stats(Asked), oldestMs: expect.any(Number) })
    keepAlive(held)
  })

  it('has its own deaths, which roll up too', async () => {
    const Base = trackClass(class Base {})
    class Derived extends Base {}
    const held = new Derived()
    makeAndDrop(4, () => new Derived())
    makeAndDrop(2, () => new Base())
    await settle(() => tracker.stats(Base).inclusive.live === 1)
    expect(tracker.stats(Derived)).toMatchObject({ created: 5, live: 1, collected: 4 })
    expect(tracker.stats(Base).inclusive).toMatchObject({ created: 7, live: 1, collected: 6 })
    keepAlive(held)
  })

  it('keeps its private members, statics and super calls', () => {
    const Base = trackClass(
      class Base {
        #base = 'base'
        describe(): string {
          return this.#base
        }
      },
    )
    class Derived extends Base {
      #derived = 'derived'
      override describe(): string {
        return `${super.describe()} ${this.#derived}`
      }
    }
    expect(new Derived().describe()).toBe('base derived')
    expect(new Derived()).toBeInstanceOf(Base)
    expect(Object.getPrototypeOf(Derived)).toBe(Base)
    expect(new Derived().constructor).toBe(Derived)
  })

  it('T22: whose constructor throws, tracked itself, is failed once and never created', () => {
    const Base = trackClass(class Base {})
    const Leaf = trackClass(
      class Leaf extends Base {
        constructor() {
          super()
          throw new Error('after super')
        }
      },
    )
    expect(() => new Leaf()).toThrow('after super')
    expect(tracker.stats(Leaf)).toMatchObject({ created: 0, failed: 1, live: 0, collected: 0 })
    expect(tracker.stats(Base)).toMatchObject({ created: 0, failed: 0, inclusive: { created: 0 } })
    expect([new Base(), own(Base)][1]).toBe(1)
  })

  it('T23: not tracked itself, that throws after super, counts and is collected', async () => {
    const Base = trackClass(class Base {})
    class Leaf extends Base {
      constructor() {
        super()
        throw new Error('after super')
      }
    }
    makeAndDrop(2, () => expect(() => new Leaf()).toThrow('after super'))
    await settle(() => tracker.stats(Leaf).live === 0)
    expect(tracker.stats(Leaf)).toMatchObject({ created: 2, failed: 0, collected: 2, live: 0 })
  })

  it('that makes others of its class on the way to super has each counted once', () => {
    const Base = trackClass(class Base {})
    const held: object[] = []
    const Chain: new (length: number) => object = trackClass(
      class Link extends Base {
        constructor(length: number) {
          if (length > 0) held.push(new Chain(length - 1))
          super()
          if (length > 0) held.push(new Chain(0))
        }
      },
    )
    held.push(new Chain(3))
    expect([own(Chain), own(Base)]).toEqual([7, 0])
    expect(new Set(tracker.liveInstances(Chain))).toEqual(new Set(held))
  })

  it('can be untracked by itself, while its base is tracked on', () => {
    const Base = trackClass(class Base {})
    const Derived = trackClass(class Derived extends Base {})
    untrackClass(Derived)
    const held = [new Derived(), new Base()]
    expect([own(Derived), own(Base), inclusive(Base)]).toEqual([0, 1, 1])
    keepAlive(held)
  })

  it('that counts for its base, being one of too many, can be tracked by itself', () => {
    const Base = trackClass(class Base {})
    const derived = Array.from({ length: 257 }, () => class Many extends Base {})
    const held = derived.map((Many) => new Many())
    const Last = derived.at(-1)!
    expect(tracker.stats(Last).className).toBe('Base')
    const Tracked = trackClass(Last, { name: 'Last' })
    const one = new Tracked()
    expect(one).toBeInstanceOf(Last)
    expect(tracker.stats(Tracked)).toMatchObject({ className: 'Last', created: 1 })
    keepAlive(held, one)
  })

  it('by a proxy is not one: the proxy is the class, also when it is tracked itself', () => {
    const Target = trackClass(class Target {})
    const Proxied = new Proxy(Target, {})
    const held = [new Proxied()]
    expect(trackClass(Proxied)).toBe(Target)
    held.push(new Proxied())
    expect(tracker.stats('Target')).toMatchObject({ created: 2, live: 2 })
    keepAlive(held)
  })
})
