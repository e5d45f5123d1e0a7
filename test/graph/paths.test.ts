import { captureHeapSync, type HeapGraph, type HeapNode } from 'heapscope'
import { afterEach, expect, test } from 'vitest'
import { HeapBuilder, type Heap } from '../support/heap-dsl.js'
import { graphOf, seeded } from '../support/snapshots.js'

async function textsOf(graph: HeapGraph, className: string, limit = 1): Promise<string[]> {
  const [node] = graph.nodes({ className })
  return (await graph.retainingPaths(node!, { limit })).map(({ text }) => text)
}

const shop = `
  root => global
  global .cache Map
  Map :table table
  table: array/ 800
  table :42 Order
`

test('a path reads as the program would write it, without backing stores', async () => {
  expect(await textsOf(await graphOf(shop), 'Order')).toEqual(['global.cache → Map → [42] → Order'])
})

test('every kind of edge has its own writing', async () => {
  const graph = await graphOf(`
    context: object/system / Context 32
    save: closure/save 64
    elements: array/(object elements) 32
    root => global
    global .save save
    save :context context
    context (batch) Array
    Array :elements elements
    Array [3] Row
    Row .#secret Secret
    Secret .<symbol_tag> Tagged
    Tagged .a-b Odd
    Odd :bound_this Bound
  `)
  expect(await textsOf(graph, 'Bound')).toEqual([
    'global.save → function save → (variable batch) → Array → [3] → Row.#secret → Secret' +
      '["<symbol_tag>"] → Tagged["a-b"] → Odd → (bound_this) → Bound',
  ])
})

test('along a list its links are told once, with their number, and however many: the same leak', async () => {
  const listOf = (length: number) => {
    const links = Array.from({ length: length - 1 }, (_, i) => `n${i} .next n${i + 1}`)
    const nodes = Array.from({ length }, (_, i) => `n${i}: object/Job 32`)
    return graphOf(
      [
        ...nodes,
        'root => global',
        'global .first n0',
        ...links,
        `n${length - 1} .order Order`,
      ].join('\n'),
    )
  }
  const [short, long] = await Promise.all([listOf(4), listOf(300)])
  expect(await textsOf(long, 'Order')).toEqual([
    'global.first → Job.next × 299 → Job.order → Order',
  ])
  expect(await textsOf(short, 'Order')).toEqual(['global.first → Job.next × 3 → Job.order → Order'])
  const odd = await graphOf(`
    first: closure/first 64
    middle: closure/middle 64
    queue: object/Queue 32
    job: object/Job 32
    other: object/Job 32
    root => global
    global .first first
    first .inner middle
    middle .inner queue
    queue .next job
    job .next other
    other .order Order
  `)
  expect(await textsOf(odd, 'Order')).toEqual([
    'global.first → function first.inner → function middle.inner → Queue.next → Job.next → Job.order → Order',
  ])
  const fingerprints = [short, long].map(async (graph) => {
    const [node] = graph.nodes({ className: 'Order' })
    return (await graph.retainingPaths(node!))[0]!.fingerprint
  })
  const [one, other] = await Promise.all(fingerprints)
  expect(one).toBe(other)
})

test('Node 26 puts the native context before the global object: a path does not', async () => {
  const graph = await graphOf(`
    context: hidden/system / NativeContext 100
    global: object/global (global*) 24
    root => context
    context :global_object global
    global .cache Cache
  `)
  expect(await textsOf(graph, 'Cache')).toEqual(['global.cache → Cache'])
})

test('the shortest comes first, and the same ones in the same order each time', async () => {
  const graph = await graphOf(`
    root => global
    global .long A
    A .b B
    B .order Order
    global .short S
    S .order Order
    global .brief T
    T .order Order
  `)
  const expected = [
    'global.short → S.order → Order',
    'global.brief → T.order → Order',
    'global.long → A.b → B.order → Order',
  ]
  for (let i = 0; i < 3; i++) expect(await textsOf(graph, 'Order', 10)).toEqual(expected)
  expect(await textsOf(graph, 'Order', 2)).toEqual(expected.slice(0, 2))
})

test('of many paths the shortest are told, each once: as all paths of small heaps say', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed)
    const builder = new HeapBuilder()
    const count = 3 + random(5)
    for (let i = 0; i < count; i++) builder.node(`n${i}`, `N${i}`, 8)
    builder.edge('root', 'shortcut', 'global / ', 'n0')
    if (random(2) === 0) builder.edge('root', 'element', 1, 'n1')
    for (let i = random(count * 3); i >= 0; i--) {
      const type = random(8) === 0 ? 'weak' : 'property'
      builder.edge(`n${random(count)}`, type, `p${i}`, `n${random(count)}`)
    }
    const lengths = lengthsOfPaths(builder.heap, builder.heap.nodes.length - 1)
    const graph = await graphOf(builder.heap)
    for (const limit of [1, 2, 5, 1000]) {
      const last = [...graph.nodes()].at(-1)!
      const paths = await graph.retainingPaths(last, { limit })
      const found = paths.map(({ steps }) => steps.length)
      expect(found, `seed ${seed}, ${limit} of them`).toEqual(lengths.slice(0, limit))
      const ways = new Set(paths.map(({ steps }) => steps.map(({ node }) => node.index).join()))
      expect(ways.size).toBe(paths.length)
    }
  }
})

