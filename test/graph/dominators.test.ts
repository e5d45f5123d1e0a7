import { readHeapSnapshot, type HeapGraph } from 'heapscope'
import { expect, test } from 'vitest'
import { HeapBuilder, snapshotText, type Heap } from '../support/heap-dsl.js'
import { askOracle, streamOf } from '../support/oracle.js'
import { shapes } from '../support/shapes.js'
import { graphOf, seeded } from '../support/snapshots.js'

/**
 * The edges that hold: no weak ones, no shortcuts but the root's, and (DevTools' rule) none from what
 * only V8's roots reach to what the program's global objects reach, which is the program's own.
 */
function holding({ nodes, edges }: Heap): number[][] {
  const strong = edges.filter(({ type }) => type !== 'weak')
  const all = nodes.map((): number[] => [])
  for (const { from, to } of strong) if (from !== 0) all[from]!.push(to)
  const owned = nodes.map(() => false)
  for (const { from, to, type } of strong) {
    if (from === 0 && type === 'shortcut') {
      for (const [n, reached] of reachable(all, -1, to).entries()) owned[n] ||= reached
    }
  }
  const next = nodes.map((): number[] => [])
  for (const { from, to, type } of strong) {
    if (from === 0 || (type !== 'shortcut' && (owned[from] || !owned[to]))) next[from]!.push(to)
  }
  return next
}

/** Dominators by their definition: d dominates n if without d nothing leads from the root to n. */
function dominatorsByRemoval(heap: Heap): (number | null)[] {
  const { nodes } = heap
  const next = holding(heap)
  const reached = reachable(next, -1)
  const dominatorCount = nodes.map(() => 0)
  const dominates = nodes.map((): number[] => [])
  for (const [removed] of nodes.entries()) {
    if (!reached[removed]) continue
    const without = reachable(next, removed)
    for (const [n] of nodes.entries()) {
      if (n === removed || !reached[n] || without[n]) continue
      dominates[removed]!.push(n)
      dominatorCount[n]!++
    }
  }
  // Of all that dominate a node, the nearest is the one that most others dominate.
  const nearest = nodes.map((_, n): number | null => (n === 0 ? null : 0))
  const byDepth = [...nodes.keys()].sort((a, b) => dominatorCount[a]! - dominatorCount[b]!)
  for (const d of byDepth) for (const n of dominates[d]!) nearest[n] = d
  return nearest
}

function reachable(next: number[][], without: number, start = 0): boolean[] {
  const seen = next.map(() => false)
  if (without === start) return seen
  const stack = [start]
  seen[start] = true
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    for (const to of next[at]!) {
      if (to === without || seen[to]) continue
      seen[to] = true
      stack.push(to)
    }
  }
  return seen
}

function randomHeap(seed: number): Heap {
  const random = seeded(seed)
  const builder = new HeapBuilder()
  const count = 2 + random(18)
  for (let i = 0; i < count; i++) builder.node(`n${i}`, 'Node', 8 * (1 + random(8)))
  builder.edge('root', 'shortcut', 'global / ', 'n0')
  // Each once: DevTools cannot read a root that refers to something twice.
  for (let i = 1 + random(4); i < count; i += 1 + random(9)) {
    builder.edge('root', 'element', i, `n${i}`)
  }
  const edges = random(count * 3)
  for (let i = 0; i < edges; i++) {
    const type = random(10) === 0 ? 'weak' : random(12) === 0 ? 'shortcut' : 'property'
    builder.edge(`n${random(count)}`, type, `p${i}`, `n${random(count)}`)
  }
  return builder.heap
}

function dominatorsOf(graph: HeapGraph): (number | null)[] {
  return Array.from(graph.nodes(), (node) => graph.dominator(node)?.index ?? null)
}

/** Without the references by which what nothing reaches would join in: DevTools' own rule for those. */
function withoutLost(heap: Heap): Heap {
  const reached = reachable(holding(heap), -1)
  const edges = heap.edges.filter(({ from, to }) => reached[from] || !reached[to])
  // Which nodes are the program's own may have changed with it, and so what is reached.
  return edges.length === heap.edges.length ? heap : withoutLost({ ...heap, edges })
}

function reachedOnly(heap: Heap, dominators: (number | null)[]): (number | null)[] {
  const reached = reachable(holding(heap), -1)
  return dominators.map((dominator, n) => (reached[n] ? dominator : null))
}

test('dominators of 3,000 random heaps are those that removal finds', async () => {
  for (let seed = 1; seed <= 3000; seed++) {
    const heap = withoutLost(randomHeap(seed))
    using graph = await graphOf(heap)
    const found = reachedOnly(heap, dominatorsOf(graph))
    const expected = reachedOnly(heap, dominatorsByRemoval(heap))
    expect(found, `seed ${seed}`).toEqual(expected)
  }
})

test('in random heaps what nothing reaches has the dominators that DevTools gives it', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const text = snapshotText(randomHeap(seed))
    using graph = await readHeapSnapshot([text])
    const nodes = [...graph.nodes()]
    const found = nodes.map((node) => graph.dominator(node)?.id ?? node.id)
    const { dominators, retainedSizes } = await askOracle(streamOf(text))
    expect(found, `seed ${seed}`).toEqual(dominators)
    expect(
      nodes.map((node) => node.retainedSize),
      `seed ${seed}`,
    ).toEqual(retainedSizes)
  }
})

test('what a node retains is its own bytes and those of all it dominates', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    using graph = await graphOf(randomHeap(seed))
    for (const node of graph.nodes()) {
      const beneath = [...graph.dominated(node)].reduce((sum, each) => sum + each.retainedSize, 0)
      expect(graph.retainedSize(node), `seed ${seed}`).toBe(node.shallowSize + beneath)
    }
  }
})

test.each(
  Object.entries(shapes).filter(([name]) => name !== 'ephemerons' && !name.startsWith('V8')),
)('%s: dominators are those that removal finds', async (_, shape) => {
  for (const n of [2, 3, 17, 40]) {
    const heap = shape(n)
    const graph = await graphOf(heap)
    const expected = reachedOnly(heap, dominatorsByRemoval(heap))
    expect(reachedOnly(heap, dominatorsOf(graph))).toEqual(expected)
  }
})

test('no shape of fifty thousand nodes takes long or deep recursion', async () => {
  for (const [name, shape] of Object.entries(shapes)) {
    const heap = shape(50_000)
    const graph = await graphOf(heap)
    expect(graph.info.nodes, name).toBe(heap.nodes.length)
    expect(graph.root.retainedSize, name).toBe(heap.nodes.reduce((sum, { size }) => sum + size, 0))
  }
})

test('what nothing reaches is counted, and belongs to the root', async () => {
  const graph = await graphOf(`
    root => global
    global .kept Kept
    Kept ~target Lost
    Lost .own Own
  `)
  expect(graph.info.unreachable).toBe(2)
  const [lost] = graph.nodes({ className: 'Lost' })
  expect(graph.dominator(lost!)).toEqual(graph.root)
})
