import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { captureHeap } from 'heapscope'
import { expect, test } from 'vitest'
import { Compiled, preloaded } from '../support/compiled.js'
import { runProgram } from '../support/fixture.js'
import { Thread } from '../support/thread.js'

/** A capture of a heap of half a million nodes in 150 MB: a quarter of what the usual one takes. */
const program = (options: string) => `
  const { captureHeap } = require('heapscope')
  class Held { a = [this] }
  globalThis.held = Array.from({ length: 250_000 }, () => new Held())
  captureHeap({ maxMemory: 150e6, ${options} }).then((graph) => {
    const { count, shallowSize } = graph.classes().find((row) => row.className === 'Held')
    const { peakBytes, spilledBytes } = graph.info
    console.log(JSON.stringify({ count, shallowSize, peakBytes, spilledBytes }))
  }, ({ code, message }) => console.log(JSON.stringify({ code, message })))`

test('where memory is short a twin thinks on disk, and stays within its bound', async () => {
  const { stdout, code } = await runProgram(program(''))
  expect(code).toBe(0)
  const { peakBytes, spilledBytes, ...rest } = JSON.parse(stdout) as Record<string, number>
  expect(rest).toMatchObject({ count: 250_000, shallowSize: 250_000 * 32 })
  expect(peakBytes).toBeLessThan(150e6)
  expect(spilledBytes).toBeGreaterThan(100e6)
})

test('so does one of a worker, whose allocator has a place of its own', async () => {
  await using thread = new Thread(`
    const { captureHeap } = require('heapscope')
    globalThis.held = Array.from({ length: 150 }, () => Array.from({ length: 1000 }, () => ({ a: [] })))
    captureHeap({ maxMemory: 120e6 }).then(
      ({ info }) => parentPort.postMessage(info.spilledBytes),
      (error) => parentPort.postMessage(String(error)))`)
  expect(await thread.message()).toBeGreaterThan(20e6)
})

test('where it is not to, it is refused beforehand, with both figures', async () => {
  const { stdout } = await runProgram(program("spill: 'never'"))
  expect(JSON.parse(stdout)).toEqual({
    code: 'ERR_HEAPSCOPE_BUDGET',
    message: expect.stringMatching(/would take about [\d.]+ (MB|GB) .*maxMemory is 150 MB/),
  })
})

test('a directory that is memory is not one to spill to', async () => {
  for (const spill of ['/dev/shm', '/proc', '/sys', '/no/such/directory', '/etc/passwd']) {
    await expect(captureHeap({ spill })).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_INVALID_ARG',
      message: expect.stringContaining(spill),
    })
  }
})

test('a graph that the disk did not take is an error, not one that crashes who reads it', async () => {
  using failing = new Compiled(
    `#include <errno.h>
    int fdatasync(int fd) { errno = ENOSPC; return -1; }`,
    'library',
  )
  const { stdout } = await runProgram(program(''), [], { env: preloaded(failing.path) })
  expect(JSON.parse(stdout)).toEqual({
    code: 'ERR_HEAPSCOPE_IO',
    message: expect.stringMatching(/hand over its graph: No space left/),
  })
})

test.runIf(process.getuid?.() === 0)(
  'a directory that it may not write to is passed over, and an error where it is named',
  async () => {
    const directory = mkdtempSync('/var/tmp/heapscope-')
    try {
      const nobody = { env: { TMPDIR: directory }, uid: 65534 }
      chmodSync(directory, 0o755)
      const passedOver = await runProgram(program(''), [], nobody)
      expect(JSON.parse(passedOver.stdout)).toMatchObject({ count: 250_000 })
      const named = await runProgram(program(`spill: '${directory}'`), [], nobody)
      expect(JSON.parse(named.stdout)).toEqual({
        code: 'ERR_HEAPSCOPE_INVALID_ARG',
        message: expect.stringContaining(directory),
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)

test('nothing of it stays on the disk', () => {
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('.heapscope'))).toEqual([])
})
