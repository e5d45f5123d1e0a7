import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { trackClass, tracker, type ClassStats } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { dist } from '../support/fixture.js'
import { keepAlive, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

/** A worker that tracks a class of its own, makes so many and sends its statistics when asked. */
function startWorker(className: string, living: number): Worker {
  const source = `
    const { parentPort } = require('node:worker_threads')
    const { trackClass, tracker, collect } = require(${JSON.stringify(dist)})
    const Tracked = trackClass({ ${className}: class ${className} {} }.${className})
    const held = Array.from({ length: ${living} }, () => new Tracked())
    function drop() { for (let i = 0; i < 10; i++) new Tracked() }
    drop()
    function settle(rounds) {
      if (rounds === 0 || tracker.stats(Tracked).live === ${living}) {
        return parentPort.postMessage(tracker.allStats())
      }
      setImmediate(() => { collect(); settle(rounds - 1) })
    }
    settle(10)
    parentPort.once('message', () => process.exit(held.length === ${living} ? 0 : 1))
  `
  return new Worker(source, { eval: true })
}

async function finish(worker: Worker): Promise<number> {
  const exited = once(worker, 'exit') as Promise<[number]>
  worker.postMessage('end')
  return (await exited)[0]
}

describe('a worker with its own tracker', () => {
  it('T53: leaves the counts of the main thread as they are', async () => {
    const Session = trackClass(class Session {})
    const held = makeAndKeep(2, () => new Session())
    const worker = startWorker('Session', 7)
    const [sent] = (await once(worker, 'message')) as [ClassStats[]]
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ className: 'Session', created: 17, live: 7, collected: 10 })
    expect(tracker.stats('Session')).toMatchObject({ created: 2, live: 2, collected: 0 })
    expect(tracker.allStats()).toHaveLength(1)
    expect(await finish(worker)).toBe(0)
    expect(tracker.stats('Session')).toMatchObject({ created: 2, live: 2, collected: 0 })
    keepAlive(held)
  })

  it('T53: sends statistics that a merged report labels with their thread', async () => {
    await settle()
    const workers = [startWorker('Session', 3), startWorker('Job', 4)]
    const sent = await Promise.all(
      workers.map(async (worker) => ((await once(worker, 'message')) as [ClassStats[]])[0]),
    )
    const threads = { 'worker 1': sent[0]!, 'worker 2': sent[1]! }
    const lines = tracker.report({ threads }).split('\n')
    expect(lines.find((line) => line.includes('Session [worker 1]'))).toContain(
      '3 active of 3 live',
    )
    expect(lines.find((line) => line.includes('Job [worker 2]'))).toContain('4 active of 4 live')
    const own = tracker.globalStats()
    expect(lines[1]).toBe(`  classes           ${own.totalClasses + 2}`)
    expect(lines[2]).toBe(`  instances         ${own.totalInstances + 7}`)
    expect(await Promise.all(workers.map(finish))).toEqual([0, 0])
  })

  it('T53: that ends abruptly takes its counts along and nothing else', async () => {
    const Steady = trackClass(class Steady {})
    const held = makeAndKeep(5, () => new Steady())
    const worker = startWorker('Steady', 1000)
    await once(worker, 'message')
    await worker.terminate()
    expect(tracker.stats(Steady)).toMatchObject({ created: 5, live: 5 })
    keepAlive(held)
  })

  it('T53: several of them can force collections at the same moment', async () => {
    const source = `
      const { collect } = require(${JSON.stringify(dist)})
      for (let i = 0; i < 100; i++) collect(i % 2 === 0 ? 'minor' : 'major')
    `
    const workers = makeAndKeep(4, () => new Worker(source, { eval: true }))
    const codes = await Promise.all(
      workers.map(async (worker) => ((await once(worker, 'exit')) as [number])[0]),
    )
    expect(codes).toEqual([0, 0, 0, 0])
  })
})