/** Of every path from the root that passes no node twice, how many references long it is. */
function lengthsOfPaths({ nodes, edges }: Heap, target: number): number[] {
  const next = nodes.map(() => new Set<number>())
  for (const { from, to, type } of edges) if (type !== 'weak') next[from]!.add(to)
  const lengths: number[] = []
  const walk = (node: number, passed: readonly number[]): void => {
    if (node === target) lengths.push(passed.length)
    const here = [...passed, node]
    if (node !== target) for (const to of next[node]!) if (!here.includes(to)) walk(to, here)
  }
  walk(0, [])
  return lengths.sort((a, b) => a - b)
}

test('a way over a backing store, or round by a context, is not told beside the plain one', async () => {
  const graph = await graphOf(`
    context: hidden/system / NativeContext 100
    elements: array/(object elements) 32
    cell: hidden/system / PropertyCell 16
    f: closure/f 32
    root => global
    global .rows Array
    Array [0] Row
    Array :elements elements
    elements :0 Row
    global :7 cell
    cell :value Array
    global .f f
    f :context context
    context :extension Other
    Other .rows Array
  `)
  const texts = await textsOf(graph, 'Row', 10)
  expect(texts[0]).toBe('global.rows → Array → [0] → Row')
  expect(texts).toHaveLength(3)
  expect(texts[1]).toContain('PropertyCell')
  expect(texts[2]).toContain('NativeContext')
})

test('paths over edges that explain nothing come last, though shorter', async () => {
  const graph = await graphOf(`
    map: hidden/system / Map 80
    root => global
    global :map map
    map :prototype Order
    global .a A
    A .b B
    B .c C
    C .order Order
  `)
  const [first] = await textsOf(graph, 'Order', 2)
  expect(first).toBe('global.a → A.b → B.c → C.order → Order')
})

test('what nothing holds has no path', async () => {
  const graph = await graphOf(`
    root => global
    global ~target Order
  `)
  expect(await textsOf(graph, 'Order')).toEqual([])
})

test('the steps of a path are all nodes and edges as V8 has them', async () => {
  const graph = await graphOf(shop)
  const [order] = graph.nodes({ className: 'Order' })
  const [path] = await graph.retainingPaths(order!)
  expect(path!.steps.map(({ type, name, node }) => [type, name, node.className])).toEqual([
    ['shortcut', 'global / ', 'global'],
    ['property', 'cache', 'Map'],
    ['internal', 'table', '(array)'],
    ['internal', '42', 'Order'],
  ])
})

test('a fingerprint is the same whatever the index, and another for another leak', async () => {
  const fingerprint = async (text: string) => {
    const graph = await graphOf(text)
    const [node] = graph.nodes({ className: 'Order' })
    return (await graph.retainingPaths(node!))[0]!.fingerprint
  }
  const one = await fingerprint(shop)
  expect(one).toMatch(/^[0-9a-f]{40}$/)
  expect(await fingerprint(shop.replace(':42', ':7'))).toBe(one)
  expect(await fingerprint(`other: Other 8\nroot .other other${shop}`)).toBe(one)
  expect(await fingerprint(shop.replace('.cache', '.store'))).not.toBe(one)
  expect(await fingerprint(shop.replace(/Map/g, 'Set'))).not.toBe(one)
})

test('R14: a chain is the shortest from a node that the predicate accepts', async () => {
  const graph = await graphOf(`
    root => global
    global .a A
    A .b B
    B .c C
    A .order Order
    C .order Order
  `)
  const [order] = graph.nodes({ className: 'Order' })
  const from = (className: string) => (node: HeapNode) => node.className === className
  expect(graph.chain(order!, { from: from('A') }).text).toBe('A.order → Order')
  expect(graph.chain(order!, { from: from('B') }).text).toBe('B.c → C.order → Order')
  expect(graph.chain(order!, { from: from('Order') }).text).toBe('Order')
  // never matches: the object alone
  expect(graph.chain(order!, { from: () => false }).text).toBe('Order')
  // the depth limit is honoured
  expect(graph.chain(order!, { from: from('B'), maxDepth: 2 }).text).toBe('B.c → C.order → Order')
  expect(graph.chain(order!, { from: from('B'), maxDepth: 1 }).text).toBe('Order')
})

class Order {
  id = 1.5
}

const globals = globalThis as Record<string, unknown>
afterEach(() => {
  delete globals['heapscopeTestCache']
})

test('in a live heap the path of a cached object names the cache', async () => {
  const fill = (): void => {
    globals['heapscopeTestCache'] = new Map([['key', new Order()]])
  }
  fill()
  const graph = captureHeapSync()
  const [node] = graph.nodes({ className: 'Order' })
  const [path] = await graph.retainingPaths(node!)
  expect(path!.text).toMatch(/^global\.heapscopeTestCache → Map → \[\d+\] → Order$/)
})

test('names that are no identifiers are written as a program would', async () => {
  const held = { 'a\nb': new Odd() }
  const empty = { '': new Odd2() }
  const live = captureHeapSync({ objects: { held, empty, one: held['a\nb'], two: empty[''] } })
  const [one] = await live.retainingPaths(live.nodeOf(held['a\nb'])!)
  const [two] = await live.retainingPaths(live.nodeOf(empty[''])!)
  expect(one!.text).toMatch(/\["a\\nb"\] → Odd$/)
  expect(two!.text).toMatch(/\[""\] → Odd2$/)
})

class Odd {}
class Odd2 {}
