import { inherits } from 'node:util'
import { trackClass, tracker, trackObject, untrackClass } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'

const own = (cls: any) => tracker.stats(cls).created
const inclusive = (cls: any) => tracker.stats(cls).inclusive.created

describe('ES5 constructor functions', () => {
  it('are tracked, with and without new', () => {
    const Old: any = trackClass(function Es5(this: any, value: number) {
      if (!(this instanceof Old)) return new Old(value)
      this.value = value
    } as any)
    const held = [new Old(1), Old(2)]
    expect(held.map((one) => one.value)).toEqual([1, 2])
    expect(tracker.stats(Old)).toMatchObject({ className: 'Es5', created: 2, live: 2 })
    expect(new Set(tracker.liveInstances(Old))).toEqual(new Set(held))
  })

  it('that make an instance by themselves when called without new are counted once', () => {
    function Raw(this: any): any {
      if (!(this instanceof Raw)) return new (Raw as any)()
    }
    const Tracked: any = trackClass(Raw as any)
    const held = [Tracked(), Tracked()]
    expect(tracker.stats(Tracked)).toMatchObject({ created: 2, live: 2 })
    keepAlive(held)
  })

  it('derived with util.inherits are counted under themselves, once', () => {
    const Emitter: any = trackClass(function Emitter(this: any) {
      this.ready = true
    } as any)
    function Stream(this: any): void {
      Emitter.call(this)
    }
    inherits(Stream, Emitter)
    const held = new (Stream as any)()
    expect(held).toMatchObject({ ready: true })
    expect(held).toBeInstanceOf(Emitter)
    expect([own(Stream), own(Emitter), inclusive(Emitter)]).toEqual([1, 0, 1])
    keepAlive(held)
  })

  it('derived with util.inherits, and tracked both, are counted once', () => {
    const Emitter: any = trackClass(function Emitter2() {} as any)
    function Raw(this: any): void {
      Emitter.call(this)
    }
    inherits(Raw, Emitter)
    const Stream: any = trackClass(Raw as any)
    const held = new Stream()
    expect([own(Stream), own(Emitter), inclusive(Emitter)]).toEqual([1, 0, 1])
    expect(tracker.stats(Stream)).toMatchObject({ live: 1, followed: 1, baseName: 'Emitter2' })
    keepAlive(held)
  })

  it('derived with util.inherits can be untracked while their base is tracked on', () => {
    const Emitter: any = trackClass(function Emitter3() {} as any)
    function Raw(this: any): void {
      Emitter.call(this)
    }
    inherits(Raw, Emitter)
    const held: object[] = [new (Raw as any)()]
    untrackClass(Raw as any)
    held.push(new (Raw as any)(), new Emitter())
    expect([own(Raw), own(Emitter)]).toEqual([1, 1])
    keepAlive(held)
  })

  it('can be extended by classes', () => {
    const Old: any = trackClass(function OldBase(this: any) {
      this.old = true
    } as any)
    class New extends Old {}
    const held = new New()
    expect(held).toMatchObject({ old: true })
    expect([own(New), own(Old)]).toEqual([1, 0])
    keepAlive(held)
  })

  it('whose prototype was assigned, without a constructor, know their instances', () => {
    function Assigned() {}
    Assigned.prototype = { method() {} }
    const Tracked: any = trackClass(Assigned as any)
    const held = new Tracked()
    expect(tracker.metadata(held)).toMatchObject({ id: 1, className: 'Assigned' })
    trackObject(held)
    expect(own(Tracked)).toBe(1)
  })

  it('derived by a prototype without a constructor count for their base, or for themselves', () => {
    const Base: any = trackClass(function AssignedBase() {} as any)
    const derive = (): any => {
      function Heir(this: any): void {
        Base.call(this)
      }
      Heir.prototype = Object.create(Base.prototype as object) as object
      return Heir
    }
    const [Unknown, Heir] = [derive(), derive()]
    const Known = trackClass(Heir)
    const held = [new Unknown(), new Known()]
    expect([own(Base), own(Known), inclusive(Base)]).toEqual([1, 1, 2])
    keepAlive(held)
  })

  it('that throw in a derived constructor have failed, once', () => {
    const Base: any = trackClass(function ThrowingBase() {
      throw new Error('from the base')
    } as any)
    const derive = (): any => {
      function Heir(this: any): void {
        Base.call(this)
      }
      inherits(Heir, Base)
      return Heir
    }
    const Found = derive()
    const Asked = trackClass(derive())
    for (const Heir of [Found, Asked]) {
      expect(() => new Heir()).toThrow('from the base')
      expect(tracker.stats(Heir)).toMatchObject({ created: 0, failed: 1 })
    }
    expect(tracker.stats(Base)).toMatchObject({ created: 0, failed: 0 })
  })

  it('in a row of three count once, for the nearest that is known, and fail once', () => {
    const make = (base: any, throws = false): any => {
      function Level(this: any, fails?: boolean): void {
        base?.call(this, fails)
        if (throws && fails) throw new Error('from above')
      }
      if (base) inherits(Level, base)
      return Level
    }
    const Top: any = trackClass(make(null, true))
    const Middle: any = trackClass(make(Top))
    const Leaf = make(Middle)
    const held = [new Leaf()]
    expect(() => new Leaf(true)).toThrow('from above')
    expect(tracker.stats(Leaf)).toMatchObject({ created: 1, failed: 1 })
    function Nameless(this: any): void {
      Middle.call(this)
    }
    Nameless.prototype = Object.create(Middle.prototype as object) as object
    held.push(new (Nameless as any)())
    expect([own(Leaf), own(Middle), own(Top), inclusive(Top)]).toEqual([1, 1, 0, 2])
    expect([Middle, Top].map((cls) => tracker.stats(cls).failed)).toEqual([0, 0])
    keepAlive(held)
  })

  it('whose base makes another of the same class have both counted', () => {
    const held: any[] = []
    const Base: any = trackClass(function Maker(this: any, more: boolean) {
      if (more) held.push(new (Heir as any)(false))
    } as any)
    function Heir(this: any, more: boolean): void {
      Base.call(this, more)
    }
    inherits(Heir, Base)
    const Tracked: any = trackClass(Heir as any)
    held.push(new Tracked(true))
    expect([own(Tracked), own(Base)]).toEqual([2, 0])
    keepAlive(held)
  })
})
