import { captureHeapSync, type HeapGraph } from 'heapscope'
import { expect, test } from 'vitest'

class Order {
  id = 1.5
}

/** The references to what `make` returns and what holds it: made in a frame that is gone. */
function counted<Held>(make: () => { order: Order; held: Held }): {
  graph: HeapGraph
  count: number
  labels: string[]
  held: Held
} {
  const { order, held } = make()
  const ref = new WeakRef(order)
  const graph = captureOf(ref)
  const node = graph.nodeOf(ref.deref()!)!
  const labels = [...graph.referrers(node)]
    .filter(({ type, node: { type: of } }) => type !== 'weak' && of !== 'synthetic')
    .map(({ type, name }) => `${type} ${name}`)
  return { graph, count: graph.refCount(node), labels, held }
}

function captureOf(ref: WeakRef<Order>): HeapGraph {
  return captureHeapSync({ objects: { order: ref.deref()! } })
}

const holding = <Held>(hold: (order: Order) => Held) =>
  counted(() => {
    const order = new Order()
    return { order, held: hold(order) }
  })

test('R1: an object in one array has one reference', () => {
  expect(holding((order) => [order]).count).toBe(1)
})

test('R2: at two indexes and one property it has three', () => {
  const { count } = holding((order) => [[order, order], { order }])
  expect(count).toBe(3)
})

test('R3: a value or key of a Map and a member of a Set are one reference each', () => {
  expect(holding((order) => new Map([['key', order]])).count).toBe(1)
  expect(holding((order) => new Map([[order, 'value']])).count).toBe(1)
  expect(holding((order) => new Set([order])).count).toBe(1)
})

test('R5: the value of a WeakMap has one reference, its key', () => {
  const { count, graph, held } = holding((order) => {
    const key = { its: 'key' }
    return { map: new WeakMap([[key, order]]), key }
  })
  expect(count).toBe(1)
  expect(graph.refCounts(nodeOf(graph, 'Order')).weak).toBeGreaterThan(0)
  expect(held.key).toBeDefined()
})

test('R6: two closures of one scope are one reference', () => {
  const { count, labels } = holding((order) => [() => order, () => order])
  expect(count).toBe(1)
  expect(labels.filter((label) => label.startsWith('context'))).toEqual(['context order'])
})

test.each<[string, (order: Order) => unknown, RegExp]>([
  ['a private field', (order) => new Private(order), /^property #order$/],
  ['a symbol key', (order) => ({ [Symbol('q')]: order }), /^property <symbol q>$/],
  ['bound this', (order) => noop.bind(order), /^internal bound_this$/],
  [
    'a bound argument',
    (order) => (noop as (argument: unknown) => void).bind(null, order),
    /^internal 0$/,
  ],
  ['a resolved promise', (order) => Promise.resolve(order), /^internal reactions_or_result$/],
  ['a suspended generator', (order) => suspended(order), /^internal \d+$/],
])('R7: %s is one reference', (_, hold, label) => {
  const { count, labels } = holding(hold)
  expect(count).toBe(1)
  expect(labels.some((each) => label.test(each))).toBe(true)
})

test('a frozen array holds its elements as any other', () => {
  expect(holding((order) => Object.freeze([order])).count).toBe(1)
})

test('R10: in three arrays it has three more references than before', () => {
  const before = holding((order) => [order])
  const after = holding((order) => [[order], [order], [order], [order]])
  expect(after.count - before.count).toBe(3)
})

test('R13: in a cycle a → b → c → a each still has its referrer', () => {
  class A {
    next: unknown
  }
  class B {
    constructor(readonly next: unknown) {}
  }
  class C {
    constructor(readonly next: unknown) {}
  }
  const make = () => {
    const a = new A()
    const c = new C(a)
    a.next = new B(c)
    return new WeakRef(a.next as B)
  }
  const b = make()
  const graph = captureHeapSync({ keepIds: true })
  const node = graph.nodeOf(b.deref()!)!
  const referrers = [...graph.referrers(node)].filter(({ type }) => type === 'property')
  expect(referrers.map(({ node: { className } }) => className)).toEqual(['A'])
  expect(graph.refCount(node)).toBe(1)
})

test('R11: asking for the node of a primitive is a TypeError that names it', () => {
  const graph = captureHeapSync()
  expect(() => graph.nodeOf(42 as never)).toThrow(
    expect.objectContaining({
      code: 'ERR_HEAPSCOPE_INVALID_ARG',
      message: expect.stringContaining('42'),
    }),
  )
  expect(() => graph.nodeOf('text' as never)).toThrow(TypeError)
})

test("roots and V8's own references are told apart from the program's", () => {
  const { graph } = holding((order) => [order])
  const counts = graph.refCounts(nodeOf(graph, 'Order'))
  expect(counts.references).toBe(1)
  // The WeakRef that this file follows it by.
  expect(counts.weak).toBeGreaterThanOrEqual(1)
})

class Private {
  readonly #order: Order
  constructor(order: Order) {
    this.#order = order
  }
  get order(): Order {
    return this.#order
  }
}

function noop(): void {}

function suspended(order: Order): Generator {
  function* waiting(local: Order): Generator {
    yield 1
    return local
  }
  const generator = waiting(order)
  generator.next()
  return generator
}

function nodeOf(graph: HeapGraph, className: string) {
  const [node] = graph.nodes({ className })
  return node!
}

test('a property of the global object is one reference', () => {
  const { count } = holding((order) => Object.assign(globalThis, { heldByGlobal: order }))
  expect(count).toBe(1)
  delete (globalThis as { heldByGlobal?: Order }).heldByGlobal
})

test('what a Proxy forwards to has one reference, the Proxy', () => {
  expect(holding((order) => new Proxy(order, {})).count).toBe(1)
})

test('a node is named by a whole number or by itself, whatever was written on it', () => {
  const graph = captureHeapSync()
  for (const id of [1.5, -1, NaN, Infinity]) {
    expect(() => graph.refCount(id)).toThrow(/^the id of a node must be a whole number/)
  }
  const node = graph.root
  const other = [...graph.nodes()].at(-1)!
  const { index } = node
  Object.assign(node, { index: other.index, id: other.id })
  expect(graph.dominator(node)).toBeNull() // the root's
  expect(graph.root.index).toBe(index)
})
