import { inspect } from 'node:util'
import { Graphviz } from '@hpcc-js/wasm-graphviz'
import { captureHeapSync } from 'heapscope'
import { beforeAll, expect, test } from 'vitest'
import { HeapBuilder } from '../support/heap-dsl.js'
import { graphOf } from '../support/snapshots.js'

let graphviz: Graphviz
beforeAll(async () => {
  graphviz = await Graphviz.load()
})

/** What Graphviz itself understands of it: it throws on what is no digraph. */
function understood(dot: string): { labels: string[]; edges: number } {
  const json = JSON.parse(graphviz.dot(dot, 'json')) as {
    objects: { label: string }[]
    edges?: { label?: string }[]
  }
  const labels = [...json.objects, ...(json.edges ?? [])].map(({ label }) => label ?? '')
  return { labels, edges: json.edges?.length ?? 0 }
}

test('R17: a picture is a valid digraph whose start nodes are marked', async () => {
  const graph = await graphOf(`
    root => global
    global .cache Cache
    Cache .order Order
    Order .item Item
  `)
  const [order] = graph.nodes({ className: 'Order' })
  const dot = graph.toDot({ start: order! })
  const { labels, edges } = understood(dot)
  expect(edges).toBe(2)
  expect(labels.join(' ')).toContain('Cache')
  expect(labels.join(' ')).not.toContain('Item')
  const marked = dot.split('\n').filter((line) => line.includes('#c00000'))
  expect(marked).toHaveLength(1)
  expect(marked[0]).toContain('Order')
  expect(
    understood(graph.toDot({ start: order!, direction: 'referents' })).labels.join(' '),
  ).toContain('Item')
})

test.each([
  '"quotes"',
  'new\nline',
  'nul\0',
  'back\\slash',
  '\\',
  '"',
  '] ; } digraph {',
  '\u2028',
  '\ud800',
  '<b>',
])('R17: %j in names cannot end a label', async (odd) => {
  const builder = new HeapBuilder()
  builder.node('odd', `Class ${odd}`, 8)
  builder.edge('root', 'shortcut', 'global / ', 'global')
  builder.edge('global', 'property', `key ${odd}`, 'odd')
  const graph = await graphOf(builder.heap)
  const [start] = [...graph.nodes()].filter(({ name }) => name.startsWith('Class'))
  const dot = graph.toDot({ start: start! })
  expect(dot).not.toMatch(/[\0\u2028]/)
  expect(understood(dot).edges).toBe(1)
  expect(await graph.toSvg({ start: start! })).toContain('</svg>')
})

test('R18: labels are cut at 40 characters', async () => {
  const long = 'x'.repeat(5000)
  const builder = new HeapBuilder()
  builder.node('odd', long, 8)
  builder.edge('root', 'shortcut', 'global / ', 'global')
  builder.edge('global', 'property', long, 'odd')
  const graph = await graphOf(builder.heap)
  const [start] = graph.nodes({ className: long })
  for (const label of understood(graph.toDot({ start: start! })).labels) {
    for (const line of label.split('\\n')) expect(line.length).toBeLessThanOrEqual(60)
  }
})

test('R18: drawing runs no code of the program', () => {
  let calls = 0
  const call = () => {
    calls++
    throw new Error('user code ran')
  }
  class Hostile {
    get value() {
      return call()
    }
    toString = call;
    [Symbol.toPrimitive] = call;
    [inspect.custom] = call
    get [Symbol.toStringTag]() {
      return call()
    }
    toJSON = call
  }
  const proxy = new Proxy(
    { hostile: new Hostile() },
    { get: call, ownKeys: call, getPrototypeOf: call },
  )
  const hostile = new Hostile()
  const graph = captureHeapSync({ objects: { hostile, proxy } })
  for (const object of [hostile, proxy]) {
    const start = graph.nodeOf(object)!
    understood(graph.toDot({ start, direction: 'referents' }))
    understood(graph.toDot({ start }))
  }
  expect(calls).toBe(0)
})

test('where there are too many neighbours, one node says how many more', async () => {
  const lines = ['root => global', 'global .hub Hub']
  for (let i = 0; i < 50; i++) lines.push(`Hub [${i}] n${i}`)
  const graph = await graphOf(lines.join('\n'))
  const [hub] = graph.nodes({ className: 'Hub' })
  const { labels } = understood(graph.toDot({ start: hub!, direction: 'referents', tooMany: 7 }))
  expect(labels).toContain('43 more')
  const few = graph.toDot({ start: hub!, direction: 'referents', tooMany: 50, maxNodes: 5 })
  expect(understood(few).labels).toContain('46 more')
})

test('retaining paths can be drawn', async () => {
  const graph = await graphOf(`
    root => global
    global .a A
    global .b B
    A .order Order
    B .order Order
  `)
  const [order] = graph.nodes({ className: 'Order' })
  const paths = await graph.retainingPaths(order!, { limit: 5 })
  expect(understood(graph.toDot({ paths })).edges).toBe(4)
})

test('what is no path is refused', () => {
  const graph = captureHeapSync()
  for (const paths of [1, [null], [{}]] as any[]) {
    expect(() => graph.toDot({ paths })).toThrow(/^paths must be /)
  }
})

test('paths of another graph are not drawn', async () => {
  const [one, two] = [captureHeapSync(), captureHeapSync()]
  const [path] = await one.retainingPaths([...one.nodes()].at(-1)!)
  expect(() => two.toDot({ paths: [path!] })).toThrow(
    expect.objectContaining({ code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH' }),
  )
})
