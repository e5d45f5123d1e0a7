/**
 * Small heaps in a few readable lines, as the `.heapsnapshot` files V8 would have written of them.
 *
 *     root => global            an edge; => is a shortcut: only from the root does it retain
 *     global .cache Cache       .name is a property
 *     Cache [0] order           [0] is an element
 *     Cache (scope) order       (name) is a context variable
 *     Cache :table order        :name is internal, ?name hidden, ~name weak
 *     order: Order 64           a node: its class and shallow size
 *     table: array/(object elements) 80        with a type other than object
 *
 * Nodes that are not declared are objects of 16 bytes whose class is their own name. `root` is the
 * root; names mean nothing else. Edges leave a node in the order they are written.
 */
export interface Heap {
  nodes: HeapNode[]
  edges: HeapEdge[]
}

export interface HeapNode {
  name: string
  type: string
  className: string
  size: number
  id: number
}

export interface HeapEdge {
  from: number
  to: number
  type: string
  /** Element and hidden edges bear a number, all others a string. */
  label: string | number
}

export const nodeTypes = [
  ...['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native'],
  ...['synthetic', 'concatenated string', 'sliced string', 'symbol', 'bigint', 'object shape'],
]

export const edgeTypes = [
  'context',
  'element',
  'property',
  'internal',
  'hidden',
  'shortcut',
  'weak',
]

const signs: Record<string, string> = {
  '.': 'property',
  ':': 'internal',
  '?': 'hidden',
  '~': 'weak',
}

/** Reads the lines above; throws on one that is none of them. */
export function heap(text: string): Heap {
  const builder = new HeapBuilder()
  const edges: [from: string, label: string, to: string][] = []
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const declared = /^(\S+):\s+(?:([a-z ]+)\/)?(.*?)\s+(\d+)$/.exec(line)
    const edge = /^(\S+)\s+(=>|[.:?~].*?|\[\d+\]|\(.*?\))\s+(\S+)$/.exec(line)
    if (declared) {
      builder.node(declared[1]!, declared[3], Number(declared[4]), declared[2] ?? 'object')
    } else if (edge) edges.push([edge[1]!, edge[2]!, edge[3]!])
    else throw new Error(`not a line of the heap language: ${line}`)
  }
  for (const [from, label, to] of edges) builder.edge(from, ...typed(label), to)
  return builder.heap
}

function typed(label: string): [type: string, label: string | number] {
  if (label === '=>') return ['shortcut', 'global / ']
  if (label.startsWith('[')) return ['element', Number(label.slice(1, -1))]
  if (label.startsWith('(')) return ['context', label.slice(1, -1)]
  const type = signs[label[0]!]!
  const name = label.slice(1)
  return [type, type === 'hidden' ? Number(name) : name]
}

/** For heaps that a loop makes. */
export class HeapBuilder {
  readonly heap: Heap = {
    nodes: [{ name: 'root', type: 'synthetic', className: '', size: 0, id: 1 }],
    edges: [],
  }
  readonly #indexes = new Map([['root', 0]])

