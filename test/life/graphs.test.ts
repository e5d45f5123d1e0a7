import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { HeapGraph, readHeapSnapshot } from 'heapscope'
import { expect, test } from 'vitest'
import { dist, runFixture, runProgram } from '../support/fixture.js'
import { scratchDirectory, writeRichSnapshot } from '../support/snapshots.js'

const scratch = scratchDirectory()

/** What a sudden end may leave in the folder: whole files, or none. */
async function expectWholeFiles(): Promise<void> {
  for (const name of readdirSync(scratch('.'))) {
    expect(name).toMatch(/\.(heapsnapshot|heapgraph)$/)
    if (name.endsWith('.heapgraph')) HeapGraph.open(scratch(name))
    else await readHeapSnapshot(scratch(name))
  }
}

test(
  'workers that capture, read, analyse and save, each terminated at a random moment, leave the process alive',
  { timeout: 300_000 },
  async () => {
    writeRichSnapshot(scratch('rich.heapsnapshot'))
    const outcome = await runFixture('graph-storm.cjs', ['24', scratch('.')])
    expect(outcome).toMatchObject({ code: 0, signal: null, stdout: '24 workers ended\n' })
    await expectWholeFiles()
  },
)

test.each([
  ['a capture', 'captureHeap()'],
  ['the reading of a file', 'readHeapSnapshot(from)'],
  ['a search for cycles', 'graph.cycles()'],
  ['a search for suspects', 'graph.suspects()'],
  ['a comparison', 'graph.diffAsync(graph, { byObject: true })'],
  ['saving', 'graph.save(to)'],
  ['the writing of a snapshot', 'graph.writeHeapSnapshot(to)'],
])('process.exit in the middle of %s ends the process as it says', async (_, work) => {
  const from = writeRichSnapshot(scratch('exit.heapsnapshot'))
  for (const delay of [1, 20]) {
    const { code, signal, stderr } = await runProgram(`
      const { captureHeap, captureHeapSync, readHeapSnapshot } = require('heapscope')
      const [from, to] = ${JSON.stringify([from, scratch(`exit-${delay}.heapgraph`)])}
      const graph = captureHeapSync()
      setTimeout(() => process.exit(7), ${delay})
      ;(async () => { for (;;) await ${work} })()`)
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' })
  }
  expect(readdirSync(scratch('.')).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a process that is done with its work does not wait for a listener of ours', async () => {
  const { code, stdout } = await runProgram(`
    const { captureHeap } = require('heapscope')
    captureHeap().then((graph) => graph.cycles()).then(() => {
      console.log(process.listenerCount('exit'))
    })`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: '0\n' })
})

test.runIf(process.platform === 'linux')(
  'a worker that is terminated does not wait for what its jobs have yet to do',
  async () => {
    const long = scratch('long.heapsnapshot')
    writeFileSync(long, '{')
    const spaces = Buffer.alloc(2 ** 24, ' ')
    for (let i = 0; i < 24; i++) appendFileSync(long, spaces)
    const inWorker = `
      const { readHeapSnapshot } = require(${JSON.stringify(dist)})
      readHeapSnapshot(${JSON.stringify(long)})
      require('node:worker_threads').parentPort.postMessage('reading')`
    const { stdout } = await runProgram(`
      const { readFileSync } = require('node:fs')
      const { Worker } = require('node:worker_threads')
      const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true })
      worker.once('message', async () => {
        await worker.terminate()
        console.log(/rchar: (\\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1])
      })`)
    rmSync(long)
    expect(Number(stdout)).toBeGreaterThan(0)
    expect(Number(stdout)).toBeLessThan(24 * 2 ** 24)
  },
)
