import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { HeapGraph, HeapscopeError, readHeapSnapshot } from 'heapscope'
import { expect, test } from 'vitest'
import { native } from '../../dist/native.js'
import { runProgram } from '../support/fixture.js'
import { heap, snapshotText } from '../support/heap-dsl.js'
import { graphOf, scratchDirectory } from '../support/snapshots.js'

const scratch = scratchDirectory()

const text = snapshotText(
  heap(`
    root => global
    global .cache Cache
    Cache [0] Order
    Order .note Note
    Note: string/größer als "alles" \\ 40
    Order ~weak Cache
  `),
)

async function refusal(attempt: Promise<unknown>): Promise<HeapscopeError> {
  const error: unknown = await attempt.then(
    () => new Error('nothing was refused'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(HeapscopeError)
  return error as HeapscopeError
}

// A graph beyond what can be numbered is refused as too large.
const damaged = /^ERR_HEAPSCOPE_(SNAPSHOT_TRUNCATED|SNAPSHOT_INVALID|MEMORY)$/

test('a file cut off at any byte is refused, and says where', async () => {
  const bytes = Buffer.from(text)
  for (let length = 0; length < bytes.length; length++) {
    const error = await refusal(readHeapSnapshot([bytes.subarray(0, length)]))
    expect(error.code, `${length} bytes`).toMatch(damaged)
    if (length > 0) expect(error.offset, `${length} bytes`).toBeLessThanOrEqual(length)
  }
})

test('a file cut off in a string of megabytes tells its own length', async () => {
  const file = scratch('cut')
  const start = text.indexOf('"strings"')
  writeFileSync(file, `${text.slice(0, text.indexOf('[', start))}["${'a'.repeat(5_500_000)}`)
  const error = await refusal(readHeapSnapshot(file))
  expect(error).toMatchObject({
    code: 'ERR_HEAPSCOPE_SNAPSHOT_TRUNCATED',
    offset: statSync(file).size,
  })
})

test.skipIf(process.platform === 'win32')('a pipe is refused instead of waited for', async () => {
  const pipe = scratch('pipe')
  execFileSync('mkfifo', [pipe])
  expect((await refusal(readHeapSnapshot(pipe))).code).toBe('ERR_HEAPSCOPE_IO')
  expect(() => HeapGraph.open(pipe)).toThrow(expect.objectContaining({ code: 'ERR_HEAPSCOPE_IO' }))
})

test('it makes no difference where the chunks of a stream end', async () => {
  const bytes = Buffer.from(text)
  const whole = await readHeapSnapshot([bytes])
  for (const size of [1, 2, 3, 7, 64]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    const graph = await readHeapSnapshot(chunks)
    expect([...graph.nodes()], `chunks of ${size}`).toEqual([...whole.nodes()])
  }
  const letters = await readHeapSnapshot(Array.from({ length: text.length }, (_, i) => text[i]!))
  expect([...letters.nodes()]).toEqual([...whole.nodes()])
  const stream = await readHeapSnapshot(Readable.from([text.slice(0, 100), text.slice(100)]))
  expect([...stream.nodes()]).toEqual([...whole.nodes()])
})

const parsed = () => JSON.parse(text)

const spoilt: Record<string, (file: any) => void> = {
  'more nodes in the header than there are': (file) => file.snapshot.node_count++,
  'fewer nodes in the header than there are': (file) => file.snapshot.node_count--,
  'more edges in the header than there are': (file) => file.snapshot.edge_count++,
  'fewer edges in the header than there are': (file) => file.snapshot.edge_count--,
  'a huge count in the header': (file) => (file.snapshot.node_count = 2 ** 53),
  'a negative count in the header': (file) => (file.snapshot.node_count = -1),
  'a target out of range': (file) => (file.edges[2] = 7 * 1000),
  'a target between nodes': (file) => (file.edges[2] = 3),
  'a negative target': (file) => (file.edges[2] = -7),
  'an edge type out of range': (file) => (file.edges[0] = 99),
  'a node type out of range': (file) => (file.nodes[0] = 99),
  'a name out of range': (file) => (file.nodes[8] = 10_000),
  'an edge name out of range': (file) => (file.edges[4] = 10_000),
  'a negative size': (file) => (file.nodes[10] = -8),
  'an edge count that does not add up': (file) => file.nodes[11]++,
  'no strings': (file) => delete file.strings,
  'no nodes': (file) => delete file.nodes,
  'no edges': (file) => delete file.edges,
  'no meta': (file) => delete file.snapshot.meta,
  'no id field': (file) => (file.snapshot.meta.node_fields[2] = 'identity'),
  'a string among the nodes': (file) => (file.nodes[3] = 'eight'),
  'an array among the nodes': (file) => (file.nodes[3] = [1]),
  'a number among the strings': (file) => (file.strings[1] = 5),
  'a fraction among the edges': (file) => (file.edges[2] = 7.5),
}

test.each(Object.entries(spoilt))('%s is refused', async (_, spoil) => {
  const file = parsed()
  spoil(file)
  const error = await refusal(readHeapSnapshot([JSON.stringify(file)]))
  expect(error.code).toMatch(damaged)
  expect(error.message.length).toBeGreaterThan(20)
})

test.each([
  ['an empty file', ''],
  ['another JSON file', '{"name":"heapscope","version":"0.1.0","nodes":[]}'],
  ['a JSON array', '[1,2,3]'],
  ['no JSON', '<!doctype html><p>not found</p>'],
  ['binary', '\u0000\u0001\u0002\u0003'],
])('%s is refused', async (_, content) => {
  expect((await refusal(readHeapSnapshot([content]))).code).toMatch(damaged)
  const file = scratch('other')
  writeFileSync(file, content)
  expect((await refusal(readHeapSnapshot(file))).code).toMatch(damaged)
})

test('a script that begins at a negative column is no damage', async () => {
  const file = parsed()
  file.snapshot.meta.location_fields = ['object_index', 'script_id', 'line', 'column']
  file.locations = [file.snapshot.meta.node_fields.length, 7, 0, -196]
  expect((await readHeapSnapshot([JSON.stringify(file)])).info.nodes).toBe(5)
  file.locations[0] = -6
  expect((await refusal(readHeapSnapshot([JSON.stringify(file)]))).code).toMatch(damaged)
})

test('what comes after the snapshot is refused, space is not', async () => {
  expect((await readHeapSnapshot([`${text}\n \n`])).info.nodes).toBe(5)
  expect((await refusal(readHeapSnapshot([`${text}{}`]))).code).toMatch(damaged)
})

test('fields in another order, new ones and a root elsewhere are read as the file says', async () => {
  const described = heap(`
    root => global
    global .cache Cache
    Cache .order Order
    Order: Order 100
  `)
  const expected = (await graphOf(described)).classes()
  const variants = [
    { traceNodeIds: false },
    { rootAt: 2 },
    { nodeFields: ['id', 'edge_count', 'new', 'self_size', 'name', 'type'] },
    { edgeFields: ['to_node', 'new', 'name_or_index', 'type'] },
  ]
  for (const options of variants) {
    const graph = await graphOf(described, options)
    expect(graph.classes()).toEqual(expected)
    expect(graph.root.type).toBe('synthetic')
  }
})

test('a missing file, a directory and one that may not be read are refused by name', async () => {
  for (const path of [scratch('missing'), scratch('.')]) {
    const error = await refusal(readHeapSnapshot(path))
    expect(error.code).toBe('ERR_HEAPSCOPE_IO')
    expect(error.message).toContain(path)
  }
})

/** Runs it as somebody without rights: root may read and write everything. */
const asNobody = (body: string, ...paths: string[]) =>
  runProgram(
    `const { readHeapSnapshot, HeapGraph } = require('heapscope')
     const [from, to] = ${JSON.stringify(paths)}
     if (process.getuid?.() === 0) { process.setgid(65534); process.setuid(65534) }
     const tell = ({ code, message }) => console.log(code, message)
     ;(async () => { ${body} })().catch(tell)`,
  )

test.runIf(process.platform === 'linux')(
  'what one has no permission for is refused by name',
  async () => {
    chmodSync(scratch('.'), 0o755)
    const secret = scratch('secret')
    writeFileSync(secret, text, { mode: 0 })
    for (const body of ['await readHeapSnapshot(from)', 'HeapGraph.open(from)']) {
      const { stdout } = await asNobody(body, secret)
      expect(stdout).toContain(`ERR_HEAPSCOPE_IO`)
      expect(stdout).toContain(`${secret}: Permission denied`)
    }
    const readable = scratch('readable')
    const directory = scratch('not-mine')
    writeFileSync(readable, text, { mode: 0o644 })
    mkdirSync(directory, { mode: 0o555 })
    for (const method of ['save', 'writeHeapSnapshot']) {
      const body = `await (await readHeapSnapshot(from)).${method}(to)`
      const { stdout } = await asNobody(body, readable, `${directory}/file`)
      expect(stdout).toContain(`ERR_HEAPSCOPE_IO cannot write ${directory}/file: Permission denied`)
    }
    expect(readdirSync(directory)).toEqual([])
  },
)

test.runIf(process.platform === 'linux').each(['save', 'writeHeapSnapshot'])(
  '%s leaves nothing behind where the disk fills while it writes',
  async (method) => {
    const directory = scratch(`full-${method}`)
    mkdirSync(directory)
    writeFileSync(`${directory}/file`, 'what was there before')
    // A file that may not grow any further fails as one on a full disk does, after some of it.
    const { stdout } = await runProgram(
      `const { captureHeapSync } = require('heapscope')
       process.on('SIGXFSZ', () => {}) // which would end the process
       captureHeapSync().${method}(${JSON.stringify(`${directory}/file`)}).then(
         () => console.log('written'), ({ code, message }) => console.log(code, message))`,
      [],
      { fileBlocks: 64 },
    )
    expect(stdout).toBe(`ERR_HEAPSCOPE_IO cannot write ${directory}/file: File too large\n`)
    expect(readdirSync(directory)).toEqual(['file'])
    expect(readFileSync(`${directory}/file`, 'utf8')).toBe('what was there before')
  },
)

test('a node or class that a graph does not have is a RangeError', async () => {
  const file = scratch('three.heapgraph')
  await (await graphOf('root => global\nglobal .a A')).save(file)
  const graph = native.openGraph(file)
  const { changes } = native.diffGraphsSync(graph, graph, true)
  const refused = { name: 'RangeError', code: 'ERR_HEAPSCOPE_OUT_OF_RANGE' }
  for (const index of [3, -1, 2 ** 32, 2 ** 53, NaN]) {
    for (const ask of [
      () => native.nodeFigures(graph, index),
      () => native.nodeName(graph, index, 10),
      () => native.referents(graph, index, 0, 10),
      () => native.referrers(graph, index, 0, 10),
      () => native.dominated(graph, index, 0, 10),
      () => native.refCount(graph, index),
      () => native.retainingPathsSync(graph, index, 1),
      () => native.nodesOfClass(graph, index === 3 ? 1000 : index, 0, 10),
      () => native.changedNodes(changes, false, index === 3 ? 1000 : index, 0, 10),
    ]) {
      expect(ask, `${ask.toString()} with ${index}`).toThrow(expect.objectContaining(refused))
    }
  }
  expect(() => HeapGraph.open(file).node(-1)).toThrow(RangeError)
})

test.each(['save', 'writeHeapSnapshot'] as const)(
  '%s leaves nothing behind where it cannot write',
  async (method) => {
    const graph = await graphOf('root => global')
    const directory = scratch(`cannot-${method}`)
    mkdirSync(directory)
    mkdirSync(`${directory}/taken`)
    for (const path of [`${directory}/taken`, `${directory}/none/file`]) {
      const error = await refusal(graph[method](path))
      expect(error.code).toBe('ERR_HEAPSCOPE_IO')
      expect(error.message).toContain(path)
    }
    expect(readdirSync(directory)).toEqual(['taken'])
  },
)

test('a stream that sends nothing any more ends with its signal', async () => {
  const never = new Promise<string>(() => undefined)
  async function* stuck(): AsyncGenerator<string> {
    yield text.slice(0, 50)
    yield await never
  }
  const silent = new Readable({ read: () => undefined })
  for (const stream of [stuck(), silent]) {
    const signal = AbortSignal.timeout(20)
    await expect(readHeapSnapshot(stream, { signal })).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_ABORTED',
    })
  }
  expect(silent.destroyed).toBe(true)
})

