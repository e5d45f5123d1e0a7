import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { captureHeap, type HeapGraph } from 'heapscope'
import { expect, test } from 'vitest'
import { Compiled, preloaded } from '../support/compiled.js'
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
  expect(output).toMatch(/^ERR_HEAPSCOPE_IO .*hand over/)
})

test.each([
  ['not allowed', 1, 'ERR_HEAPSCOPE_UNSUPPORTED', 'Operation not permitted'],
  ['at its bound of processes', 11, 'ERR_HEAPSCOPE_MEMORY', 'Resource temporarily unavailable'],
])('a process that cannot be forked, being %s, says so', async (_, errno, code, why) => {
  using forkless = new Compiled(
    `#include <errno.h>
    int fork(void) { errno = ${errno}; return -1; }`,
    'library',
  )
  const { stdout } = await runProgram(
    `
    const { captureHeap } = require('heapscope')
    const tell = ({ code, message, info }) => console.log(info ? info.mode : code + ' ' + message)
    captureHeap().catch(tell)
      .then(() => captureHeap({ fallback: 'in-process' }))
      .then(tell, tell)`,
    [],
    { env: preloaded(forkless.path) },
  )
  const refused = `${code} this process cannot be forked: ${why}`
  // What is short for a moment is no reason to pause the service.
  const then = code === 'ERR_HEAPSCOPE_UNSUPPORTED' ? 'in-process' : refused
  expect(stdout).toBe(`${refused}\n${then}\n`)
})

test.runIf(process.getuid?.() === 0)(
  'where the process may have no more threads, it is an error of the capture alone',
  async () => {
    const { stdout } = await runProgram(
      `
      const { captureHeap } = require('heapscope')
      const { execFileSync } = require('node:child_process')
      require('node:fs').readFile('/proc/self/stat', () => { // so that the pool's threads are there
        execFileSync('prlimit', ['--pid', process.pid, '--nproc=1'])
        const failed = () => captureHeap().catch(({ code, message }) => console.log(code, message))
        failed().then(failed) // none that failed is in the way of the next
      })`,
      [],
      { uid: 65534 }, // root is not bound by that limit
    )
    expect(stdout).toMatch(/^(ERR_HEAPSCOPE_MEMORY no thread can be had.*\n){2}$/)
  },
)

test('where descriptors are short it is said, and the next capture has its graph', async () => {
  const { stdout } = await runProgram(
    `
    const { captureHeap } = require('heapscope')
    const fs = require('node:fs')
    async function main() {
      const own = []
      try { for (;;) own.push(fs.openSync('/dev/null')) } catch {}
      const outcomes = []
      while (outcomes.at(-1) !== 'twin' && outcomes.length < 20) {
        await captureHeap().then(
          ({ info }) => outcomes.push(info.mode),
          ({ code, message }) => outcomes.push(code + ' ' + message))
        fs.closeSync(own.pop())
      }
      while (own.length) fs.closeSync(own.pop())
      process.stdout.write(JSON.stringify(outcomes))
    }
    console.log('') // has its own descriptors from now on
    main()`,
    [],
    { descriptors: 100 },
  )
  const outcomes = JSON.parse(stdout) as string[]
  expect(outcomes.pop()).toBe('twin')
  expect(outcomes.length).toBeGreaterThan(2)
  for (const one of outcomes) expect(one).toMatch(/^ERR_HEAPSCOPE_IO .*(EMFILE|[Tt]oo many open)/)
})

// Whoever traces it keeps a dead one from being taken off the kernel.
test.runIf(process.getuid?.() === 0)(
  'a twin that does not end when it is killed is waited for in the background',
  async () => {
    using tracer = new Compiled(
      `#include <stdio.h>
      #include <sys/ptrace.h>
      #include <unistd.h>
      int main() {
        int pid;
        puts("ready");
        fflush(stdout);
        if (scanf("%d", &pid) != 1 || ptrace(PTRACE_SEIZE, pid, 0, 0) != 0) return 1;
        puts("seized");
        fflush(stdout);
        return pause();
      }`,
      'program',
    )
    const tracing = spawn(tracer.path, { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(tracing.stdout, 'data') // it is up
    const controller = new AbortController()
    tracing.stdout.once('data', () => controller.abort())
    const timer = setInterval(() => {
      const [twin] = twinsOf()
      if (!twin) return
      clearInterval(timer)
      process.kill(twin.pid, 'SIGSTOP')
      tracing.stdin.write(`${twin.pid}\n`)
    }, 5)
    const failed = captureHeap({ signal: controller.signal })
    await expect(failed).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_ABORTED' })
    expect(twinsOf().length).toBe(1)
    tracing.kill('SIGKILL')
    await until(() => twinsOf().length === 0)
    expect((await captureHeap()).info.mode).toBe('twin')
  },
)

test('a worker that ends just when its twin was forked leaves no process behind', async () => {
  for (let delay = 0; delay < 20; delay++) {
    const worker = new Worker(
      `const { captureHeap } = require(${JSON.stringify(dist)})
      const { native } = require(${JSON.stringify(join(dirname(dist), 'native.js'))})
      const { forkTwin } = native
      native.forkTwin = (...args) => {
        const start = forkTwin(...args)
        if (start === 0) {
          const until = performance.now() + ${delay / 10}
          while (performance.now() < until);
          process.exit(47)
        }
        return start
      }
      captureHeap({ whenBusy: 'wait' })`,
      { eval: true },
    )
    expect(await once(worker, 'exit')).toEqual([47])
  }
  await until(() => twinsOf().length === 0)
})

test('under a limit of addresses, which V8 would not survive, a capture is refused', async () => {
  const program = `
    const { captureHeap } = require(${JSON.stringify(dist)})
    const { execFileSync } = require('node:child_process')
    const status = require('node:fs').readFileSync('/proc/self/status', 'utf8')
    const limit = Number(/VmSize:\\s+(\\d+)/.exec(status)[1]) * 1024 + 20e6
    execFileSync('prlimit', ['--pid', process.pid, '--as=' + limit])
    const tell = ({ code, message }) => console.log(code, message)
    captureHeap({ mode: 'in-process' }).catch(tell)`
  const { code, stdout } = await runProgram(program)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ERR_HEAPSCOPE_BUDGET .*left of its limit of addresses/)
})

test('a twin ends with the process, even if that is killed', async () => {
  const program = `
    const { captureHeap } = require(${JSON.stringify(dist)})
    globalThis.held = Array.from({ length: 100_000 }, (_, i) => ({ i, a: [i] }))
    captureHeap()`
  const parent = spawn(process.execPath, ['-e', program], { stdio: 'ignore' })
  await until(() => twinsOf(parent.pid).length > 0)
  const [twin] = twinsOf(parent.pid)
  process.kill(twin!.pid, 'SIGSTOP') // or it might have come to its own end
  parent.kill('SIGKILL')
  const killed = performance.now()
  await until(() => !isAlive(twin!.pid))
  expect(performance.now() - killed).toBeLessThan(2000)
})
