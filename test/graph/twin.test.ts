import { captureHeap, captureHeapSync, trackClass, trackObject, type ClassRow } from 'heapscope'
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import { runJob } from '../../lib/graph/jobs.js'
import { TWIN_STARTS, type NativeTwin, type NativeTwinEnd } from '../../lib/graph/native-twin.js'
import { native } from '../../lib/native.js'
import { runFixture, runProgram } from '../support/fixture.js'
import { keepAlive, makeAndKeep } from '../support/instances.js'
import { compareAdvice, memoryAdvice, twinsOf } from '../support/twins.js'

type Row = Pick<ClassRow, 'count' | 'shallowSize' | 'retainedSize'>

interface Pair {
  spills: boolean
  /** Of the twin's graph, and of the one in-process. */
  nodes: [number, number]
  classes: number
  /** Class, row of the twin, row in-process. */
  different: [string, Row | null, Row | null][]
}

class Parcel {
  weight = 1.5
  label = { text: 'fragile' }
}

const parcels = makeAndKeep(1000, () => new Parcel())

describe('the graph of a twin', () => {
  test('equals the one that is taken in-process at the same moment, spilled or not', async () => {
    const { stdout } = await runFixture('twin-equal.cjs')
    const pairs = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Pair)
    expect(pairs.map(({ spills }) => spills)).toEqual([false, true])
    for (const { nodes, classes, different } of pairs) {
      // The wait for the twin itself, which is begun by the fork: on Node 26 it is an object.
      const waits = nodes[1] - nodes[0]
      expect([0, 1]).toContain(waits)
      expect(classes).toBeGreaterThan(100)
      for (const [name, twin, here] of different) {
        // Node's list of what is to be done at the end: the fork put the wait for its twin there.
        if (name.startsWith('Node / CleanupQueue')) continue
        const extra = name.startsWith('Object ') ? waits : 0
        expect([name, here?.count]).toEqual([name, twin!.count + extra])
        if (extra === 0) expect([name, here?.shallowSize]).toEqual([name, twin?.shallowSize])
        expect(Math.abs(here!.retainedSize - twin!.retainedSize)).toBeLessThan(100)
      }
      expect(different.length).toBeLessThan(5)
    }
  })

  test('says how it came about, and knows the objects that were named, and no others', async () => {
    const [first, second] = parcels
    const graph = await captureHeap({ objects: { first: first! } })
    const { info } = graph
    expect(info.mode).toBe('twin')
    expect(info.attempts).toBeGreaterThan(0)
    expect(info.pauseMs).toBeGreaterThan(0)
    expect(info.totalMs).toBeGreaterThan(info.pauseMs)
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
    const config = trackObject({ name: 'config' }, { name: 'Config' })
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
    expect(await graph.oldest(Tracked, 10)).toHaveLength(3)
    // Those that were tracked one by one, too.
    expect(graph.nodeOf(config)!.id).toBe((await graph.oldest('Config', 1))[0]!.node.id)
    await expect(graph.oldest(class Untracked {}, 1)).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_NOT_TRACKED',
    })
    await expect(graph.oldest(Tracked, 0)).rejects.toThrow(RangeError)
    await expect(captureHeapSync().oldest(Tracked, 1)).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH',
      message: expect.stringContaining('captures by a twin do'),
    })
    keepAlive(made, RushOrder)
  })

  test('counts the references of the program, not those of the tool', async () => {
    const holder = [new Parcel()]
    const named = () => ({ parcel: holder[0]! })
    const graph = await captureHeap({ objects: named() })
    expect(graph.refCount(graph.nodeOf(holder[0]!)!)).toBe(1)
  })

  test('counts no record of an earlier capture, in-process either', async () => {
    const holder = [new Parcel()]
    const named = () => ({ parcel: holder[0]! })
    for (const mode of ['in-process', 'in-process', 'twin', 'in-process'] as const) {
      const graph = await captureHeap({ mode, objects: named() })
      expect(graph.refCount(graph.nodeOf(holder[0]!)!)).toBe(1)
      graph[Symbol.dispose]()
    }
  })

  test('knows the oldest no more once it is disposed of', async () => {
    const graph = await captureHeap()
    graph[Symbol.dispose]()
    class Later {}
    trackClass(Later)
    await expect(graph.oldest(Later)).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_RELEASED' })
  })
})

function forkNow(session: NativeTwin, deadlineMs: number): Promise<NativeTwinEnd> {
  const plan = { memoryBytes: 1e9, deadlineMs, spillTo: '', parkMs: 5000, anyMoment: true }
  return new Promise((resolve, reject) => {
    const start = native.forkTwin(session, [], plan, (_, ended) => resolve(ended!))
    if (start !== 0) reject(new Error(TWIN_STARTS[start]))
  })
}

describe('a capture by a twin', () => {
  test('leaves no process, no descriptor and no changed memory advice behind', async () => {
    await captureHeap()
    const readable = () => memoryAdvice().filter((mapping) => mapping.readable)
    const before = readable()
    const { length } = readdirSync('/proc/self/fd')
    ;(await captureHeap())[Symbol.dispose]()
    expect(twinsOf()).toEqual([])
    expect(readdirSync('/proc/self/fd').length).toBe(length)
    const { stillLeftOut, nowCopied, nowLeftOut } = compareAdvice(before, readable())
    expect(stillLeftOut).toBeGreaterThan(10e6)
    expect(nowLeftOut).toBe(0)
    // 16 MB or a sixteenth may have been mapped since the survey.
    expect(nowCopied).toBeLessThan(Math.max(17e6, stillLeftOut / 10))
  })

  test('is refused while another is under way, or waits for its end', async () => {
    const first = captureHeap()
    await expect(captureHeap()).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_BUSY' })
    const second = captureHeap({ whenBusy: 'wait' })
    expect((await first).info.mode).toBe('twin')
    expect((await second).info.mode).toBe('twin')
    const third = captureHeap()
    await expect(captureHeap({ fallback: 'in-process' })).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_BUSY',
    })
    await third
  })

  test('ends with its signal, and with its time', async () => {
    const controller = new AbortController()
    const capture = captureHeap({ signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    await expect(capture).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_ABORTED' })
    await expect(captureHeap({ timeoutMs: 60 })).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_TIMEOUT',
    })
    expect((await captureHeap()).info.mode).toBe('twin')
  })

  test('has a deadline even in the last part of a millisecond', async () => {
    const session = native.openTwin()!
    await runJob<undefined>((done) => native.surveyTwin(session, done))
    const end = await forkNow(session, 0.4).finally(() => native.closeTwin(session))
    expect(end.graph).toBeUndefined()
    // By its own timer or by whoever watches it.
    const { SIGALRM, SIGKILL } = constants.signals
    expect([SIGALRM, SIGKILL]).toContain(end.signal)
  })

  test('begins with no signal that was given before, whatever time it may take', async () => {
    const options = { signal: AbortSignal.abort(), timeoutMs: 1e12 }
    for (const mode of ['twin', 'in-process'] as const) {
      await expect(captureHeap({ mode, ...options })).rejects.toMatchObject({
        code: 'ERR_HEAPSCOPE_ABORTED',
      })
    }
    expect((await captureHeap({ timeoutMs: 1e12 })).info.mode).toBe('twin')
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
