import v8 from 'node:v8'
import { captureHeap, captureHeapSync, HeapGraph, readHeapSnapshot } from 'heapscope'
import { expect, test } from 'vitest'
import { graphOf, scratchDirectory } from '../support/snapshots.js'

const scratch = scratchDirectory()

const before = `
  a: Order 100
  b: Order 100
  c: Cache 10
  root => global
  global .cache c
  c [0] a
  c [1] b
`

const rowOf = (graph: HeapGraph, earlier: HeapGraph, className: string, byObject = false) =>
  graph.diff(earlier, { byObject }).classes.find((row) => row.className === className)

test('classes tell by how much they grew and shrank', async () => {
  const earlier = await graphOf(before)
  const later = await graphOf(`
    a: Order 100
    n: Item 7
    c: Cache 10
    root => global
    global .cache c
    c [0] a
    a .item n
  `)
  expect(rowOf(later, earlier, 'Order')).toMatchObject({
    count: 1,
    countBefore: 2,
    countDelta: -1,
    sizeDelta: -100,
    objects: null,
  })
  expect(rowOf(later, earlier, 'Item')).toMatchObject({
    countBefore: 0,
    countDelta: 1,
    sizeDelta: 7,
  })
  expect(later.diff(earlier).classes[0]!.className).toBe('Item')
})

test('by object, new, gone and grown ones are told apart', async () => {
  const earlier = await graphOf(before)
  // The same three objects, by their ids, and a fourth that the cache now holds.
  const later = await graphOf(`
    a: Order 100
    b: Order 100
    c: Cache 10
    global: global 16
    d: Order 300
    root => global
    global .cache c
    c [0] a
    c [2] d
    a .b b
  `)
  const diff = later.diff(earlier, { byObject: true })
  const orders = diff.classes.find(({ className }) => className === 'Order')
  expect(orders!.objects).toMatchObject({ new: 1, newBytes: 300, gone: 0, goneBytes: 0 })
  expect([...diff.newObjects('Order')].map(({ shallowSize }) => shallowSize)).toEqual([300])
  expect([...diff.goneObjects('Order')]).toEqual([])
  expect([...earlier.diff(later, { byObject: true }).goneObjects('Order')]).toHaveLength(1)
  // a now retains b too
  expect(orders!.objects!.grownBytes).toBe(100)
})

test('what another thread compares is the same, and ends with its signal', async () => {
  const earlier = await graphOf(before)
  const later = await graphOf(before.replace('c [1] b', 'c [1] n\nn: Order 300'))
  for (const byObject of [false, true]) {
    const now = later.diff(earlier, { byObject })
    const diff = await later.diffAsync(earlier, { byObject })
    expect(diff.classes).toEqual(now.classes)
    if (!byObject) continue
    expect([...diff.newObjects('Order')]).toEqual([...now.newObjects('Order')])
    expect([...diff.goneObjects('Order')].map(({ shallowSize }) => shallowSize)).toEqual([])
    expect([...diff.newObjects('Order')].map(({ shallowSize }) => shallowSize)).toEqual([300])
  }
  await expect(later.diffAsync(earlier, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ERR_HEAPSCOPE_ABORTED',
  })
  await expect(later.diffAsync({} as never)).rejects.toThrow(TypeError)
})

test('objects of two files are not compared unless the caller says they can be', async () => {
  const diff = (await graphOf(before)).diff(await graphOf(before))
  expect(diff.byObject).toBe(false)
  expect(() => [...diff.newObjects('Order')]).toThrow(/byObject/)
})

class Kept {
  id = 0.5
}

const keep: Kept[] = []
const addKept = (n: number): void => {
  for (let i = 0; i < n; i++) keep.push(new Kept())
}

test('captures of one process that kept ids are compared by object', () => {
  addKept(5)
  const earlier = captureHeapSync({ keepIds: true })
  addKept(3)
  keep.shift()
  const later = captureHeapSync({ keepIds: true })
  const diff = later.diff(earlier)
  expect(diff.byObject).toBe(true)
  const row = diff.classes.find(({ className }) => className === 'Kept')
  expect(row!.countDelta).toBe(2)
  expect(row!.objects).toMatchObject({ new: 3, gone: 1 })
  expect([...diff.newObjects('Kept')].map(({ id }) => id)).toEqual(
    keep.slice(-3).map((object) => later.nodeOf(object)!.id),
  )

  // Once V8 forgot its ids, they would be compared with other objects'.
  const without = captureHeapSync()
  expect(without.diff(earlier).byObject).toBe(false)
  expect(() => later.nodeOf(keep[0]!)).toThrow(/forgotten/)
})

test('with a file, which knows where classes are defined, a capture is compared by names', async () => {
  class Twice {}
  const held = [new Twice(), new (class Twice {})(), new (class Twice {})()]
  const file = scratch('places.heapsnapshot')
  v8.writeHeapSnapshot(file)
  const diff = captureHeapSync().diff(await readHeapSnapshot(file))
  const rows = diff.classes.filter(({ className }) => className === 'Twice')
  expect(rows).toMatchObject([{ count: 3, countBefore: 3, countDelta: 0 }])
  expect(held).toHaveLength(3)
})

test('captures whose ids V8 has forgotten are not compared by object', () => {
  const earlier = captureHeapSync()
  const later = captureHeapSync({ keepIds: true })
  expect(() => later.diff(earlier, { byObject: true })).toThrow(
    expect.objectContaining({ code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH' }),
  )
  captureHeapSync() // forgets them
})

test('two twins, or a twin and its file, are compared by class only', async () => {
  const file = scratch('twin.heapgraph')
  const [earlier, later] = [await captureHeap(), await captureHeap()]
  await earlier.save(file)
  const kept = captureHeapSync({ keepIds: true })
  for (const other of [earlier, HeapGraph.open(file), kept]) {
    expect(later.diff(other).byObject).toBe(false)
    expect(() => later.diff(other, { byObject: true })).toThrow(
      expect.objectContaining({ code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH' }),
    )
  }
  captureHeapSync() // forgets them
})

test('what is no graph, and what is no name of a class, is refused', () => {
  const graph = captureHeapSync()
  const noGraph = Object.create(HeapGraph.prototype) as HeapGraph
  expect(() => graph.diff(noGraph)).toThrow(/^diff takes the earlier HeapGraph, not /)
  const same = graph.diff(graph, { byObject: true })
  expect(() => [...same.newObjects(5 as never)]).toThrow(
    /^className must be a string, not the number 5/,
  )
})
