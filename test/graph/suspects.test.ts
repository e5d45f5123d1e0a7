import { expect, test } from 'vitest'
import { graphOf } from '../support/snapshots.js'

function cacheOf(orders: number, size: number): string {
  const lines = ['table: array/ 1000', 'root => global', 'global .cache Map', 'Map :table table']
  for (let i = 0; i < orders; i++) {
    lines.push(`o${i}: Order ${size}`, `table :${i} o${i}`)
  }
  return lines.join('\n')
}

test('an object that retains most of the heap is a suspect, in a paragraph with numbers', async () => {
  const graph = await graphOf(`${cacheOf(1000, 1000)}
    other: Other 100000
    global .other other
  `)
  const [suspect, ...others] = await graph.suspects()
  expect(others).toEqual([])
  expect(suspect).toMatchObject({ retainedSize: 1_001_016 })
  expect(suspect!.text).toContain('global.cache')
  expect(suspect!.text).toContain('1 MB')
  expect(suspect!.text).toContain('91 %')
  expect(suspect!.text).toContain('1,000 of Order')
  expect(suspect!.text.split('\n')).toHaveLength(1)
})

test('many objects of a class that none of them is alone are suspect as a group', async () => {
  const lines = [
    'root => global',
    'global .a A',
    'global .b B',
    'bulk: Bulk 10000',
    'global .bulk bulk',
  ]
  for (let i = 0; i < 200; i++) {
    // Each held from two places: nothing beneath the global object dominates them.
    lines.push(`o${i}: Listener 1000`, `A [${i}] o${i}`, `B [${i}] o${i}`)
  }
  const graph = await graphOf(lines.join('\n'))
  const [suspect] = await graph.suspects()
  expect(suspect).toMatchObject({
    node: null,
    className: 'Listener',
    instances: 200,
    retainedSize: 200_000,
  })
  expect(suspect!.text).toContain('200 instances of Listener together retain 200 kB, 95 %')
})

test('a heap of many small things has none', async () => {
  const lines = ['root => global']
  for (let i = 0; i < 100; i++) lines.push(`n${i}: C${i} 100`, `global .p${i} n${i}`)
  expect(await (await graphOf(lines.join('\n'))).suspects()).toEqual([])
})

test('the share from which on something is suspect can be chosen', async () => {
  const graph = await graphOf(`
    a: A 100
    b: B 900
    root => global
    global .a a
    global .b b
  `)
  const classes = async (share: number) =>
    (await graph.suspects({ share })).map(({ className }) => className)
  expect(await classes(0.5)).toEqual(['B'])
  expect(await classes(0.05)).toEqual(['B', 'A'])
  await expect(graph.suspects({ share: 2 })).rejects.toThrow(RangeError)
})

test('V8 itself, its contexts and the global object are no suspects, on Node 26 neither', async () => {
  const graph = await graphOf(`
    context: hidden/system / NativeContext 100
    global: object/global (global*) 24
    cache: Cache 9000
    root => context
    context :global_object global
    global .cache cache
    global .small Small
  `)
  const suspects = await graph.suspects()
  expect(suspects.map(({ className }) => className)).toEqual(['Cache'])
  expect(suspects[0]!.text).toContain('It is held by global.cache → Cache.')
})

test('the memory of a long list gathers in its head, and its path is told in a few lines', async () => {
  const lines = ['root => global', 'global .head n0']
  for (let i = 0; i < 5000; i++) lines.push(`n${i}: Item 100`)
  // By two names in turn: a single one would be told once, with the number of its links.
  for (let i = 0; i + 1 < 5000; i++) lines.push(`n${i} .${i % 2 ? 'odd' : 'even'} n${i + 1}`)
  const graph = await graphOf(lines.join('\n'))
  const [suspect] = await graph.suspects()
  expect(suspect!.accumulation).toMatchObject({ id: suspect!.node!.id })
  const [tail] = [...graph.nodes({ className: 'Item' })].slice(-1)
  const [path] = await graph.retainingPaths(tail!)
  expect(path!.steps).toHaveLength(5001)
  expect(path!.text).toContain(' … 4901 more … ')
  expect(path!.text.length).toBeLessThan(2000)
  const drawn = graph.toDot({ paths: [path!] })
  expect(drawn.match(/retains/g)).toHaveLength(200)
  expect(drawn).toContain('"4801 more"')
})
