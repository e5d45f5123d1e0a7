import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive } from '../support/instances.js'

const closed = (cls: any) => tracker.stats(cls).closed

describe('a close method', () => {
  it('of the base closes instances of a subclass, counted there', () => {
    const Base = trackClass(
      class Base {
        close(): void {}
      },
    )
    class Derived extends Base {}
    new Derived().close()
    expect([closed(Derived), closed(Base)]).toEqual([1, 0])
  })

  it('that a subclass overrides, calling super, closes once', () => {
    const order: string[] = []
    const Base = trackClass(
      class Base {
        close(): void {
          order.push('base')
        }
      },
    )
    class Derived extends Base {
      override close(): void {
        order.push('derived')
        super.close()
        order.push('end')
      }
    }
    new Derived().close()
    expect(order).toEqual(['derived', 'base', 'end'])
    expect(closed(Derived)).toBe(1)
  })

  it('that a subclass overrides without calling super closes all the same', () => {
    let base = 0
    const Base = trackClass(
      class Base {
        close(): void {
          base++
        }
      },
    )
    class Derived extends Base {
      override close(): void {}
    }
    const Tracked = trackClass(
      class Tracked extends Base {
        override close(): void {}
      },
    )
    new Derived().close()
    new Tracked().close()
    expect([base, closed(Derived), closed(Tracked), closed(Base)]).toEqual([0, 1, 1, 0])
  })

  it('that only a subclass has is its own', () => {
    const Base = trackClass(class Base {})
    class Closable extends Base {
      close(): void {}
    }
    const held = [new Base(), new Closable()]
    ;(held[1] as Closable).close()
    expect([closed(Base), closed(Closable)]).toEqual([0, 1])
  })

  it('inherited from a class that is not tracked is left as it works there', () => {
    class Stream {
      closed = false
      close(): void {
        this.closed = true
      }
    }
    const Tracked = trackClass(class Tracked extends Stream {})
    const [plain, tracked] = [new Stream(), new Tracked()]
    plain.close()
    tracked.close()
    expect([plain.closed, tracked.closed, closed(Tracked)]).toEqual([true, true, 1])
  })

  it('can be chosen by name, also several and symbols, and the usual ones are none then', () => {
    const end = Symbol('end')
    const Chosen = trackClass(
      class Chosen {
        close(): void {}
        destroy(): void {}
        [end](): void {}
      },
      { close: ['destroy', end] },
    )
    const [one, two, three] = [new Chosen(), new Chosen(), new Chosen()]
    one.close()
    expect(closed(Chosen)).toBe(0)
    two.destroy()
    three[end]()
    expect(closed(Chosen)).toBe(2)
    keepAlive(one)
  })

  it('can be chosen alone', () => {
    const Chosen = trackClass(
      class Chosen {
        quit(): void {}
      },
      { close: 'quit' },
    )
    new Chosen().quit()
    expect(closed(Chosen)).toBe(1)
  })

  it('is no close where close is false', () => {
    const Door = trackClass(
      class Door {
        close(): void {}
      },
      { close: false },
    )
    new Door().close()
    expect(closed(Door)).toBe(0)
  })

  it('does nothing to an instance made before the class was tracked', () => {
    class Early {
      closed = 0
      close(): void {
        this.closed++
      }
    }
    const early = new Early()
    trackClass(Early)
    early.close()
    tracker.close(early)
    expect(early.closed).toBe(1)
    expect(tracker.stats(Early)).toMatchObject({ created: 0, closed: 0, pendingDeletion: 0 })
  })

  it('called by the constructor itself leaves the instance closed', () => {
    const Dead = trackClass(
      class Dead {
        constructor() {
          this.close()
        }
        close(): void {}
      },
    )
    const dead = new Dead()
    expect(tracker.metadata(dead)?.isActive).toBe(false)
    expect(tracker.stats(Dead)).toMatchObject({ created: 1, closed: 1, active: 0 })
  })

  it('that is no method, or whose class is frozen, is left alone', () => {
    class Odd {
      get close(): () => void {
        return () => {}
      }
    }
    class Frozen {
      close(): string {
        return 'closed'
      }
    }
    Object.freeze(Frozen.prototype)
    const [OddTracked, FrozenTracked] = [trackClass(Odd), trackClass(Frozen)]
    new OddTracked().close()
    expect(new FrozenTracked().close()).toBe('closed')
    expect([closed(OddTracked), closed(FrozenTracked)]).toEqual([0, 0])
  })

  it('that is called on nothing runs, and its own error passes', () => {
    const Loose = trackClass(
      class Loose {
        close(error?: Error): string {
          if (error) throw error
          return 'closed'
        }
      },
    )
    const { close } = Loose.prototype
    expect(Reflect.apply(close, undefined, [])).toBe('closed')
    expect(() => Reflect.apply(close, undefined, [new Error('mine')])).toThrow('mine')
    expect(closed(Loose)).toBe(0)
  })

  describe('that is inherited', () => {
    const inheriting = () => {
      class Base {
        close(): string {
          return 'old'
        }
      }
      return { Base, Derived: trackClass(class Derived extends Base {}) }
    }

    it('is what the base has when it is called', () => {
      const { Base, Derived } = inheriting()
      Base.prototype.close = () => 'new'
      expect(new Derived().close()).toBe('new')
      expect(closed(Derived)).toBe(1)
    })

    it('may come to be what the base has', () => {
      const { Base, Derived } = inheriting()
      Base.prototype.close = Derived.prototype.close
      expect(new Derived().close()).toBe('old')
    })
  })
})
