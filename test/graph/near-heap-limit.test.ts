import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeapGraph, onNearHeapLimit } from 'heapscope'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root, runProgram } from '../support/fixture.js'
import { Thread } from '../support/thread.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heapscope-limit-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Objects that fill a heap fast, and are few. */
const leaking = (file: string, then: string, { timeoutMs = 60_000, extendBy = 200e6 } = {}) => `
  const { onNearHeapLimit } = require('heapscope')
  const v8 = require('node:v8')
  class Leaked { a = Array.from({ length: 200 }, Math.random) }
  globalThis.held = []
  const limit = () => v8.getHeapStatistics().heap_size_limit
  const before = limit()
  const watch = onNearHeapLimit({
    capture: ${JSON.stringify(file)}, extendBy: ${extendBy}, timeoutMs: ${timeoutMs}
  })
  ${then}`

const flags = ['--max-old-space-size=60', '--expose-gc']

/** With an fsync that does as test/fixtures/fsync.cc says. */
function withFsync(how: string): NodeJS.ProcessEnv {
  const library = join(folder, 'fsync.so')
  const source = join(root, 'test/fixtures/fsync.cc')
  execFileSync(process.env['CXX'] ?? 'g++', ['-shared', '-fPIC', '-o', library, source])
  return { LD_PRELOAD: [process.env['LD_PRELOAD'] ?? '', library].join(' ').trim(), FSYNC: how }
}

const gettingRoomBack = `
  const timer = setInterval(() => {
    if (watch.saved || watch.failure) {
      clearInterval(timer)
      held = []
      for (let i = 0; i < 4; i++) gc()
      const restored = limit() === before
      watch[Symbol.dispose]()
      const { saved, failure } = watch
      console.log(JSON.stringify({ saved, failure, restored }))
    } else for (let i = 0; limit() === before && i < 300; i++) held.push(new Leaked())
  }, 2)`

test('a service that dies for want of heap leaves its graph, though its loop never turned', async () => {
  const file = join(folder, 'dead.heapgraph')
  const { code, signal, stderr } = await runProgram(
    leaking(file, 'for (;;) held.push(new Leaked())'),
    flags,
  )
  expect({ code, signal }).not.toEqual({ code: 0, signal: null })
  expect(stderr).toContain('heap out of memory')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  using graph = HeapGraph.open(file)
  const { count } = graph.classes().find(({ className }) => className === 'Leaked')!
  expect(count).toBeGreaterThan(10_000)
})

test('so does one that does nothing but collect any more, of which V8 asks inside a collection', async () => {
  const file = join(folder, 'collecting.heapgraph')
  const { stderr } = await runProgram(
    leaking(
      file,
      `for (let i = 0; ; i++) {
        held.push({ i, kept: [i] })
        if (i % 100 === 0) Array.from({ length: 2000 }, (_, i) => ({ i }))
      }`,
      { extendBy: 20e6 },
    ),
    flags,
  )
  expect(stderr).toContain('heap out of memory')
  expect(existsSync(file)).toBe(true)
})

test('so does one whose last allocation does not fit at once, for which V8 asks nobody', async () => {
  const file = join(folder, 'table.heapgraph')
  const { stderr, signal } = await runProgram(
    leaking(file, 'for (let i = 0; ; i++) (globalThis.table ??= new Set()).add(i)'),
    ['--max-old-space-size=100'],
  )
  expect(stderr).toContain('heap out of memory')
  expect(signal).toBe('SIGABRT')
  expect(existsSync(file)).toBe(true)
})

test('a SIGABRT of another process is not held up while a graph is saved', async () => {
  const never = join(folder, 'never')
  const { signal } = await runProgram(
    leaking(
      join(folder, 'aborted.heapgraph'),
      `
      const { existsSync } = require('node:fs')
      while (limit() === before) held.push(new Leaked())
      while (!existsSync(${JSON.stringify(`${never}.reached`)})) ;
      require('node:child_process').execFileSync('kill', ['-ABRT', String(process.pid)])
      for (;;) ;`,
      { timeoutMs: 3_600_000 },
    ),
    flags,
    { env: withFsync(never) },
  )
  expect(signal).toBe('SIGABRT')
})

const stopTwins = `
  const { readdirSync, readFileSync } = require('node:fs')
  const stopped = new Set()
  function stopTwins() {
    for (const pid of readdirSync('/proc')) {
      try {
        if (!(pid > 0) || stopped.has(pid)) continue
        const [, name, parent] = /\\((.*)\\) . (\\d+)/.exec(readFileSync(\`/proc/\${pid}/stat\`, 'utf8'))
        if (name !== 'heapscope-twin' || Number(parent) !== process.pid) continue
        stopped.add(pid)
        process.kill(Number(pid), 'SIGSTOP')
      } catch {} // it ended meanwhile
    }
  }`

test('a capture that is at work gives way to the one near the limit', async () => {
  const file = join(folder, 'first.heapgraph')
  const { stdout, code } = await runProgram(
    leaking(
      file,
      `
      ${stopTwins}
      const others = Array.from({ length: 200_000 }, (_, i) => ({ i }))
      const onProgress = () => {
        stopTwins()
        if (stopped.size === 0) return
        while (limit() === before) held.push(new Leaked())
      }
      const { captureHeap } = require('heapscope')
      captureHeap({ onProgress }).catch(({ code, message }) => {
        console.log(code, message)
        while (!watch.saved && !watch.failure) ;
        console.log(watch.saved, watch.failure, others.length)
        held = []
        watch[Symbol.dispose]()
      })`,
    ),
    ['--max-old-space-size=80'],
  )
  expect(stdout).toMatch(/^ERR_HEAPSCOPE_TWIN .* gave way .*\n1 undefined 200000\n$/)
  expect(code).toBe(0)
  expect(existsSync(file)).toBe(true)
})

