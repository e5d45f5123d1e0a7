// A snapshot of any number of nodes, written in passes through a buffer: nothing grows with it.
import { closeSync, openSync, writeSync } from 'node:fs'

const nodeTypes = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number']
const edgeTypes = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak']
const strings = [
  ...['', 'global', 'Table', 'system / Map', 'Order', 'Customer', 'Array', 'a note', 'a name'],
  ...['Address', '(object elements)', 'Item', 'customer', 'items', 'note', 'next', 'map', 'name'],
  ...['address', 'friend', 'elements', 'owner', 'order', 'tables', 'first', 'global / '],
]
const fields = 6
const [ARRAY, STRING, OBJECT, HIDDEN] = [1, 2, 3, 0]
const [ELEMENT, PROPERTY, INTERNAL, SHORTCUT] = [1, 2, 3, 5]
const s = (text) => strings.indexOf(text)

/** Orders come in blocks of eight nodes, a table of 1000 blocks holds them, `global` the tables. */
const perTable = 1000
const block = [
  // type, name, size, and its edges: type, name, target (a place in the block, or a function)
  [OBJECT, s('Order'), 56, ['customer 1', 'items 2', 'note 3', 'next +', 'map m']],
  [OBJECT, s('Customer'), 40, ['name 4', 'address 5', 'friend ~', 'map m']],
  [OBJECT, s('Array'), 32, ['elements 6', '0 7', 'map m']],
  [STRING, s('a note'), 48, ['map m']],
  [STRING, s('a name'), 40, ['map m']],
  [OBJECT, s('Address'), 32, ['owner 1', 'map m']],
  [ARRAY, s('(object elements)'), 32, ['0 7', '1 ~', 'map m']],
  [OBJECT, s('Item'), 40, ['order 0', 'first ~', 'map m']],
].map(toNode)
const edgesPerBlock = block.reduce((sum, { edges }) => sum + edges.length, 0)

/** Rounds up to whole tables. Returns what it wrote. */
export function writeSyntheticSnapshot(file, wanted) {
  const tables = Math.max(1, Math.round(wanted / (perTable * block.length + 1)))
  const blocks = tables * perTable
  const first = 3 // root, global, the one hidden class; then tables, then blocks
  const blocksAt = first + tables
  const nodes = blocksAt + blocks * block.length
  const edges = 1 + (tables + 1) + blocks + blocks * edgesPerBlock
  const out = new Writer(file)
  const meta = {
    node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
    node_types: [[...nodeTypes, 'native', 'synthetic'], 'string', ...Array(4).fill('number')],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [edgeTypes, 'string_or_number', 'node'],
    trace_function_info_fields: [],
    trace_node_fields: [],
    sample_fields: [],
    location_fields: ['object_index', 'script_id', 'line', 'column'],
  }
  const counts = { node_count: nodes, edge_count: edges, trace_function_count: 0 }
  out.text(`{"snapshot":${JSON.stringify({ meta, ...counts })},\n"nodes":[`)
  let id = 1
  const node = (type, name, size, edgeCount) => {
    out.numbers(id > 1, type, name, id, size, edgeCount, 0)
    id += 2
  }
  node(9, s(''), 0, 1)
  node(OBJECT, s('global'), 24, tables + 1)
  node(HIDDEN, s('system / Map'), 80, 0)
  for (let t = 0; t < tables; t++) node(ARRAY, s('Table'), 8016, perTable)
  for (let b = 0; b < blocks; b++) {
    for (const each of block) node(each.type, each.name, each.size, each.edges.length)
  }
  out.text('],\n"edges":[')
  let any = false
  const edge = (type, name, to) => {
    out.numbers(any, type, name, to * fields)
    any = true
  }
  edge(SHORTCUT, s('global / '), 1)
  for (let t = 0; t < tables; t++) edge(ELEMENT, t, first + t)
  edge(INTERNAL, s('map'), 2)
  for (let b = 0; b < blocks; b++) edge(INTERNAL, s('order'), blocksAt + b * block.length)
  let random = 1
  for (let b = 0; b < blocks; b++) {
    const base = blocksAt + b * block.length
    for (let i = 0; i < block.length; i++) {
      for (const { type, name, to } of block[i].edges) {
        if (to >= 0) edge(type, name, base + to)
        else if (to === -1) edge(type, name, 2)
        else if (to === -2) edge(type, name, b + 1 < blocks ? base + block.length : blocksAt)
        else {
          random = (Math.imul(random, 1664525) + 1013904223) >>> 0
          // One in five leads anywhere before, which makes one such reference in 14 nodes: as many
          // as the shop's heap has. The others stay near, as most do.
          const reach = random % 5 === 0 ? b + 1 : Math.min(b + 1, 64)
          const other = b - Math.floor((random / 2 ** 32) * reach)
          edge(type, name, blocksAt + other * block.length)
        }
      }
    }
  }
  out.text('],\n"trace_function_infos":[],\n"trace_tree":[],\n"samples":[],\n"locations":[],\n')
  out.text(`"strings":${JSON.stringify(strings)}}`)
  out.close()
  return { nodes, edges }
}

/** @param {any[]} row */
function toNode([type, name, size, edges]) {
  return { type, name, size, edges: edges.map(edgeOf) }
}

function edgeOf(text) {
  const [name, target] = text.split(' ')
  const to = { m: -1, '+': -2, '~': -3 }[target] ?? Number(target)
  if (/^\d/.test(name)) return { type: ELEMENT, name: Number(name), to }
  return { type: ['map', 'elements'].includes(name) ? INTERNAL : PROPERTY, name: s(name), to }
}

class Writer {
  #file
  #buffer = Buffer.allocUnsafe(1 << 22)
  #used = 0
  #digits = new Uint8Array(16)

  constructor(file) {
    this.#file = openSync(file, 'w')
  }

  text(text) {
    this.#flush()
    writeSync(this.#file, text)
  }

  numbers(comma, ...numbers) {
    if (this.#used > this.#buffer.length - 200) this.#flush()
    for (const number of numbers) {
      if (comma) this.#buffer[this.#used++] = 44
      comma = true
      this.#number(number)
    }
  }

  close() {
    this.#flush()
    closeSync(this.#file)
  }

  #number(number) {
    let count = 0
    do {
      this.#digits[count++] = 48 + (number % 10)
      number = Math.floor(number / 10)
    } while (number > 0)
    while (count > 0) this.#buffer[this.#used++] = this.#digits[--count]
  }

  #flush() {
    let from = 0
    while (from < this.#used) from += writeSync(this.#file, this.#buffer, from, this.#used - from)
    this.#used = 0
  }
}
