import { HeapBuilder, type Heap } from './heap-dsl.js'

/** The shapes at which algorithms for heaps have gone wrong (`algorithms.md` §5.1), at any size. */
export const shapes: Record<string, (n: number) => Heap> = {
  'a long chain': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'n0')
      for (let i = 0; i + 1 < n; i++) b.edge(`n${i}`, 'property', 'next', `n${i + 1}`)
    }),
  'a binary tree': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'n0')
      for (let i = 1; i < n; i++) b.edge(`n${(i - 1) >> 1}`, 'property', `c${i & 1}`, `n${i}`)
    }),
  'a ladder of diamonds': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'n0')
      for (let i = 0; i + 3 < n; i += 3) {
        b.edge(`n${i}`, 'property', 'left', `n${i + 1}`)
        b.edge(`n${i}`, 'property', 'right', `n${i + 2}`)
        b.edge(`n${i + 1}`, 'property', 'down', `n${i + 3}`)
        b.edge(`n${i + 2}`, 'property', 'down', `n${i + 3}`)
      }
    }),
  'an LRU list with its map': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'cache')
      b.edge('cache', 'property', 'map', 'map')
      b.edge('cache', 'property', 'first', 'n0')
      b.edge('cache', 'property', 'last', `n${n - 1}`)
      for (let i = 0; i < n; i++) {
        b.edge('map', 'element', i, `n${i}`)
        if (i + 1 < n) b.edge(`n${i}`, 'property', 'next', `n${i + 1}`)
        if (i > 0) b.edge(`n${i}`, 'property', 'previous', `n${i - 1}`)
      }
    }),
  'a queue with a registry, queue first': (n) => queueWithRegistry(n, true),
  'a queue with a registry, registry first': (n) => queueWithRegistry(n, false),
  'everything refers to everything': (n) =>
    built((b) => {
      const side = Math.max(2, Math.floor(Math.sqrt(n)))
      b.edge('root', 'shortcut', 'global / ', 'g')
      for (let i = 0; i < side; i++) {
        b.edge('g', 'element', i, `l${i}`)
        for (let j = 0; j < side; j++) b.edge(`l${i}`, 'element', j, `r${j}`)
      }
    }),
  'loops that can be entered twice': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'g')
      for (let i = 0; i < n; i++) {
        b.edge('g', 'element', i, `n${i}`)
        b.edge(`n${i}`, 'property', 'next', `n${(i + 1) % n}`)
        b.edge(`n${i}`, 'property', 'previous', `n${(i + n - 1) % n}`)
        b.edge(`n${i}`, 'property', 'own', `o${i}`)
      }
    }),
  'self and parallel references': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'n0')
      for (let i = 0; i + 1 < n; i++) {
        b.edge(`n${i}`, 'property', 'self', `n${i}`)
        for (const name of ['a', 'b', 'c']) b.edge(`n${i}`, 'property', name, `n${i + 1}`)
      }
    }),
  'a part that nothing reaches': (n) =>
    built((b) => {
      b.edge('root', 'shortcut', 'global / ', 'n0')
      b.edge('n0', 'weak', 'target', 'w0')
      for (let i = 0; i + 1 < n; i++) {
        b.edge(`n${i}`, 'property', 'next', `n${i + 1}`)
        b.edge(`w${i}`, 'property', 'next', `w${i + 1}`)
        b.edge(`w${i}`, 'property', 'known', `n${i}`)
        b.edge(`w${i + 1}`, 'property', 'back', `w${i}`)
      }
    }),
  'several roots': (n) =>
    built((b) => {
      b.node('roots', '(GC roots)', 0, 'synthetic')
      b.node('stack', '(Stack roots)', 0, 'synthetic')
      b.edge('root', 'element', 1, 'roots')
      b.edge('root', 'shortcut', 'global / ', 'global')
      b.edge('roots', 'element', 1, 'stack')
      for (let i = 0; i < n; i++) {
        b.edge(i % 2 ? 'stack' : 'global', 'element', i, `n${i}`)
        b.edge(`n${i}`, 'property', 'shared', `s${i >> 1}`)
        b.edge(`n${i}`, 'property', 'own', `o${i}`)
      }
    }),
  ephemerons: (n) =>
    built((b) => {
      b.node('weakmap', 'WeakMap', 24)
      const table = b.node('table', '', 100, 'array')
      const tableId = b.heap.nodes[table]!.id
      b.edge('root', 'shortcut', 'global / ', 'global')
      b.edge('global', 'property', 'weakmap', 'weakmap')
      b.edge('weakmap', 'internal', 'table', 'table')
      b.edge('global', 'property', 'key', 'k0')
      for (let i = 0; i < n; i++) {
        const key = b.heap.nodes[b.node(`v${i}`, 'Value', 40)]!.id
        const pair = ` / part of key (Key @${key}) -> value (Value @${key}) pair in WeakMap (table @${tableId})`
        b.edge(`k${i}`, 'internal', `1${pair}`, `v${i}`)
        b.edge('table', 'internal', `2${pair}`, `v${i}`)
        b.edge('table', 'weak', String(i), `k${i}`)
        b.edge(`v${i}`, 'property', 'next', `k${i + 1}`)
      }
    }),
  "V8's own structures": (n) =>
    built((b) => {
      b.node('code', 'code', 100, 'code')
      b.edge('root', 'shortcut', 'global / ', 'global')
      for (let i = 0; i < n; i++) {
        b.node(`map${i}`, 'system / Map', 80, 'hidden')
        b.node(`elements${i}`, '(object elements)', 64, 'array')
        b.edge('global', 'element', i, `n${i}`)
        b.edge(`n${i}`, 'internal', 'map', `map${i >> 1}`)
        b.edge(`n${i}`, 'internal', 'elements', `elements${i}`)
        b.edge(`elements${i}`, 'internal', '0', `n${(i * 7) % n}`)
        b.edge(`map${i}`, 'hidden', 1, 'code')
      }
    }),
}

function queueWithRegistry(n: number, queueFirst: boolean): Heap {
  return built((b) => {
    b.edge('root', 'shortcut', 'global / ', 'g')
    const parts = ['queue', 'registry']
    for (const part of queueFirst ? parts : parts.reverse()) b.edge('g', 'property', part, part)
    b.edge('queue', 'property', 'head', 'n0')
    for (let i = 0; i < n; i++) {
      b.edge('registry', 'element', queueFirst ? i : n - 1 - i, `n${queueFirst ? i : n - 1 - i}`)
      if (i + 1 < n) b.edge(`n${i}`, 'property', 'next', `n${i + 1}`)
    }
  })
}

function built(build: (builder: HeapBuilder) => void): Heap {
  const builder = new HeapBuilder()
  build(builder)
  // n0, n1, … are of one class: what a class retains depends on which of them are inside others.
  for (const node of builder.heap.nodes) node.className = node.className.replace(/\d+$/, '')
  return builder.heap
}