test('a twin that stands still is followed by another, for which the service waits before it dies', async () => {
  const file = join(folder, 'second.heapgraph')
  const { stderr } = await runProgram(
    leaking(
      file,
      `
      const { Worker } = require('node:worker_threads')
      new Worker(\`${stopTwins.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('$', '\\$')}
        const timer = setInterval(() => {
          stopTwins()
          if (stopped.size > 0) clearInterval(timer)
        }, 1)\`, { eval: true }).once('online', () => {
        for (;;) held.push(new Leaked())
      })`,
    ),
    flags,
  )
  expect(stderr).toContain('heap out of memory')
  expect(existsSync(file)).toBe(true)
})

test('one that gets its room back lives on, with the limit that it had', async () => {
  const file = join(folder, 'alive.heapgraph')
  const { stdout, code } = await runProgram(leaking(file, gettingRoomBack), flags)
  expect({ stdout, code }).toEqual({ stdout: '{"saved":1,"restored":true}\n', code: 0 })
  expect(existsSync(file)).toBe(true)
})

test('a twin that takes too long is ended, and the watch says so', async () => {
  const file = join(folder, 'late.heapgraph')
  const { stdout } = await runProgram(leaking(file, gettingRoomBack, { timeoutMs: 10 }), flags)
  expect(JSON.parse(stdout)).toEqual({
    saved: 0,
    failure: 'the twin ended without a graph: its time was up',
    restored: true,
  })
  expect(existsSync(file)).toBe(false)
})

test('a process has one watch at a time, for every copy of the script', async () => {
  const { stdout, code } = await runProgram(`
    const attempt = () => {
      try {
        return require('heapscope').onNearHeapLimit({ capture: 'unused' })
      } catch ({ code }) {
        console.log(code)
      }
    }
    const first = attempt()
    attempt()
    for (const file of Object.keys(require.cache)) delete require.cache[file]
    attempt()
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    const second = attempt()
    attempt()
    second[Symbol.dispose]()`)
  expect({ stdout, code }).toEqual({ stdout: 'ERR_HEAPSCOPE_BUSY\n'.repeat(3), code: 0 })
})

test('a watch that nobody keeps watches all the same', async () => {
  const file = join(folder, 'unkept.heapgraph')
  const { stderr } = await runProgram(
    `
    class Leaked { a = Array.from({ length: 200 }, Math.random) }
    require('heapscope').onNearHeapLimit({ capture: ${JSON.stringify(file)}, extendBy: 200e6 })
    let turns = 0
    const timer = setInterval(() => {
      gc()
      if (++turns < 5) return
      for (const held = []; ; ) held.push(new Leaked())
    }, 10)`,
    flags,
  )
  expect(stderr).toContain('heap out of memory')
  expect(existsSync(file)).toBe(true)
})

test('a shortage of memory while the graph is saved is told, and ends nothing', async () => {
  const file = join(folder, 'short.heapgraph')
  const env = withFsync('throw')
  const { stdout, code } = await runProgram(leaking(file, gettingRoomBack), flags, { env })
  expect({ stdout, code }).toEqual({
    stdout: '{"saved":0,"failure":"std::bad_alloc","restored":true}\n',
    code: 0,
  })
  expect(existsSync(file)).toBe(false)
})

test('to dispose of a watch does not wait for the graph, which is saved all the same', async () => {
  const file = join(folder, 'later.heapgraph')
  const go = join(folder, 'go')
  const { stdout, code } = await runProgram(
    leaking(
      file,
      `
      const { existsSync, writeFileSync } = require('node:fs')
      while (limit() === before) held.push(new Leaked())
      while (!existsSync(${JSON.stringify(`${go}.reached`)})) ;
      watch[Symbol.dispose]()
      console.log(watch.saved)
      writeFileSync(${JSON.stringify(go)}, '')
      while (!watch.saved) ;
      console.log(watch.saved)
      const { captureHeap } = require('heapscope')
      captureHeap().then((graph) => console.log(graph.info.mode), console.log)
      `,
    ),
    flags,
    { env: withFsync(go) },
  )
  expect({ stdout, code }).toEqual({ stdout: '0\n1\ntwin\n', code: 0 })
  expect(existsSync(file)).toBe(true)
})

test('a worker, which Node ends alone, is left to that', async () => {
  await using thread = new Thread(`
    try {
      require('heapscope').onNearHeapLimit({ capture: 'unused' })
    } catch (error) {
      parentPort.postMessage(error.code)
    }`)
  expect(await thread.message()).toBe('ERR_HEAPSCOPE_UNSUPPORTED')
})

test('what it does not understand is refused', () => {
  const bad = [
    { capture: '' },
    { capture: 'a\0b' },
    { capture: 'f', times: 0 },
    { capture: 'f', extendBy: -1 },
    { capture: 'f', timeoutMs: 0 },
    { capture: 'f', often: 1 },
  ]
  for (const options of bad) expect(() => onNearHeapLimit(options)).toThrow()
})

test('where no graph could be saved is told at once', () => {
  for (const capture of ['/no/such/folder/graph', '/tmp', '/dev/null']) {
    expect(() => onNearHeapLimit({ capture })).toThrow(
      expect.objectContaining({ code: 'ERR_HEAPSCOPE_IO' }),
    )
  }
})
