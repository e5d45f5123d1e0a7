import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect, monitorGc } from 'heapscope'
import { afterAll, describe, expect, it } from 'vitest'
import { startDelivery, stopDelivery } from '../dist/delivery.js'
import { until } from './support/until.js'

const monitor = monitorGc() // or nothing is counted, and there is nothing to deliver
afterAll(() => monitor[Symbol.dispose]())

const exitListeners = () => process.listenerCount('exit')

describe('delivery', () => {
  it('asks every source in a later turn after a collection', async () => {
    const calls: string[] = []
    const first = () => void calls.push('first')
    const second = () => void calls.push('second')
    startDelivery(first)
    startDelivery(second)
    collect()
    expect(calls).toEqual([])
    await until(() => calls.length >= 2)
    expect(calls.slice(0, 2)).toEqual(['first', 'second'])
    stopDelivery(first)
    stopDelivery(second)
  })

  it('asks a source that was started twice once', async () => {
    let calls = 0
    const source = () => {
      calls++
    }
    const last = () => {
      done = true
    }
    let done = false
    startDelivery(source)
    startDelivery(source)
    startDelivery(last)
    collect()
    await until(() => done)
    expect(calls).toBe(1)
    stopDelivery(source)
    stopDelivery(last)
  })

  it('leaves out a source that was stopped by one before it', async () => {
    const calls: string[] = []
    const first = () => {
      calls.push('first')
      stopDelivery(second)
    }
    const second = () => void calls.push('second')
    const third = () => void calls.push('third')
    for (const source of [first, second, third]) startDelivery(source)
    collect()
    await until(() => calls.includes('third'))
    expect(calls).not.toContain('second')
    for (const source of [first, second, third]) stopDelivery(source)
  })

  it('may be stopped altogether by a source, and started again', async () => {
    let calls = 0
    const source = () => {
      calls++
      stopDelivery(source)
    }
    startDelivery(source)
    collect()
    await until(() => calls === 1)
    collect()
    for (let turn = 0; turn < 3; turn++) await nextTurn()
    expect(calls).toBe(1)
    startDelivery(source)
    collect()
    await until(() => calls === 2)
  })

  it('listens for the exit of the process only while there is a source', () => {
    const before = exitListeners()
    const sources = [() => {}, () => {}]
    for (const source of sources) startDelivery(source)
    expect(exitListeners()).toBe(before + 1)
    stopDelivery(sources[0]!)
    expect(exitListeners()).toBe(before + 1)
    stopDelivery(sources[1]!)
    stopDelivery(sources[1]!)
    expect(exitListeners()).toBe(before)
  })
})
