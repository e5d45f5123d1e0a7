import { captureHeap } from '../../dist/index.js'
import { afterEach, expect, test } from 'vitest'
import { ownerShapes } from '../../dist/leaks/owner-shapes.js'

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
