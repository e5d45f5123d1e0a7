import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { captureHeap, type HeapGraph } from 'heapscope'
import { expect, test } from 'vitest'
import { dist, runProgram } from '../support/fixture.js'
import { childrenOf, isAlive, twinsOf } from '../support/twins.js'
import { until } from '../support/until.js'

// Enough that a twin works for a while.
const held = Array.from({ length: 5000 }, (_, i) => ({ i, text: [String(i)] }))

/** Does that to each twin as soon as it is there, until the capture ends. */
async function whileCapturing(toTwin: (pid: number) => void): Promise<unknown> {
  const seen = new Set<number>()
  const timer = setInterval(() => {
    for (const { pid, state } of twinsOf()) {
      if (state === 'Z' || seen.has(pid)) continue
      seen.add(pid)
      toTwin(pid)
    }
  }, 5)
  try {
    return await captureHeap().catch((error: unknown) => error)
  } finally {
    clearInterval(timer)
    expect(seen.size).toBeGreaterThan(0)
    expect(childrenOf().filter(({ name }) => name.includes('heapscope'))).toEqual([])
    expect(held.length).toBe(5000)
  }
}

test('a twin that is killed is reported, and the process lives', async () => {
  const error = await whileCapturing((pid) => process.kill(pid, 'SIGKILL'))
  expect(error).toMatchObject({
    code: 'ERR_HEAPSCOPE_TWIN',
    message: expect.stringContaining('killed'),
  })
  expect((await captureHeap()).info.mode).toBe('twin')
})

test('a twin that stands still is ended, and others are tried, a bounded number of times', async () => {
  let stopped = 0
  const error = await whileCapturing((pid) => {
    stopped++
    process.kill(pid, 'SIGSTOP')
  })
  expect(error).toMatchObject({
    code: 'ERR_HEAPSCOPE_TWIN',
    message: expect.stringContaining('stood still'),
  })
  expect(stopped).toBe(5)
})

test('a twin that crashes is tried again', async () => {
  let crashed = 0
  const { info } = (await whileCapturing((pid) => {
    if (crashed++ === 0) process.kill(pid, 'SIGSEGV')
  })) as HeapGraph
  expect(info.mode).toBe('twin')
  expect(info.attempts).toBeGreaterThan(1)
})

test('the signals of the service are not those of the twin', async () => {
  const { info } = (await whileCapturing((pid) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)
      process.kill(pid, signal)
  })) as HeapGraph
  expect({ mode: info.mode, attempts: info.attempts }).toEqual({ mode: 'twin', attempts: 1 })
})

test('a twin that comes to the bound of its memory says so', async () => {
  const { stdout } = await runProgram(
    `
    const { captureHeap } = require('heapscope')
    globalThis.held = Array.from({ length: 200_000 }, (_, i) => ({ i, a: [i] }))
    // The estimate is kept out of the way: it would refuse beforehand.
    const { native } = require(require.resolve('heapscope').replace('index.js', 'native.js'))
    native.estimateCapture = () => [1, 1, 1, 1, 1]
    captureHeap({ maxMemory: 60e6 }).catch(({ code }) => console.log(code))`.replaceAll(
      "require.resolve('heapscope')",
      JSON.stringify(dist),
    ),
  )
  expect(stdout).toBe('ERR_HEAPSCOPE_MEMORY\n')
})

test('shared memory that cannot be filled is an error of the capture alone', async () => {
  const program = `
    const { captureHeap } = require(${JSON.stringify(dist)})
    captureHeap().catch(({ code, message }) => console.log(code, message))`
  const child = spawn('prlimit', ['--fsize=65536', process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (data) => (output += String(data)))
  await once(child, 'close')
  expect(output).toMatch(/^ERR_HEAPSCOPE_MEMORY .*hand over/)
})

test.runIf(process.getuid?.() === 0)(
  'where the process may not fork, it is unsupported',
  async () => {
    const program = `
    const { captureHeap } = require(${JSON.stringify(dist)})
    const { execFileSync } = require('node:child_process')
    require('node:fs').readFile('/proc/self/stat', () => { // so that the pool's threads are there
      execFileSync('prlimit', ['--pid', process.pid, '--nproc=1'])
      captureHeap().catch(({ code, message }) => console.log(code, message))
    })`
    const nobody = 65534 // root is not bound by that limit
    const child = spawn(process.execPath, ['-e', program], {
      uid: nobody,
      gid: nobody,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (data) => (output += String(data)))
    await once(child, 'close')
    expect(output).toMatch(/^ERR_HEAPSCOPE_UNSUPPORTED .*cannot be forked/)
  },
)

test('a twin ends with the process, even if that is killed', async () => {
  const program = `
    const { captureHeap } = require(${JSON.stringify(dist)})
    globalThis.held = Array.from({ length: 100_000 }, (_, i) => ({ i, a: [i] }))
    captureHeap()`
  const parent = spawn(process.execPath, ['-e', program], { stdio: 'ignore' })
  await until(() => twinsOf(parent.pid).length > 0)
  const [twin] = twinsOf(parent.pid)
  parent.kill('SIGKILL')
  const killed = performance.now()
  await until(() => !isAlive(twin!.pid))
  expect(performance.now() - killed).toBeLessThan(2000)
})
