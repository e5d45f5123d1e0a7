import { captureHeap } from '../../dist/index.js'
import { afterEach, expect, test } from 'vitest'
import { grownIn, ownerShapes, sizesOf } from '../../dist/leaks/owner-shapes.js'

class Parcel {}
class Van {
  load = Array.from({ length: 3000 }, () => new Parcel())
}
const held = globalThis as { heapscopeHeld?: any }
afterEach(() => {
  delete held.heapscopeHeld
})

test('L43: of many instances some stand for all, by those who own them', async () => {
  held.heapscopeHeld = { van: new Van(), list: Array.from({ length: 1000 }, () => new Parcel()) }
  const graph = await captureHeap()
  try {
    const counts = (every: number) =>
      [...ownerShapes(graph, 'Parcel', every).values()].map(({ shape, count }) => {
        return [shape, Math.round(count / 1000)]
      })
    const expected = [
      ['Parcel in Array in Object in global', 1],
      ['Parcel in Array in Van in Object in global', 3],
    ]
    for (const every of [1, 20]) expect(counts(every).sort()).toEqual(expected)
    const [shape] = ownerShapes(graph, 'Parcel', 20).values()
    expect(shape!.nodes.length).toBeLessThanOrEqual(shape!.count / 20)
  } finally {
    graph[Symbol.dispose]()
  }
})

test('L43: of instances owned alike those that came are told by their owners', async () => {
  const parcels = (n: number) => Array.from({ length: n }, () => new Parcel())
  const before = { fixed: parcels(3000), few: parcels(50), growing: parcels(100) }
  held.heapscopeHeld = before
  const earlier = await captureHeap()
  before.growing.push(...parcels(40))
  const later = await captureHeap({ objects: { growing: before.growing } })
  try {
    const [then] = ownerShapes(earlier, 'Parcel').values()
    const [now] = ownerShapes(later, 'Parcel').values()
    expect([then!.count, now!.count]).toEqual([3150, 3190])
    const grown = grownIn(later, 'Parcel', now!, sizesOf(then!))
    expect(grown).toHaveLength(140)
    const growing = later.nodeOf(before.growing)
    const owners = new Set(grown.map((node) => later.dominator(node)!.id))
    expect([...owners]).toEqual([growing!.id])
    // where all have changed, all may have come
    expect(grownIn(later, 'Parcel', now!, [])).toBe(now!.nodes)
  } finally {
    for (const graph of [earlier, later]) graph[Symbol.dispose]()
  }
})
