import { EventEmitter, once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect, gcRequestListener, measureGc, monitorGc, type GcShare } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { makeHeapGarbage } from '../support/garbage.js'
import { until } from '../support/until.js'
import { Warnings } from '../support/warnings.js'
import { beginUnmarked } from '../support/unmarked.js'

beginUnmarked()

describe('measureGc', () => {
  it('G9: tells what the collector took of synchronous work, and hands on its value', async () => {
    const { value, gc } = await measureGc(() => {
      collect()
      collect('minor')
      return 'done'
    })
    expect(value).toBe('done')
    expect(gc.collections).toBeGreaterThanOrEqual(2)
    expect(gc.dropped).toBe(0)
    expect(gc.pausedMs).toBeGreaterThan(0)
    expect(gc.pausedMs).toBeLessThanOrEqual(gc.durationMs)
    expect(gc.share).toBeCloseTo(gc.pausedMs / gc.durationMs, 9)
  })

  it('G9: measures until asynchronous work is done', async () => {
    const { gc } = await measureGc(async () => {
      for (let i = 0; i < 3; i++) {
        await nextTurn()
        collect()
      }
    })
    expect(gc.collections).toBeGreaterThanOrEqual(3)
  })

  it('reports nothing where nothing was collected', async () => {
    collect()
    const { gc } = await measureGc(() => 1)
    expect(gc).toMatchObject({ collections: 0, pausedMs: 0, share: 0, dropped: 0 })
  })

  it('counts more collections than the record can hold', async () => {
    const { gc } = await measureGc(() => {
      for (let i = 0; i < 5000; i++) collect('minor')
    })
    expect(gc.collections).toBeGreaterThanOrEqual(5000)
    expect(gc.dropped).toBe(gc.collections - 4096)
  })

  it('lets an error of the work pass, and leaves no hook behind', async () => {
    const reader = monitorGc()
    reader[Symbol.dispose]()
    const failing = measureGc(() => {
      throw new Error('work failed')
    })
    await expect(failing).rejects.toThrow('work failed')
    await expect(measureGc(() => Promise.reject(new Error('later')))).rejects.toThrow('later')
    expect(reader.threads().find(({ threadId }) => threadId === 0)!.counting).toBe(false)
  })

  it('G9: has a collection run after the work, in a later turn', async () => {
    using monitor = monitorGc()
    await measureGc(() => {}, { collectAfter: 'major' })
    await until(() => monitor.stats()['mark-sweep-compact'].count > 0)
    await measureGc(() => {}, { collectAfter: 'minor' })
    await until(() => monitor.stats().scavenge.count > 0)
  })

  it.each([
    [{ collectAfter: 'full' }, /minor, major/],
    [{ colectAfter: 'major' }, /should be "collectAfter"/],
    ['major', /takes an options object/],
  ])('refuses the options %j before it runs anything', async (options: any, message) => {
    let ran = false
    await expect(measureGc(() => (ran = true), options)).rejects.toThrow(message)
    expect(ran).toBe(false)
    expect(() =>
      gcRequestListener(
        () => {},
        () => {},
        options,
      ),
    ).toThrow(message)
  })

  it('refuses work that is no function', async () => {
    await expect(measureGc('work' as any)).rejects.toThrow(/work must be a function/)
    expect(() => gcRequestListener(1 as any, () => {})).toThrow(TypeError)
    expect(() => gcRequestListener(() => {}, undefined as any)).toThrow(TypeError)
  })
})

async function serve(listener: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function fetchText(server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo
  const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk as string
  return text
}

describe('gcRequestListener', () => {
  it('G9: reports the collections inside a request, and collects after the response', async () => {
    using monitor = monitorGc()
    const reports: { gc: GcShare; url: string | undefined }[] = []
    const server = await serve(
      gcRequestListener(
        (_, response) => {
          makeHeapGarbage(2 ** 20)
          collect('minor')
          response.end('hello')
        },
        (gc, request: IncomingMessage) => reports.push({ gc, url: request.url }),
        { collectAfter: 'major' },
      ),
    )
    try {
      expect(await fetchText(server)).toBe('hello')
      await until(() => reports.length === 1)
      expect(reports[0]!.url).toBe('/')
      expect(reports[0]!.gc.collections).toBeGreaterThanOrEqual(1)
      expect(reports[0]!.gc.pausedMs).toBeGreaterThan(0)
      const major = () => monitor.events().filter(({ kind }) => kind === 'mark-sweep-compact')
      await until(() => major().some(({ forced }) => forced))
    } finally {
      server.close()
    }
  })

  it('G9: lets the responses of one turn share the collection after them', async () => {
    using monitor = monitorGc()
    const handle = gcRequestListener<object, EventEmitter>(
      () => {},
      () => {},
      { collectAfter: 'major' },
    )
    const responses = [1, 2, 3].map(() => new EventEmitter())
    for (const response of responses) handle({}, response)
    for (const response of responses) response.emit('close')
    expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(0)
    for (let turn = 0; turn < 6; turn++) await nextTurn()
    expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(1)
  })

  it('G5: warns of an error in the report, and collects all the same', async () => {
    using monitor = monitorGc()
    using warnings = new Warnings()
    const handle = gcRequestListener<object, EventEmitter>(
      () => {},
      () => {
        throw new Error('report failed')
      },
      { collectAfter: 'minor' },
    )
    const response = new EventEmitter()
    handle({}, response)
    response.emit('close')
    await until(() => warnings.list.length > 0 && monitor.stats().scavenge.count > 0)
    expect(warnings.list[0]!.detail).toContain('report failed')
  })

  it('calls the listener as the server would, and returns what it returns', () => {
    const server = {}
    const handle = gcRequestListener<object, EventEmitter>(
      function (this: unknown, ...args) {
        return [this, ...args]
      },
      () => {},
    )
    const [request, response] = [{}, new EventEmitter()]
    expect(Reflect.apply(handle, server, [request, response])).toEqual([server, request, response])
  })

  it('once disposed only answers: it reports nothing and collects nothing', async () => {
    using monitor = monitorGc()
    const reports: GcShare[] = []
    const handle = gcRequestListener<object, EventEmitter>(
      () => {},
      (gc) => reports.push(gc),
      { collectAfter: 'major' },
    )
    const [before, after] = [new EventEmitter(), new EventEmitter()]
    handle({}, before)
    handle[Symbol.dispose]()
    handle({}, after)
    for (const response of [before, after]) response.emit('close')
    for (let turn = 0; turn < 6; turn++) await nextTurn()
    expect(reports).toEqual([])
    expect(monitor.events().filter(({ forced }) => forced)).toEqual([])
  })
})
