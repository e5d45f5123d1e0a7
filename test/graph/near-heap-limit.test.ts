import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeapGraph, onNearHeapLimit } from 'heapscope'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../support/fixture.js'
import { Thread } from '../support/thread.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heapscope-limit-'))
})
afterAll(() => rm(folder, { recursive: true }))

const leaking = (file: string, then: string) => `
  const { onNearHeapLimit } = require('heapscope')
  const v8 = require('node:v8')
  class Leaked { a = [1] }
  globalThis.held = []
  const limit = () => v8.getHeapStatistics().heap_size_limit
  const before = limit()
  const watch = onNearHeapLimit({ capture: ${JSON.stringify(file)}, extendBy: 200e6 })
  ${then}`

test('a service that dies for want of heap leaves its graph, though its loop never turned', async () => {
  const file = join(folder, 'dead.heapgraph')
  const { code, signal, stderr } = await runProgram(
    leaking(file, 'for (;;) held.push(new Leaked())'),
    ['--max-old-space-size=60'],
  )
  expect({ code, signal }).not.toEqual({ code: 0, signal: null })
  expect(stderr).toContain('heap out of memory')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  using graph = HeapGraph.open(file)
  const { count } = graph.classes().find(({ className }) => className === 'Leaked')!
  expect(count).toBeGreaterThan(100_000)
})

test('one that gets its room back lives on, with the limit that it had', async () => {
  const file = join(folder, 'alive.heapgraph')
  const { stdout, code } = await runProgram(
    leaking(
      file,
      `const timer = setInterval(() => {
        if (watch.saved || watch.failure) {
          clearInterval(timer)
          held = []
          for (let i = 0; i < 4; i++) gc()
          const { saved, failure } = watch
          const restored = limit() === before
          watch[Symbol.dispose]()
          console.log(JSON.stringify({ saved, failure, restored }))
        } else for (let i = 0; limit() === before && i < 5000; i++) held.push(new Leaked())
      }, 2)`,
    ),
    ['--max-old-space-size=60', '--expose-gc'],
  )
  expect({ stdout, code }).toEqual({ stdout: '{"saved":1,"restored":true}\n', code: 0 })
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
    { capture: 'f', times: 0 },
    { capture: 'f', extendBy: -1 },
    { capture: 'f', often: 1 },
  ]
  for (const options of bad) expect(() => onNearHeapLimit(options)).toThrow()
})
