import { join } from 'node:path'
import { captureHeap } from 'heapscope'
import { expect, test } from 'vitest'
import { Compiled, preloaded } from '../support/compiled.js'
import { root, runFixture, runProgram } from '../support/fixture.js'
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

test("what the program maps where V8's memory was stays in the program's own forks", async () => {
  // Something always lands at once in the room for code that a worker gives back.
  using landing = new Compiled(
    `#include <sys/mman.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    int munmap(void *place, size_t size) {
      int status = syscall(SYS_munmap, place, size);
      if (size >= 64 << 20)
        mmap(place, size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
      return status;
    }`,
    'library',
  )
  const { stdout } = await runProgram(
    `
    const { once } = require('node:events')
    const { readFileSync } = require('node:fs')
    const { Worker } = require('node:worker_threads')
    const { native } = require(${JSON.stringify(join(root, 'dist/native.js'))})
    const landed = () =>
      readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter((text) => {
        const [, begin, end] = /^([0-9a-f]+)-([0-9a-f]+) rw-p /.exec(text) ?? []
        return parseInt(end, 16) - parseInt(begin, 16) >= 64 << 20
      })
    async function main() {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
      await once(worker, 'online')
      const twin = native.openTwin()
      await new Promise((done) => native.surveyTwin(twin, done))
      const before = landed().length
      await worker.terminate()
      const more = landed().length - before
      const plan = { memoryBytes: 1e9, deadlineMs: 1, spillTo: '', parkMs: 5000, anyMoment: true }
      await new Promise((done) => native.forkTwin(twin, [], plan, done))
      native.closeTwin(twin)
      console.log(more > 0, landed().filter((text) => /^VmFlags:.* dc/m.test(text)).length)
    }
    main()`,
    [],
    { env: preloaded(landing.path) },
  )
  expect(stdout).toBe('true 0\n')
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
