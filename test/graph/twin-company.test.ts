import { captureHeap } from 'heapscope'
import { expect, test } from 'vitest'
import { runFixture, runProgram } from '../support/fixture.js'
import { Thread } from '../support/thread.js'
import { childrenOf } from '../support/twins.js'

test('a worker takes the graph of its own heap', async () => {
  await using thread = new Thread(`
    const { captureHeap } = require('heapscope')
    class OfTheWorker {}
    globalThis.held = Array.from({ length: 100 }, () => new OfTheWorker())
    captureHeap().then(
      (graph) => parentPort.postMessage([...graph.nodes({ className: 'OfTheWorker' })].length),
      (error) => parentPort.postMessage(String(error)))`)
  expect(await thread.message()).toBe(100)
})

test('a worker that is ended in the middle takes its twin with it, and another may be had', async () => {
  const thread = new Thread(`
    const { captureHeap } = require('heapscope')
    globalThis.held = Array.from({ length: 100_000 }, (_, i) => ({ i, a: [i] }))
    captureHeap({ onProgress: ({ stage }) => parentPort.postMessage(stage) })`)
  await thread.message()
  await thread[Symbol.asyncDispose]()
  expect(childrenOf().filter(({ name }) => name.includes('heapscope'))).toEqual([])
  expect((await captureHeap()).info.mode).toBe('twin')
})

test('a process that exits in the middle ends at once, as it says', async () => {
  const { code, stderr } = await runProgram(`
    const { captureHeap } = require('heapscope')
    globalThis.held = Array.from({ length: 100_000 }, (_, i) => ({ i, a: [i] }))
    captureHeap({ onProgress: () => process.exit(7) })`)
  expect({ code, stderr }).toEqual({ code: 7, stderr: '' })
})

test('children of the program are its own: their output, their exit codes', async () => {
  const { stdout } = await runProgram(`
    const { captureHeap } = require('heapscope')
    const { execFile } = require('node:child_process')
    const run = (n) => new Promise((resolve) =>
      execFile(process.execPath, ['-p', n], (error, out) => resolve(Number(out))))
    Promise.all([captureHeap(), run(1), run(2), run(3)]).then(([graph, ...answers]) =>
      console.log(graph.info.mode, ...answers))`)
  expect(stdout).toBe('twin 1 2 3\n')
})

test('a pool whose threads all wait for something else keeps no capture waiting', async () => {
  const { stdout } = await runProgram(`
    const { captureHeap } = require('heapscope')
    const fs = require('node:fs')
    const { execFileSync } = require('node:child_process')
    const pipe = require('node:path').join(require('node:os').tmpdir(), 'heapscope-' + process.pid)
    execFileSync('mkfifo', [pipe])
    let opened = 0
    for (let i = 0; i < 4; i++) fs.open(pipe, 'r', () => opened++)
    const free = () => fs.openSync(pipe, 'r+')
    const timer = setTimeout(free, 30_000)
    captureHeap({ timeoutMs: 20_000 }).then(
      ({ info }) => console.log(info.mode, opened),
      ({ code }) => console.log(code),
    ).finally(() => {
      clearTimeout(timer)
      free()
      fs.unlinkSync(pipe)
    })`)
  expect(stdout).toBe('twin 0\n')
})

test('a cluster serves on while one of its workers is looked at', async () => {
  const { stdout } = await runFixture('twin-cluster.cjs')
  expect(stdout).toBe('served twin\n')
})

test.each([
  ['a heap limit', ['--max-old-space-size=200']],
  ['an inspector', ['--inspect=0']],
  ['one V8 thread', ['--v8-pool-size=1']],
  ['no V8 threads', ['--single-threaded-gc']],
])('a process with %s has its twin as well', async (_, flags) => {
  const { stdout, code } = await runProgram(
    `const { captureHeap } = require('heapscope')
    captureHeap().then((graph) => console.log(graph.info.mode))`,
    flags,
  )
  expect({ stdout, code }).toEqual({ stdout: 'twin\n', code: 0 })
})

// A release is tried with 500 (HEAPSCOPE_TWINS=500).
const captures = Number(process.env.HEAPSCOPE_TWINS ?? 12)
const withinMs = 4 * 3_600_000

test(
  'many in a row, with every thread allocating and collecting, end in a graph',
  async () => {
    const { stdout, code } = await runFixture('twin-storm.cjs', [String(captures)], withinMs)
    expect(code).toBe(0)
    const outcome = JSON.parse(stdout) as {
      graphs: number
      errors: Record<string, number>
      leftOver: number
      grownBytes: number
    }
    expect(outcome.leftOver).toBe(0)
    expect(outcome.graphs).toBeGreaterThanOrEqual(Math.floor(captures * 0.995))
    expect(Object.keys(outcome.errors).every((name) => name.startsWith('ERR_HEAPSCOPE'))).toBe(true)
    if (captures >= 100) expect(outcome.grownBytes).toBeLessThan(50e6)
  },
  withinMs,
)
