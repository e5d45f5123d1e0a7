import {
  captureHeap,
  captureHeapSync,
  census,
  collect,
  HeapGraph,
  readHeapSnapshot,
} from 'heapscope'
import v8 from 'node:v8'
import { expect, test } from 'vitest'
import { native } from '../../dist/native.js'
import { runProgram } from '../support/fixture.js'
import { graphOf, scratchDirectory, writeRichSnapshot } from '../support/snapshots.js'

const scratch = scratchDirectory()

class Parcel {
  weight = 1.5
}

const parcels = Array.from({ length: 1000 }, () => new Parcel())
const released = expect.objectContaining({ code: 'ERR_HEAPSCOPE_RELEASED' })

const modes = ['twin', 'in-process'] as const
test.each(modes)('a capture counts the live objects of a class: %s', async (mode) => {
  const graph = await captureHeap({ mode })
  const row = graph.classes().find(({ className }) => className === 'Parcel')
  expect(row!.count).toBe(parcels.length)
  const nodes = [...graph.nodes({ className: 'Parcel' })]
  expect(nodes).toHaveLength(parcels.length)
  const third = [...graph.nodes({ className: 'Parcel', every: 3 })].map(({ id }) => id)
  expect(third).toEqual(nodes.flatMap(({ id }, i) => (i % 3 === 0 ? [id] : [])))
  expect(() => [...graph.nodes({ every: 0 })]).toThrow(RangeError)
  const { info } = graph
  expect(info.mode).toBe(mode)
  expect(info.nodes).toBeGreaterThan(10_000)
  expect(info.edges).toBeGreaterThan(info.nodes)
  expect(info.pauseMs).toBeGreaterThan(0)
  expect(info.totalMs).toBeGreaterThanOrEqual(info.pauseMs)
  expect(info.memoryBytes).toBeGreaterThan(0)
  // What V8 takes for its snapshot is many times the graph.
  if (mode === 'in-process') expect(info.peakBytes).toBeGreaterThan(info.memoryBytes)
})

test('a live capture names nodes and edges as the file of the same moment does', async () => {
  const long = 'long'.repeat(1000)
  class Größe {
    [property: string]: unknown
    constructor() {
      Object.assign(this, { Ärger: new Parcel(), [long]: new Parcel() })
      // Names that V8 makes of numbers, and a table of names that nothing else has.
      this.list = Array.from({ length: 5000 }, (_, i) => (i % 10 === 0 ? new Parcel() : i))
      this.table = new Map(Array.from({ length: 5000 }, (_, i) => [`key ${i}`, new Parcel()]))
      this.many = Object.fromEntries(
        Array.from({ length: 5000 }, (_, i) => [`p${i}é`, new Parcel()]),
      )
    }
  }
  const held = new Größe()
  const file = scratch('names.heapsnapshot')
  const live = captureHeapSync()
  // As where V8's layout is unknown.
  const OfHandle = HeapGraph as unknown as new (handle: object, origin: object) => HeapGraph
  const asked = new OfHandle(native.captureGraphSync(false, undefined, false), live.info)
  v8.writeHeapSnapshot(file)
  const read = await readHeapSnapshot(file)
  const namesBelow = (graph: HeapGraph) => {
    const [node] = graph.nodes({ className: 'Größe' })
    const edges = [...graph.referents(node!)]
    const deeper = edges.filter(({ name }) => ['list', 'table', 'many'].includes(String(name)))
    const below = deeper.flatMap(({ node }) => [...graph.referents(node)])
    const stores = below.filter(({ type }) => type === 'internal')
    const inStores = stores.flatMap(({ node }) => [...graph.referents(node)])
    return [...edges, ...below, ...inStores].map(
      ({ type, name, node }) => `${type} ${name} ${node.className}`,
    )
  }
  expect(namesBelow(live).length).toBeGreaterThan(10_000)
  expect(namesBelow(live)).toEqual(namesBelow(read))
  expect(namesBelow(asked)).toEqual(namesBelow(read))
  expect(held.list).toHaveLength(5000)
})

// V8 writes other characters into its file.
test('a live capture knows characters beyond the first plane', () => {
  const held = { '😀': new Parcel() }
  const graph = captureHeapSync({ objects: { held } })
  const names = [...graph.referents(graph.nodeOf(held)!)].map(({ name }) => name)
  expect(names).toContain('😀')
})