  node(name: string, className = name, size = 16, type = 'object'): number {
    if (this.#indexes.has(name)) throw new Error(`${name} is there already`)
    const index = this.heap.nodes.length
    this.heap.nodes.push({ name, type, className, size, id: index * 2 + 1 })
    this.#indexes.set(name, index)
    return index
  }

  edge(from: string, type: string, label: string | number, to: string): void {
    this.heap.edges.push({ from: this.#indexOf(from), to: this.#indexOf(to), type, label })
  }

  #indexOf(name: string): number {
    return this.#indexes.get(name) ?? this.node(name)
  }
}

export interface FileOptions {
  /** Fields in another order, and others between them, as no version yet writes them. */
  nodeFields?: string[]
  edgeFields?: string[]
  /** Puts the root elsewhere than first: at this index. */
  rootAt?: number
  /** Node 24 and 26 write no `trace_node_id`. */
  traceNodeIds?: boolean
  locations?: { node: string; script: number; line: number; column: number }[]
}

/** The id a node of the heap has in its file. */
export function idOf(heap: Heap, name: string): number {
  return nodeNamed(heap, name).id
}

export function nodeNamed(heap: Heap, name: string): HeapNode {
  const node = heap.nodes.find((each) => each.name === name)
  if (!node) throw new Error(`the heap has no node ${name}`)
  return node
}

/** The file, as text. */
export function snapshotText(heap: Heap, options: FileOptions = {}): string {
  const nodeFields = options.nodeFields ?? [
    'type',
    'name',
    'id',
    'self_size',
    'edge_count',
    ...(options.traceNodeIds === false ? [] : ['trace_node_id']),
    'detachedness',
  ]
  const edgeFields = options.edgeFields ?? ['type', 'name_or_index', 'to_node']
  const order = orderOf(heap, options.rootAt ?? 0)
  const positions = new Map(order.map((node, position) => [node, position]))
  const strings = new StringTable()

  const outgoing = heap.nodes.map((): HeapEdge[] => [])
  for (const edge of heap.edges) outgoing[edge.from]!.push(edge)
  const nodes: number[] = []
  const edges: number[] = []
  for (const index of order) {
    const node = heap.nodes[index]!
    const fields: Record<string, number> = {
      type: nodeTypes.indexOf(node.type),
      name: strings.indexOf(node.className),
      id: node.id,
      self_size: node.size,
      edge_count: outgoing[index]!.length,
    }
    nodes.push(...nodeFields.map((field) => fields[field] ?? 0))
    for (const edge of outgoing[index]!) {
      const { label } = edge
      const values: Record<string, number> = {
        type: edgeTypes.indexOf(edge.type),
        name_or_index: typeof label === 'number' ? label : strings.indexOf(label),
        to_node: positions.get(edge.to)! * nodeFields.length,
      }
      edges.push(...edgeFields.map((field) => values[field] ?? 0))
    }
  }
  const locations = (options.locations ?? []).flatMap(({ node, script, line, column }) => {
    const index = heap.nodes.findIndex((each) => each.name === node)
    return [positions.get(index)! * nodeFields.length, script, line, column]
  })
  const kinds = { type: nodeTypes, name: 'string' } as Record<string, unknown>
  const edgeKinds = { type: edgeTypes, name_or_index: 'string_or_number', to_node: 'node' }
  const meta = {
    node_fields: nodeFields,
    node_types: nodeFields.map((field) => kinds[field] ?? 'number'),
    edge_fields: edgeFields,
    edge_types: edgeFields.map(
      (field) => (edgeKinds as Record<string, unknown>)[field] ?? 'number',
    ),
    trace_function_info_fields: [],
    trace_node_fields: [],
    sample_fields: [],
    location_fields: ['object_index', 'script_id', 'line', 'column'],
  }
  const snapshot = {
    meta,
    node_count: heap.nodes.length,
    edge_count: heap.edges.length,
    trace_function_count: 0,
    ...(options.rootAt ? { root_index: options.rootAt * nodeFields.length } : {}),
  }
  // In V8's own layout: a reader that relies on one line per node would be wrong all the same.
  return (
    `{"snapshot":${JSON.stringify(snapshot)},\n"nodes":[${nodes.join(',')}],\n` +
    `"edges":[${edges.join(',')}],\n"trace_function_infos":[],\n"trace_tree":[],\n` +
    `"samples":[],\n"locations":[${locations.join(',')}],\n` +
    `"strings":${JSON.stringify(strings.all)}}`
  )
}

function orderOf(heap: Heap, rootAt: number): number[] {
  const others = heap.nodes.map((_, index) => index).slice(1)
  return [...others.slice(0, rootAt), 0, ...others.slice(rootAt)]
}

class StringTable {
  readonly all: string[] = ['<dummy>']
  readonly #indexes = new Map<string, number>()

  indexOf(text: string): number {
    let index = this.#indexes.get(text)
    if (index === undefined) {
      index = this.all.push(text) - 1
      this.#indexes.set(text, index)
    }
    return index
  }
}
