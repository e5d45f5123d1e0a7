import { setImmediate as nextTurn } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import { collect, monitorGc, type GcMonitor, type ThreadGcStats } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { Thread } from '../support/thread.js'
import { beginUnmarked } from '../support/unmarked.js'
import { until } from '../support/until.js'

beginUnmarked()

function ofThread(monitor: GcMonitor, id: number): ThreadGcStats | undefined {
  return monitor.threads().find(({ threadId }) => threadId === id)
}

/** Loads heapscope, says so, and never lets its loop turn again until it is released. */
const busyAfterLoading = `
  require('heapscope')
  parentPort.postMessage('loaded')
  while (goOn()) allocate()
`

describe('the threads of a monitor', () => {
  it('include this one, with the figures of all kinds together', () => {
    expect(isMainThread).toBe(true)
    using monitor = monitorGc()
    const before = ofThread(monitor, 0)!
    collect()
    collect('minor')
    const after = ofThread(monitor, 0)!
    expect(after.counting).toBe(true)
    expect(after.collectingForMs).toBeNull()
    expect(after.kinds['mark-sweep-compact'].count).toBe(
      before.kinds['mark-sweep-compact'].count + 1,
    )
    const kinds = Object.values(after.kinds)
    expect(after.count).toBe(kinds.reduce((sum, { count }) => sum + count, 0))
    expect(after.maxMs).toBe(Math.max(...kinds.map(({ maxMs }) => maxMs)))
    expect(after.totalMs).toBeCloseTo(
      kinds.reduce((sum, { totalMs }) => sum + totalMs, 0),
      6,
    )
  })

  it.runIf(process.platform === 'linux')('are named as the kernel names them', async () => {
    using monitor = monitorGc()
    await using thread = new Thread(busyAfterLoading)
    await thread.message()
    expect(ofThread(monitor, 0)!.osThreadId).toBe(process.pid)
    expect(ofThread(monitor, thread.id)!.osThreadId).toBeGreaterThan(0)
    expect(ofThread(monitor, thread.id)!.osThreadId).not.toBe(process.pid)
  })

  it('include a worker that loaded heapscope afterwards, and is blocked ever since', async () => {
    using monitor = monitorGc()
    await using thread = new Thread(busyAfterLoading)
    await thread.message()
    expect(ofThread(monitor, thread.id)).toMatchObject({ counting: true })
    const counts: number[] = []
    while (counts.length < 3) {
      const { count } = ofThread(monitor, thread.id)!
      if (count > (counts.at(-1) ?? 0)) counts.push(count)
      await nextTurn()
    }
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    expect(ofThread(monitor, thread.id)!.totalMs).toBeGreaterThan(0)
  })

  it('include a worker that loaded heapscope before and is blocked: it starts to count', async () => {
    await using thread = new Thread(busyAfterLoading)
    await thread.message()
    using monitor = monitorGc()
    await until(() => ofThread(monitor, thread.id)!.counting)
    await until(() => ofThread(monitor, thread.id)!.count > 2)
  })

  it('leave out a worker that did not load heapscope', async () => {
    using monitor = monitorGc()
    await using thread = new Thread("parentPort.postMessage('up'); while (goOn()) allocate()")
    await thread.message()
    expect(ofThread(monitor, thread.id)).toBeUndefined()
  })

  it('say of one that is in a collection for how long', async () => {
    using monitor = monitorGc()
    await using thread = new Thread(`
      const { collect } = require('heapscope')
      const held = []
      for (let i = 0; i < 300; i++) held.push(allocate())
      parentPort.postMessage('full')
      while (goOn()) collect()
    `)
    await thread.message()
    let row = ofThread(monitor, thread.id)!
    await until(() => (row = ofThread(monitor, thread.id)!).collectingForMs !== null)
    expect(row.collectingForMs).toBeGreaterThanOrEqual(0)
  })

  it('do not mix: what one collects is not counted for another', async () => {
    using monitor = monitorGc()
    await using thread = new Thread(`
      require('heapscope')
      parentPort.postMessage('loaded')
      Atomics.wait(flag, 0, 0)
    `)
    await thread.message()
    const before = ofThread(monitor, thread.id)!.kinds['mark-sweep-compact'].count
    for (let i = 0; i < 20; i++) collect()
    expect(ofThread(monitor, thread.id)!.kinds['mark-sweep-compact'].count).toBe(before)
  })

  it('are without a worker that has ended', async () => {
    using monitor = monitorGc()
    const thread = new Thread(busyAfterLoading)
    await thread.message()
    const { id } = thread
    expect(ofThread(monitor, id)).toBeDefined()
    await thread[Symbol.asyncDispose]()
    expect(ofThread(monitor, id)).toBeUndefined()
    expect(ofThread(monitor, 0)).toBeDefined()
  })

  it('can be read in a worker as well, which sees the main thread', async () => {
    using _ = monitorGc()
    await using thread = new Thread(`
      const monitor = require('heapscope').monitorGc()
      parentPort.postMessage(monitor.threads().map(({ threadId }) => threadId))
      monitor[Symbol.dispose]()
    `)
    const { id } = thread
    expect(await thread.message()).toEqual(expect.arrayContaining([0, id]))
  })
})

describe('the hook in other threads', () => {
  it('is taken away when the last monitor of the process ends, even if they are blocked', async () => {
    const monitor = monitorGc()
    await using thread = new Thread(busyAfterLoading)
    await thread.message()
    expect(ofThread(monitor, thread.id)!.counting).toBe(true)
    monitor[Symbol.dispose]()
    await until(() => !ofThread(monitor, thread.id)!.counting)
    expect(ofThread(monitor, 0)!.counting).toBe(false)
  })

  it('is put in by a monitor in a worker, for the main thread too', async () => {
    const reader = monitorGc()
    reader[Symbol.dispose]()
    await using thread = new Thread(`
      const monitor = require('heapscope').monitorGc()
      parentPort.postMessage('started')
      parentPort.once('message', () => {
        monitor[Symbol.dispose]()
        parentPort.postMessage('ended')
      })
    `)
    await thread.message()
    await until(() => ofThread(reader, 0)!.counting)
    thread.worker.postMessage('end')
    await thread.message()
    await until(() => !ofThread(reader, 0)!.counting)
  })

  it('does not outlive the monitor of a worker that was terminated', async () => {
    const reader = monitorGc()
    reader[Symbol.dispose]()
    const thread = new Thread(`
      globalThis.monitor = require('heapscope').monitorGc()
      parentPort.postMessage('started')
      while (goOn()) allocate()
    `)
    await thread.message()
    await until(() => ofThread(reader, 0)!.counting)
    await thread.worker.terminate()
    await until(() => !ofThread(reader, 0)!.counting)
  })
})
