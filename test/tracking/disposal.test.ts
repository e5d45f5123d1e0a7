import { collect, trackClass, tracker, type UnclosedEvent } from 'heapscope'
import { beforeAll, describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

const Order = trackClass(class Order {})
const File = trackClass(
  class File {
    closed = 0
    close(): void {
      this.closed++
    }
  },
)
const heard: UnclosedEvent[] = []
const orders = makeAndKeep(3, () => new Order())
const files = makeAndKeep(3, () => new File())
const openFile = files[1]!

describe('closing the tracker', () => {
  beforeAll(() => {
    tracker.onUnclosed((event) => heard.push(event))
    files[0]!.close()
    tracker[Symbol.dispose]()
    tracker[Symbol.dispose]()
  })

  it('T35: leaves the counters readable, as they were', () => {
    expect(tracker.stats(Order)).toMatchObject({ created: 3, live: 3, tracking: false })
    expect(tracker.stats(File)).toMatchObject({ created: 3, live: 3, closed: 1, active: 2 })
    expect(tracker.globalStats()).toMatchObject({ totalClasses: 2, totalInstances: 6 })
    expect(tracker.report()).toContain('Order')
    expect(tracker.liveInstances(Order)).toEqual([])
  })

  it('T35: counts no new instances, and the classes go on as plain ones', () => {
    const more = [new Order(), new File()]
    expect(more[1]).toMatchObject({ closed: 0 })
    ;(more[1] as InstanceType<typeof File>).close()
    expect(more[1]).toMatchObject({ closed: 1 })
    expect(tracker.stats(Order).created).toBe(3)
    expect(tracker.stats(File)).toMatchObject({ created: 3, closed: 1 })
  })

  it('T35: gives up every handle and calls no listener any more', async () => {
    files.length = 0
    await settle()
    expect(collect().trackedCollected).toBe(0)
    expect(heard).toEqual([])
    expect(tracker.stats(File)).toMatchObject({ created: 3, live: 3, followed: 0 })
    keepAlive(orders)
  })

  it('T35: still works with instances from before', () => {
    tracker.close(orders[0]!)
    expect(() => tracker.metadata(orders[1]!)).not.toThrow()
  })

  it('T35: a close afterwards runs, and changes no figure', () => {
    openFile.close()
    expect(openFile.closed).toBe(1)
    expect(tracker.metadata(openFile)).toMatchObject({ isActive: false })
    expect(tracker.stats(File)).toMatchObject({ closed: 1, active: 2, pendingDeletion: 1 })
  })

  it('a class tracked afterwards begins anew', async () => {
    const Next = trackClass(class Next {})
    const held = new Next()
    makeAndDrop(4, () => new Next())
    await settle(() => tracker.stats(Next).live === 1)
    expect(tracker.stats(Next)).toMatchObject({ created: 5, live: 1, collected: 4, tracking: true })
    keepAlive(held)
  })
})
