import {
  captureHeap,
  captureHeapSync,
  trackClass,
  trackObject,
  type ClassRow,
  type HeapGraph,
} from 'heapscope'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../support/fixture.js'
import { keepAlive, makeAndKeep } from '../support/instances.js'
import { childrenOf, leftOutMappings } from '../support/twins.js'

class Parcel {
  weight = 1.5
  label = { text: 'fragile' }
}

const parcels = makeAndKeep(1000, () => new Parcel())

describe('the graph of a twin', () => {
  test('equals the in-process one in counts and sizes of every class of the program', async () => {
    const rows = (graph: HeapGraph) =>
      graph
        .classes()
        .filter(({ className }) => /^(Parcel|\{text\}|Map|Set|RegExp|Buffer)$/.test(className))
    const strip = ({ className, count, shallowSize, retainedSize }: ClassRow) => ({
      className,
      count,
      shallowSize,
      retainedSize,
    })
    const twin = await captureHeap({ mode: 'twin' })
    const here = captureHeapSync()
    const row = (graph: HeapGraph) => strip(rows(graph).find((one) => one.className === 'Parcel')!)
    expect(row(twin)).toEqual(row(here))
    expect(row(twin).count).toBe(parcels.length)
  })

  test('says how it came about', async () => {
    const { info } = await captureHeap()
    expect(info.mode).toBe('twin')
    expect(info.attempts).toBeGreaterThan(0)
    expect(info.pauseMs).toBeGreaterThan(0)
    expect(info.totalMs).toBeGreaterThan(info.pauseMs)
  })

  test('knows the objects that were named, and no others', async () => {
    const [first, second] = parcels
    const graph = await captureHeap({ objects: { first: first! } })
    expect(graph.nodeOf(first!)).toMatchObject({ className: 'Parcel' })
    expect(() => graph.nodeOf(second!)).toThrow(
      expect.objectContaining({
        code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH',
        message: expect.stringContaining('followed instances'),
      }),
    )
  })

  test('knows the followed instances of tracked classes: id, age, site and what holds them', async () => {
    class Order {}
    class RushOrder extends Order {}
    const Tracked = trackClass(Order, { sites: 1 })
    const made = makeAndKeep(3, () => new Tracked())
    const graph = await captureHeap()
    for (const order of made) expect(graph.nodeOf(order)).toMatchObject({ className: 'Order' })
    const oldest = await graph.oldest(Tracked, 2)
    expect(oldest.map(({ id, className }) => ({ id, className }))).toEqual([
      { id: 1, className: 'Order' },
      { id: 2, className: 'Order' },
    ])
    const [{ node, ageMs, site, path, createdAt }] = oldest as [(typeof oldest)[0]]
    expect(node.id).toBe(graph.nodeOf(made[0]!)!.id)
    expect(ageMs).toBeGreaterThanOrEqual(0)
    expect(new Date(createdAt).getTime()).toBeLessThanOrEqual(Date.now())
    expect(site).toContain('twin.test')
    expect(path!.text).toMatch(/→ Order$/)
    keepAlive(made, RushOrder)
  })

  test('knows objects that were tracked one by one', async () => {
    const config = trackObject({ name: 'config' }, { name: 'Config' })
    const graph = await captureHeap()
    expect(graph.nodeOf(config)!.id).toBe((await graph.oldest('Config', 1))[0]!.node.id)
  })

  test('counts the references of the program, not those of the tool', async () => {
    const holder = [new Parcel()]
    const named = () => ({ parcel: holder[0]! })
    const graph = await captureHeap({ objects: named() })
    expect(graph.refCount(graph.nodeOf(holder[0]!)!)).toBe(1)
  })
})

describe('a capture by a twin', () => {
  test('leaves no process, no descriptor and no changed memory advice behind', async () => {
    await captureHeap()
    const before = leftOutMappings()
    const { length } = fds()
    for (let i = 0; i < 3; i++) (await captureHeap())[Symbol.dispose]()
    expect(childrenOf().filter(({ name }) => name.includes('heapscope'))).toEqual([])
    expect(fds().length).toBe(length)
    expect(leftOutMappings()).toBeGreaterThanOrEqual(before * 0.7)
  })

  test('is refused while another is under way, or waits for its end', async () => {
    const first = captureHeap()
    await expect(captureHeap()).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_BUSY' })
    const second = captureHeap({ whenBusy: 'wait' })
    expect((await first).info.mode).toBe('twin')
    expect((await second).info.mode).toBe('twin')
    const fallback = captureHeap()
    expect((await captureHeap({ fallback: 'in-process' })).info.mode).toBe('in-process')
    await fallback
  })

  test('ends with its signal, and with its time', async () => {
    const controller = new AbortController()
    const capture = captureHeap({ signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    await expect(capture).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_ABORTED' })
    await expect(captureHeap({ timeoutMs: 60 })).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_TIMEOUT',
    })
    expect((await captureHeap()).info.attempts).toBe(1)
  })

  test('tells its progress', async () => {
    const stages: string[] = []
    await captureHeap({ onProgress: ({ stage }) => stages.push(stage) })
    expect(stages.every((stage) => typeof stage === 'string')).toBe(true)
    const thrown = new Error('enough')
    const throwing = captureHeap({
      onProgress: () => {
        throw thrown
      },
    })
    await throwing.then(
      () => undefined, // it was done before it was asked
      (error: unknown) => expect(error).toBe(thrown),
    )
  })

  test('runs no exit handler, writes nothing, and never comes back to the program', async () => {
    const { stdout, stderr, code } = await runProgram(`
      const { captureHeap } = require('heapscope')
      process.on('exit', () => console.log('exit of', process.pid === before))
      const before = process.pid
      captureHeap().then((graph) => console.log(graph.info.mode))`)
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'twin\nexit of true\n',
      stderr: '',
      code: 0,
    })
  })

  test('refuses ids that would mean nothing', async () => {
    await expect(captureHeap({ keepIds: true })).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_INVALID_ARG',
    })
  })
})

function fds(): string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('node:fs') as typeof import('node:fs')).readdirSync('/proc/self/fd')
}
