import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect, monitorGc, type GcMonitor } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture.js'
import { beginUnmarked } from '../support/unmarked.js'
import { until } from '../support/until.js'

beginUnmarked()

/** Collects, and lets everything be delivered that will be. */
async function collectAndDeliver(monitor: GcMonitor): Promise<void> {
  let delivered = false
  using _ = monitor.onGc(() => (delivered = true))
  collect()
  await until(() => delivered)
  await nextTurn()
}

describe('a listener of onGc that is removed', () => {
  it('G6: is not called any more, not even for what happened before', async () => {
    using monitor = monitorGc()
    let calls = 0
    const listening = monitor.onGc(() => calls++)
    await collectAndDeliver(monitor)
    const before = calls
    expect(before).toBeGreaterThan(0)
    collect()
    listening[Symbol.dispose]()
    listening[Symbol.dispose]()
    await collectAndDeliver(monitor)
    expect(calls).toBe(before)
  })

  it('takes nothing away from another that waits for the same batch', async () => {
    using monitor = monitorGc()
    let heard = 0
    const first = monitor.onGc(() => {})
    monitor.onGc((batch) => (heard += batch.filter(({ forced }) => forced).length))
    collect()
    collect('minor')
    first[Symbol.dispose]()
    await until(() => heard > 0)
    expect(heard).toBe(2)
  })

  it('during the delivery, by one before it, is left out', async () => {
    using monitor = monitorGc()
    const calls: string[] = []
    monitor.onGc(() => {
      calls.push('first')
      second[Symbol.dispose]()
    })
    const second = monitor.onGc(() => calls.push('second'))
    monitor.onGc(() => calls.push('third'))
    collect()
    await until(() => calls.length >= 2)
    expect(calls.slice(0, 2)).toEqual(['first', 'third'])
    expect(calls).not.toContain('second')
  })

  it('may remove itself, and another be added, during the delivery', async () => {
    using monitor = monitorGc()
    const calls: string[] = []
    const once = monitor.onGc(() => {
      calls.push('once')
      once[Symbol.dispose]()
      monitor.onGc(() => calls.push('added'))
    })
    collect()
    await until(() => calls.length > 0)
    expect(calls).toEqual(['once'])
    collect()
    await until(() => calls.length > 1)
    expect(new Set(calls.slice(1))).toEqual(new Set(['added']))
  })
})

describe('the end of a monitor', () => {
  it('during a delivery leaves out its own other listeners, not those of others', async () => {
    using other = monitorGc()
    const monitor = monitorGc()
    const calls: string[] = []
    monitor.onGc(() => {
      calls.push('ending')
      monitor[Symbol.dispose]()
    })
    monitor.onGc(() => calls.push('after the end'))
    other.onGc(() => calls.push('other'))
    collect()
    await until(() => calls.includes('other'))
    expect(calls).not.toContain('after the end')
    expect(calls.filter((call) => call === 'ending')).toHaveLength(1)
    await collectAndDeliver(other)
    expect(calls.filter((call) => call === 'ending')).toHaveLength(1)
  })

  it('ends its listeners, also ones added afterwards', async () => {
    using other = monitorGc()
    const monitor = monitorGc()
    let calls = 0
    monitor.onGc(() => calls++)
    collect()
    monitor[Symbol.dispose]()
    monitor.onGc(() => calls++)
    await collectAndDeliver(other)
    expect(calls).toBe(0)
  })
})

describe('at the end of the process', () => {
  const start = `
    const { collect, monitorGc } = require('heapscope')
    const monitor = monitorGc()
    const forced = (batch) => batch.filter((event) => event.forced).length
  `

  it('a batch that waits is delivered', async () => {
    const outcome = await runProgram(`${start}
      monitor.onGc((batch) => console.log('heard of', forced(batch)))
      collect(); collect()`)
    expect(outcome).toMatchObject({ code: 0, stdout: 'heard of 2\n', stderr: '' })
  })

  it('it is also delivered when the program calls process.exit', async () => {
    const outcome = await runProgram(`${start}
      monitor.onGc((batch) => console.log('heard of', forced(batch)))
      collect()
      process.exit(5)`)
    expect(outcome).toMatchObject({ code: 5, stdout: 'heard of 1\n' })
  })

  it('process.exit inside a listener exits with its code', async () => {
    const outcome = await runProgram(`${start}
      monitor.onGc(() => process.exit(3))
      collect()
      setInterval(() => {}, 1000)`)
    expect(outcome).toMatchObject({ code: 3, signal: null, stderr: '' })
  })

  it('process.exit inside a listener that is called at exit still has its say', async () => {
    const outcome = await runProgram(`${start}
      monitor.onGc(() => process.exit(4))
      collect()`)
    expect(outcome).toMatchObject({ code: 4, signal: null, stderr: '' })
  })

  it('neither a monitor nor a listener keeps it alive', async () => {
    const outcome = await runProgram(`${start}
      monitor.onGc(() => {})
      setTimeout(() => console.log('last'), 10)`)
    expect(outcome).toMatchObject({ code: 0, stdout: 'last\n' })
  })

  it('an error in a listener is a warning, and the code stays 0', async () => {
    const outcome = await runProgram(`${start}
      monitor.onGc(() => { throw new Error('broken') })
      monitor.onGc((batch) => console.log('heard of', forced(batch)))
      collect()
      setTimeout(() => {}, 20)`)
    expect(outcome).toMatchObject({ code: 0, stdout: 'heard of 1\n' })
    expect(outcome.stderr).toContain('a listener of onGc threw')
  })
})