test('the graph keeps nothing alive, and nothing of the tool is in it', () => {
  const make = () => {
    const parcel = new Parcel()
    return { ref: new WeakRef(parcel), graph: captureHeapSync({ objects: { parcel } }) }
  }
  const { ref, graph } = make()
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collect()
    expect(ref.deref()).toBeUndefined()
    expect([...graph.nodes({ className: 'Parcel' })]).toHaveLength(parcels.length + 1)
    expect([...captureHeapSync().nodes({ className: 'HeapGraph' })].length).toBeLessThan(10)
  })
})

test('objects named beforehand are found, others only where ids were kept', async () => {
  const [first, second] = parcels
  const graph = await captureHeap({ objects: { first: first! } })
  expect(graph.nodeOf(first!)).toMatchObject({ className: 'Parcel' })
  expect(() => graph.nodeOf(second!)).toThrow(
    expect.objectContaining({ code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH' }),
  )
  const kept = captureHeapSync({ keepIds: true })
  expect(kept.nodeOf(second!)).toMatchObject({ className: 'Parcel' })
  expect(kept.nodeOf(new Parcel())).toBeNull()
  captureHeapSync()
})

test('a budget that does not suffice is refused beforehand, with both figures', async () => {
  const refused = expect.objectContaining({
    code: 'ERR_HEAPSCOPE_BUDGET',
    message: expect.stringMatching(/about [\d.]+ [kMG]?B of memory, but maxMemory is 1 kB/),
  })
  await expect(captureHeap({ maxMemory: 1000 })).rejects.toEqual(refused)
  expect(() => captureHeapSync({ maxMemory: 1000 })).toThrow(refused)
  const file = writeRichSnapshot(scratch('rich.heapsnapshot'))
  await expect(readHeapSnapshot(file, { maxMemory: 1000 })).rejects.toEqual(refused)
  await expect(captureHeap({ timeoutMs: 0.001 })).rejects.toMatchObject({
    code: 'ERR_HEAPSCOPE_BUDGET',
    message: expect.stringMatching(/pause this thread for about \d+ ms, but timeoutMs is 0\.001/),
  })
})

test('work ends with its signal', async () => {
  const reason = new Error('enough')
  const aborted = { code: 'ERR_HEAPSCOPE_ABORTED', cause: reason }
  const before = AbortSignal.abort(reason)
  await expect(captureHeap({ signal: before })).rejects.toMatchObject(aborted)
  await expect(readHeapSnapshot(['{'], { signal: before })).rejects.toMatchObject(aborted)
  const graph = await graphOf('root => global')
  await expect(graph.cycles({ signal: before })).rejects.toMatchObject(aborted)

  const controller = new AbortController()
  const capture = captureHeap({ signal: controller.signal })
  controller.abort(reason)
  await expect(capture).rejects.toMatchObject(aborted)

  // Between the chunks of a stream too.
  const reading = new AbortController()
  async function* endless(): AsyncGenerator<string> {
    yield '{"snapshot":'
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      reading.abort(reason)
      yield ' '
    }
  }
  const stream = readHeapSnapshot(endless(), { signal: reading.signal })
  await expect(stream).rejects.toMatchObject(aborted)
})

test('progress is told, and what the listener throws ends the work', async () => {
  const stages = new Set<string>()
  let chunks = 0
  async function* slow(): AsyncGenerator<Buffer> {
    for (; chunks < 5; chunks++) yield Buffer.alloc(1 << 20, ' ')
  }
  await readHeapSnapshot(slow()).catch(() => undefined)
  const file = writeRichSnapshot(scratch('progress.heapsnapshot'))
  await readHeapSnapshot(file, { onProgress: ({ stage }) => stages.add(stage) })
  for (const stage of stages) expect(typeof stage).toBe('string')
  await expect(readHeapSnapshot(file, { onProgress: 1 as never })).rejects.toThrow(TypeError)
})

test('a graph disposed of answers nothing any more', async () => {
  const graph = await graphOf('root => global')
  const { root } = graph
  graph[Symbol.dispose]()
  graph[Symbol.dispose]()
  expect(() => graph.info).toThrow(released)
  expect(() => graph.classes()).toThrow(released)
  expect(() => [...graph.nodes()]).toThrow(released)
  expect(() => graph.retainedSize(root)).toThrow(released)
  await expect(graph.cycles()).rejects.toEqual(released)
  await expect(graph.save(scratch('released'))).rejects.toEqual(released)
})

test('a node of another graph is refused', async () => {
  const one = await graphOf('root => global\nglobal .a A\nA .b B')
  const other = await graphOf('x: X 8\nroot => x')
  const [b] = one.nodes({ className: 'B' })
  const foreign = expect.objectContaining({ code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH' })
  expect(() => other.referrers(b!)).toThrow(foreign)
  expect(() => other.retainedSize(99999)).toThrow(foreign)
  expect(other.node(99999)).toBeNull()
  expect(() => other.retainedSize({} as never)).toThrow(TypeError)
})

test('what is to be there at once cannot come from a twin', () => {
  expect(() => captureHeapSync({ mode: 'twin' })).toThrow(
    expect.objectContaining({ code: 'ERR_HEAPSCOPE_UNSUPPORTED' }),
  )
})

test.each<[string, () => unknown]>([
  ['captureHeapSync', () => captureHeapSync({ mod: 'auto' } as never)],
  ['a mode', () => captureHeapSync({ mode: 'fast' as never })],
  ['maxMemory', () => captureHeapSync({ maxMemory: '1' as never })],
  ['keepIds', () => captureHeapSync({ keepIds: 1 as never })],
  ['objects', () => captureHeapSync({ objects: { a: 1 as never } })],
  ['a path', () => HeapGraph.open('')],
])('a wrong argument is a TypeError: %s', (_, call) => {
  expect(call).toThrow(TypeError)
})

test('a capture while DevTools records allocations ends the recording, not the process', async () => {
  const { code, stdout, stderr } = await runProgram(`
    const { captureHeapSync } = require('heapscope')
    const { Session } = require('node:inspector')
    const session = new Session()
    session.connect()
    session.post('HeapProfiler.enable')
    session.post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true })
    console.log(captureHeapSync().info.nodes > 1000)
    for (let i = 0, held = []; i < 1e6; i++) held.push({ i })
    session.post('HeapProfiler.stopTrackingHeapObjects', (error) => console.log(error))`)
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true\nnull\n', stderr: '' })
})

test('an object that was named leaves no trace in later graphs, once the first is disposed of', async () => {
  const named = new (class Named {})()
  for (let i = 0; i < 3; i++) {
    const graph = await captureHeap({ objects: { named } })
    expect(graph.refCounts(graph.nodeOf(named)!).weak).toBe(0)
    graph[Symbol.dispose]()
    expect(() => graph.nodeOf({})).toThrow(released)
  }
})

test('of references so many as are asked for become an array', async () => {
  const graph = await graphOf('root => global\nglobal .a A\nglobal .b A')
  const referents = graph.referents(graph.root)
  expect(referents.toArray(0)).toEqual([])
  for (const limit of [-1, 1.5, NaN]) expect(() => referents.toArray(limit)).toThrow(RangeError)
  for (const limit of [null, {}, Symbol()]) {
    expect(() => referents.toArray(limit as never)).toThrow(TypeError)
  }
})

test('a census counts live objects by class', () => {
  const row = census().find(({ className }) => className === 'Parcel')
  expect(row!.count).toBe(parcels.length)
})

test('referrers come from an index that another thread can build', async () => {
  const graph = await graphOf('root => global\nglobal .a A\nglobal .b A')
  await graph.prepareReferrers()
  const [a] = graph.nodes({ className: 'A' })
  const referrers = graph.referrers(a!)
  expect(referrers.total).toBe(2)
  expect([...referrers].map(({ name }) => name)).toEqual(['a', 'b'])
})

test('graphs are made by captures and files alone', () => {
  const Graph = HeapGraph as unknown as new (handle?: unknown) => HeapGraph
  for (const handle of [undefined, null, 5, {}, Object.create(null)]) {
    expect(() => new Graph(handle)).toThrow(/^a HeapGraph comes from captureHeap/)
  }
})
