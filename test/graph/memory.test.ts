import { expect, test } from 'vitest'
import { Compiled, preloaded } from '../support/compiled.js'
import { dist, runProgram } from '../support/fixture.js'

test('a graph whose worker is terminated before it gets it is freed', async () => {
  const inWorker = `
    const { captureHeap } = require(${JSON.stringify(dist)})
    const kept = Array.from({ length: 100_000 }, (_, i) => ({ i }))
    captureHeap()
    require('node:worker_threads').parentPort.postMessage('capturing')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
    kept.length = 0`
  const { stdout } = await runProgram(
    `
    const { Worker } = require('node:worker_threads')
    const { once } = require('node:events')
    const { setTimeout: delay } = require('node:timers/promises')
    ;(async () => {
      const residents = []
      for (let i = 0; i < 8; i++) {
        const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true })
        await once(worker, 'message')
        await delay(1000) // most often enough for the analysis: only then is there a graph
        await worker.terminate()
        gc()
        residents.push(process.memoryUsage.rss())
      }
      console.log(residents[7] - residents[1])
    })()`,
    ['--expose-gc'],
  )
  // Of 100,000 objects it takes some 7 MB: six of them were left.
  expect(Number(stdout)).toBeLessThan(20e6)
})

// A kernel moves no block of which a part was advised otherwise.
test.runIf(process.platform === 'linux')('what cannot be moved as it grows is copied', async () => {
  using unmoved = new Compiled(
    `#include <errno.h>
    #include <sys/mman.h>
    #include <unistd.h>
    void *mremap(void *block, size_t size, size_t wanted, int flags, ...) {
      static int told;
      if (size >= 1 << 18 && !told++) write(1, "asked\\n", 6);
      errno = EFAULT;
      return MAP_FAILED;
    }`,
    'library',
  )
  const { code, stdout } = await runProgram(
    `
    const { captureHeapSync } = require('heapscope')
    class Held {}
    globalThis.held = Array.from({ length: 100_000 }, () => new Held())
    const graph = captureHeapSync()
    console.log([...graph.nodes({ className: 'Held' })].length)`,
    [],
    { env: preloaded(unmoved.path) },
  )
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'asked\n100000\n' })
})