test('a stream that fails, and one of the wrong things, are refused', async () => {
  async function* failing(): AsyncGenerator<string> {
    yield text.slice(0, 50)
    throw new Error('the network went away')
  }
  await expect(readHeapSnapshot(failing())).rejects.toThrow('the network went away')
  await expect(readHeapSnapshot([42 as never])).rejects.toThrow(TypeError)
  await expect(readHeapSnapshot(42 as never)).rejects.toThrow(TypeError)
})

test('a saved graph is refused once any part of it is damaged or missing', async () => {
  const graph = await readHeapSnapshot([text])
  const file = scratch('graph')
  await graph.save(file)
  const bytes = readFileSync(file)
  const broken = scratch('broken')
  const step = Math.max(1, Math.floor(bytes.length / 200))
  for (let length = 0; length < bytes.length; length += step) {
    writeFileSync(broken, bytes.subarray(0, length))
    expect(() => HeapGraph.open(broken), `${length} bytes`).toThrow(HeapscopeError)
  }
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 0xff
    writeFileSync(broken, flipped)
    // Refused, or answered without a crash: not every byte can be known to be wrong.
    try {
      const opened = HeapGraph.open(broken)
      opened.classes()
      for (const node of opened.nodes()) {
        opened.referents(node).toArray()
        opened.referrers(node).toArray()
        await opened.retainingPaths(node)
      }
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
    }
  }
})
