import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture'

describe('the process ends as the program says', () => {
  it('when a listener exits it', async () => {
    const { code, signal } = await runProgram(`
      const { monitorGc, collect } = require('heapscope')
      monitorGc().onGc(() => process.exit(7))
      collect()
      setInterval(() => {}, 1000)`)
    expect({ code, signal }).toEqual({ code: 7, signal: null })
  })

  it('when a listener of unclosed instances exits it', async () => {
    const { code } = await runProgram(`
      const { trackClass, tracker, collect } = require('heapscope')
      const Db = trackClass(class Db { close() {} })
      tracker.onUnclosed(() => process.exit(8))
      ;(() => { new Db() })()
      setImmediate(() => collect())
      setInterval(() => {}, 1000)`)
    expect(code).toBe(8)
  })

  it('although monitors and listeners are never disposed', async () => {
    const { code, stderr } = await runProgram(`
      const { monitorGc, trackClass, tracker } = require('heapscope')
      monitorGc().onGc(() => {})
      tracker.onUnclosed(() => {})
      new (trackClass(class Kept {}))()`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('with what collections there were delivered before', async () => {
    const { stdout } = await runProgram(`
      const { monitorGc, collect } = require('heapscope')
      monitorGc().onGc((batch) => console.log(batch.filter(({ forced }) => forced).length))
      collect()`)
    expect(stdout).toBe('1\n')
  })

  it('by an exception of the program as ever', async () => {
    const { code, stderr } = await runProgram(`
      const { monitorGc, collect } = require('heapscope')
      monitorGc().onGc(() => { setTimeout(() => { throw new Error('mine') }) })
      collect()
      setTimeout(() => {}, 100)`)
    expect(code).toBe(1)
    expect(stderr).toContain('Error: mine')
  })

  it.each([
    ['a listener', `monitorGc().onGc(later); collect(); setTimeout(() => {}, 100)`],
    ['the end of a capture', `captureHeap().then(later)`],
  ])('by what it throws in a tick after %s', async (_, work) => {
    const { code, stderr } = await runProgram(`
      const { captureHeap, collect, monitorGc } = require('heapscope')
      const later = () => process.nextTick(() => { throw new Error('mine') })
      ${work}`)
    expect(code).not.toBe(0)
    expect(stderr).toContain('Error: mine')
  })

  it('by a worker being terminated while it is in a collection', async () => {
    const { code, stdout } = await runProgram(`
      const { Worker } = require('node:worker_threads')
      const { monitorGc } = require('heapscope')
      const monitor = monitorGc()
      const worker = new Worker(\`
        const { trackClass, collect } = require('heapscope')
        const Item = trackClass(class Item {})
        const kept = Array.from({ length: 500_000 }, () => new Item())
        require('node:worker_threads').parentPort.postMessage(0)
        for (;;) collect()\`, { eval: true })
      worker.once('message', () => {
        const inCollection = () => monitor.threads().some(({ collectingForMs }) => collectingForMs > 0)
        const timer = setInterval(async () => {
          if (!inCollection()) return
          clearInterval(timer)
          await worker.terminate()
          console.log(monitor.threads().length)
        })
      })`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1\n' })
  })
})
