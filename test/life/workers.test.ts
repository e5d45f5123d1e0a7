import { describe, expect, it, test } from 'vitest'
import { join } from 'node:path'
import { root, runFixture, runProgram } from '../support/fixture'

// The program ends by itself with code 0 only if no worker took the process down with it.
describe('200 workers that track, monitor and allocate, each terminated at a random moment', () => {
  const storms = {
    workers: 'with the addon loaded in the workers alone',
    both: 'with the addon loaded in the main thread too',
    copies: 'with two copies of the addon in every thread',
  }
  for (const [where, sentence] of Object.entries(storms)) {
    it(`leave the process alive ${sentence}`, { timeout: 300_000 }, async () => {
      const outcome = await runFixture('worker-storm.cjs', ['200', where])
      expect(outcome).toMatchObject({ code: 0, signal: null, stdout: '200 workers ended\n' })
    })
  }
})

// Where an extension of a new context could not be installed V8 prints the running script; from Node 22
// on it says at least that, and nobody can keep it from it.
test('workers that are terminated in their first collection print nothing but a line of V8', async () => {
  const inWorker = `
    const { native } = require(${JSON.stringify(join(root, 'dist/native.js'))})
    require('node:worker_threads').parentPort.postMessage('ready')
    for (;;) native.gcFunction()?.()`
  const { stdout, stderr } = await runProgram(`
    const { Worker } = require('node:worker_threads')
    const { once } = require('node:events')
    const { setTimeout: delay } = require('node:timers/promises')
    ;(async () => {
      for (let i = 0; i < 30; i++) {
        const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true })
        await once(worker, 'message')
        await delay(Math.random() * 10)
        await worker.terminate()
      }
    })()`)
  expect({
    stdout,
    stderr: stderr.replaceAll("Error installing extension 'v8/gc'.\n", ''),
  }).toEqual({
    stdout: '',
    stderr: '',
  })
})
