import { lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { captureHeapSync, HeapGraph, readHeapSnapshot, type HeapNode } from 'heapscope'
import { expect, test } from 'vitest'
import { graphOf, scratchDirectory, writeRichSnapshot } from '../support/snapshots.js'

const scratch = scratchDirectory()

const secretive = `
  password: string/correct horse battery staple 48
  joined: concatenated string/a secret as well 32
  number: number/4711 16
  root => global
  global .user User
  User .password password
  User .joined joined
  User .pin number
`

test('a saved graph answers as the one it was saved from', async () => {
  const graph = await readHeapSnapshot(writeRichSnapshot(scratch('rich.heapsnapshot')))
  const file = scratch('rich.heapgraph')
  await graph.save(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)

  using opened = HeapGraph.open(file)
  expect(opened.classes()).toEqual(graph.classes())
  const answers = async (from: HeapGraph, node: HeapNode) => ({
    node,
    dominator: from.dominator(node),
    counts: from.refCounts(node),
    referrers: from.referrers(node).toArray(50),
    referents: from.referents(node).toArray(50),
    dominated: [...from.dominated(node)].slice(0, 50),
    paths: await from.retainingPaths(node, { limit: 2 }),
  })
  const nodes = [...graph.nodes()]
  for (let i = 0; i < nodes.length; i += Math.floor(nodes.length / 100)) {
    const node = nodes[i]!
    expect(await answers(opened, opened.node(node.id)!)).toEqual(await answers(graph, node))
  }
  expect(await opened.cycles()).toEqual(await graph.cycles())
  const { nodes: count, edges, bytes, classes } = graph.info
  expect(opened.info).toMatchObject({ nodes: count, edges, bytes, classes, mode: 'saved' })
})

test('a written snapshot tells lengths, not contents, of strings and numbers', async () => {
  const graph = await graphOf(secretive)
  const file = scratch('redacted.heapsnapshot')
  await graph.writeHeapSnapshot(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = readFileSync(file, 'utf8')
  for (const secret of ['horse', 'staple', 'secret as well', '4711']) {
    expect(text).not.toContain(secret)
  }
  for (const kept of ['User', 'password', 'joined', 'global']) expect(text).toContain(kept)

  const reread = await readHeapSnapshot(file)
  expect(reread.classes()).toEqual(graph.classes())
  const [password] = [...reread.nodes({ className: '(string)' })]
  expect(password!.name).toContain('28')
})

test("with strings: 'keep' it tells them", async () => {
  const graph = await graphOf(secretive)
  const file = scratch('kept.heapsnapshot')
  await graph.writeHeapSnapshot(file, { strings: 'keep' })
  const reread = await readHeapSnapshot(file)
  expect([...reread.nodes()]).toEqual([...graph.nodes()])
  expect(readFileSync(file, 'utf8')).toContain('correct horse battery staple')
})

test('names of classes and properties that are no plain text are written as they are', async () => {
  const odd = 'a "quoted"\\ \u0001\u2028 größe 日本 😀'
  const { HeapBuilder } = await import('../support/heap-dsl.js')
  const builder = new HeapBuilder()
  builder.node('odd', odd, 8)
  builder.edge('root', 'shortcut', 'global / ', 'global')
  builder.edge('global', 'property', odd, 'odd')
  const graph = await graphOf(builder.heap)
  const file = scratch('odd.heapsnapshot')
  await graph.writeHeapSnapshot(file)
  const reread = await readHeapSnapshot(file)
  expect([...reread.nodes({ className: odd })]).toHaveLength(1)
  expect(reread.referents(reread.root).toArray()[0]!.node.className).toBe('global')
  expect(JSON.parse(readFileSync(file, 'utf8')).strings).toContain(odd)
})

test('saving over a file replaces it as a whole', async () => {
  const file = scratch('twice.heapgraph')
  await (await graphOf(secretive)).save(file)
  const first = HeapGraph.open(file)
  await (await graphOf('root => global')).save(file)
  // The one opened before has its own mapping.
  expect([...first.nodes({ className: 'User' })]).toHaveLength(1)
  expect([...HeapGraph.open(file).nodes({ className: 'User' })]).toHaveLength(0)
})

test('a link to a file is replaced, not what it leads to', async () => {
  const [file, link] = [scratch('linked.heapgraph'), scratch('link.heapgraph')]
  await (await graphOf(secretive)).save(file)
  symlinkSync(file, link)
  await (await graphOf('root => global')).save(link)
  expect(lstatSync(link).isSymbolicLink()).toBe(false)
  expect([...HeapGraph.open(link).nodes({ className: 'User' })]).toHaveLength(0)
  expect([...HeapGraph.open(file).nodes({ className: 'User' })]).toHaveLength(1)
})

test('of a capture, which does not read strings, no lengths are written', async () => {
  const held = ['a string of a program', Math.random().toString(36)]
  const file = scratch('captured.heapsnapshot')
  await captureHeapSync().writeHeapSnapshot(file)
  const written = await readHeapSnapshot(file)
  const names = new Set([...written.nodes({ className: '(string)' })].map(({ name }) => name))
  expect([...names]).toEqual(['(not captured)'])
  expect(held).toHaveLength(2)
})
