import { readHeapSnapshot } from 'heapscope'
import { expect, test } from 'vitest'
import { heap, snapshotText } from '../support/heap-dsl.js'
import { askOracle, streamOf } from '../support/oracle.js'

// How files of Chrome 156 differ from those of Node 20, by which the tests' own are made. With real
// ones, of pages with detached elements, WeakMaps and allocation traces, every node and class of ours
// was compared with this oracle and with the engine of that Chrome's own DevTools.
const text = snapshotText(
  heap(`
    document: native/Document / https\\://example.org 200
    root => global
    global .cache Map
    Map :table table
    table: array/ 800
    table :42 Order
    Order: Order 40
    Order .element element
    element: native/Detached <div> 88
    global .document document
  `),
  { locations: [{ node: 'Order', script: 7, line: 3, column: 11 }] },
)

interface File {
  snapshot: { meta: Record<string, unknown> } & Record<string, unknown>
  nodes: number[]
  edges: number[]
  locations?: number[]
  strings: string[]
  [section: string]: unknown
}

/** Puts what is new into every row at a place: the positions that edges give count in fields. */
function widen(list: number[], fields: number, at: number, value: number): number[] {
  return list.flatMap((each, i) => (i % fields === at ? [value, each] : [each]))
}

const variants: Record<string, (file: File) => void> = {
  'a location has the script itself beside its number': (file) => {
    file.snapshot.meta['location_fields'] = [
      ...['object_index', 'script_id', 'script_object_index', 'line', 'column'],
    ]
    file.locations = widen(file.locations!, 4, 2, 0)
  },
  'there are lists of scopes before the strings': (file) => {
    file.snapshot.meta['scope_fields'] = ['script_node_index', 'scope_id', 'depth']
    file.snapshot.meta['scope_use_fields'] = ['declaring_scope_id', 'slot_index']
    const { strings } = file
    Reflect.deleteProperty(file, 'strings')
    Object.assign(file, { scopes: [1, 2, 3], scope_uses: [4, 5], strings })
  },
  'something unknown follows the strings': (file) => {
    Object.assign(file, { scopes: [[4, '"]'], { a: 1 }] })
  },
  'allocations were traced': (file) => {
    file.snapshot.meta['trace_node_fields'] = ['id', 'function_info_index', 'count', 'children']
    Object.assign(file, {
      trace_function_infos: [0, 1, 2, 3, 4, 5],
      trace_tree: [1, 0, 0, [2, 1, 5, []]],
      samples: [12, 500],
    })
  },
  'nothing is said of traces, samples and places in the program': (file) => {
    for (const name of ['trace_function_infos', 'trace_tree', 'samples', 'locations']) {
      Reflect.deleteProperty(file, name)
    }
    for (const name of Object.keys(file.snapshot.meta)) {
      if (/^(?!node|edge).*_fields$/.test(name)) Reflect.deleteProperty(file.snapshot.meta, name)
    }
  },
}

const sizes = async (content: string) => {
  const graph = await readHeapSnapshot([content])
  return [...graph.nodes()].map((n) => [n.id, n.className, n.shallowSize, n.retainedSize])
}

test.each(Object.entries(variants))('in Chrome, %s', async (name, change) => {
  const file = JSON.parse(text) as File
  change(file)
  const changed = JSON.stringify(file)
  expect(await sizes(changed)).toEqual(await sizes(text))
  const graph = await readHeapSnapshot([changed])
  const [order] = graph.classes().filter(({ className }) => className === 'Order')
  expect(order!.key).toBe(name.startsWith('nothing') ? ',Order' : '7,3,11,Order')
  if (/^(nothing|something)/.test(name)) return // the oracle insists on these sections, at the end
  const oracle = await askOracle(streamOf(changed))
  expect([...graph.nodes()].map((node) => node.retainedSize)).toEqual(oracle.retainedSizes)
  expect(oracle.classes.get(order!.key)).toMatchObject({ count: 1, retainedSize: 128 })
})

test('types of a newer version are told apart by what the file calls them', async () => {
  const file = JSON.parse(text) as File
  const meta = file.snapshot.meta as { node_types: [string[]]; edge_types: [string[]] }
  // New ones before those that were there: every number means something else than it did.
  meta.node_types[0].unshift('quantum object')
  meta.edge_types[0].unshift('entangled')
  const fields = (file.snapshot.meta['node_fields'] as unknown[]).length
  file.nodes = file.nodes.map((each, i) => (i % fields === 0 ? each + 1 : each))
  file.edges = file.edges.map((each, i) => (i % 3 === 0 ? each + 1 : each))
  expect(await sizes(JSON.stringify(file))).toEqual(await sizes(text))

  const order = file.strings.indexOf('Order')
  const at = file.nodes.findIndex((each, i) => i % fields === 1 && each === order) - 1
  file.nodes[at] = 0
  const graph = await readHeapSnapshot([JSON.stringify(file)])
  const [unknown] = [...graph.nodes()].filter(({ type }) => type === 'other')
  expect(unknown).toMatchObject({ name: 'Order', shallowSize: 40, retainedSize: 128 })
})
