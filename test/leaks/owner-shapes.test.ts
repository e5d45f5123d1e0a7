import { captureHeap, type HeapNode } from '../../dist/index.js'
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

test('L43: also where many owners are alike, and beside instances that are owned otherwise', async () => {
  const parcels = (n: number) => Array.from({ length: n }, () => new Parcel())
  class Pending {
    parcel = new Parcel()
  }
  class Entry {
    parcel = new Parcel()
  }
  const lists = Array.from({ length: 300 }, () => parcels(10))
  const mixed: object[] = Array.from({ length: 300 }, () => new Pending())
  const entries = Array.from({ length: 50 }, () => new Entry())
  held.heapscopeHeld = { lists, mixed: [mixed, entries, Array.from(entries, () => new Entry())] }
  const earlier = await captureHeap()
  lists[7]!.push(...parcels(40))
  entries.push(...Array.from({ length: 40 }, () => new Entry()))
  const later = await captureHeap({ objects: { grown: lists[7]!, entries } })
  try {
    const [then, now] = [ownerShapes(earlier, 'Parcel'), ownerShapes(later, 'Parcel')]
    const grownOf = (shape: string) =>
      grownIn(later, 'Parcel', now.get(shape)!, sizesOf(then.get(shape)!))
    const inList = grownOf('Parcel in Array in Array in Object in global')
    const ownersOf = (nodes: readonly HeapNode[], level: (node: HeapNode) => HeapNode) => [
      ...new Set(nodes.map((node) => level(node).id)),
    ]
    const above = (node: HeapNode) => later.dominator(node)!
    expect(inList).toHaveLength(50)
    expect(ownersOf(inList, above)).toEqual([later.nodeOf(lists[7]!)!.id])
    const inEntries = grownOf('Parcel in Entry in Array in Array in Object')
    expect(inEntries).toHaveLength(90)
    expect(ownersOf(inEntries, (node) => above(above(node)))).toEqual([later.nodeOf(entries)!.id])
  } finally {
    for (const graph of [earlier, later]) graph[Symbol.dispose]()
  }
})
