import { trackClass, tracker, untrackClass } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop } from '../support/instances.js'
import { settle } from '../support/settle.js'

describe('untrackClass', () => {
  it('T34: leaves new instances uncounted, and counts those that live to their end', async () => {
    const Order = trackClass(class Order {})
    const held: object[] = [new Order()]
    makeAndDrop(3, () => new Order())
    untrackClass(Order)
    held.push(new Order(), new Order())
    await settle(() => tracker.stats(Order).live === 1)
    expect(tracker.stats(Order)).toMatchObject({
      created: 4,
      live: 1,
      collected: 3,
      tracking: false,
    })
    expect(tracker.liveInstances(Order)).toEqual([held[0]])
  })

  it('T34: a second time is an error that names the class', () => {
    const Gone = trackClass(class Gone {})
    untrackClass(Gone)
    expect(() => untrackClass(Gone)).toThrow(
      expect.objectContaining({
        name: 'HeapscopeError',
        code: 'ERR_HEAPSCOPE_NOT_TRACKED',
        message: 'Gone is not tracked any more',
      }),
    )
    expect(tracker.stats(Gone).tracking).toBe(false)
  })

  it('leaves the instrumented class working as the plain one', () => {
    class Plain {
      static made = 0
      constructor(readonly value: number) {
        if (value < 0) throw new RangeError('negative')
        Plain.made++
      }
    }
    const Tracked = trackClass(Plain)
    untrackClass(Plain)
    expect(new Tracked(1)).toMatchObject({ value: 1 })
    expect(() => new Tracked(-1)).toThrow('negative')
    expect(Tracked.made).toBe(1)
    expect(tracker.stats(Plain)).toMatchObject({ created: 0, failed: 0 })
  })

  it('reaches the subclasses that were found, not one that was asked for itself', () => {
    const Base = trackClass(class Base {})
    class Found extends Base {}
    const Asked = trackClass(class Asked extends Base {})
    const held: object[] = [new Found()]
    untrackClass(Base)
    class Later extends Base {}
    held.push(new Base(), new Found(), new Asked(), new Later())
    const created = [Base, Found, Asked].map((cls) => tracker.stats(cls).created)
    expect(created).toEqual([0, 1, 1])
    expect(() => tracker.stats(Later)).toThrow('Later is not tracked')
    keepAlive(held)
  })

  it('closing still works for those that live, and reaches no others', () => {
    const Door = trackClass(
      class Door {
        closed = 0
        close(): void {
          this.closed++
        }
      },
    )
    const early = new Door()
    untrackClass(Door)
    const late = new Door()
    early.close()
    late.close()
    expect([early.closed, late.closed]).toEqual([1, 1])
    expect(tracker.stats(Door)).toMatchObject({ created: 1, closed: 1, active: 0 })
  })

  it('can be taken back: the counts go on where they were', () => {
    const Back = trackClass(class Back {})
    const held: object[] = [new Back()]
    untrackClass(Back)
    held.push(new Back())
    expect(trackClass(Back)).toBe(Back)
    held.push(new Back())
    expect(tracker.stats(Back)).toMatchObject({ created: 2, live: 2, tracking: true })
    expect(tracker.liveInstances(Back)).toEqual([held[0], held[2]])
  })
})
