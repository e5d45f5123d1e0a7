import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { trackClass } from 'heapscope'
import { MemoryWatcher } from 'heapscope/leaks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { root, runProgram } from '../support/fixture.js'
import { scratchDirectory } from '../support/snapshots.js'
import { until } from '../support/until.js'
import { Warnings } from '../support/warnings.js'

const mebibyte = 2 ** 20
const scratch = scratchDirectory()
let memoryMb = 100

beforeEach(() => {
  memoryMb = 100
  vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => memoryMb * mebibyte)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const sampleAt = (watcher: MemoryWatcher, mb: number): void => {
  memoryMb = mb
  watcher.sample()
}

test('L31: the defaults are a minute, 60 samples, 50 MB, and no collection', () => {
  expect(new MemoryWatcher().options).toEqual({
    intervalMs: 60_000,
    historySize: 60,
    thresholdMb: 50,
    collect: false,
  })
  expect(() => new MemoryWatcher({ historySize: 1 })).toThrow(RangeError)
  expect(() => new MemoryWatcher({ interval: 1 } as never)).toThrow(TypeError)
  expect(() => new MemoryWatcher({ collect: 1 } as never)).toThrow(/collect/)
})

test('L33: the newest samples are kept', () => {
  const watcher = new MemoryWatcher({ historySize: 3 })
  for (const mb of [1, 2, 3, 4, 5]) sampleAt(watcher, mb)
  expect(watcher.history.map((sample) => sample.memoryMb)).toEqual([3, 4, 5])
  expect(
    watcher
      .toNdjson()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).memoryMb),
  ).toEqual([3, 4, 5])
})

test('L34: a jump above the threshold is an alert, one of just the threshold is not', () => {
  const onAlert = vi.fn()
  const watcher = new MemoryWatcher({ thresholdMb: 5, onAlert })
  sampleAt(watcher, 105)
  expect(onAlert).not.toHaveBeenCalled()
  sampleAt(watcher, 125)
  expect(onAlert.mock.calls).toEqual([['memory grew by 20.00 MB to 125.00 MB', 125, 20]])
})

test('L34: an alert draws the history into a file; one that cannot be written is a warning', async () => {
  using warnings = new Warnings()
  const pictureFile = scratch('memory.svg')
  const watcher = new MemoryWatcher({ thresholdMb: 5, pictureFile })
  sampleAt(watcher, 105)
  await watcher.stop()
  expect(existsSync(pictureFile)).toBe(false)
  sampleAt(watcher, 125)
  sampleAt(watcher, 145)
  await watcher.stop()
  const svg = readFileSync(pictureFile, 'utf8')
  expect(svg).toBe(watcher.toSvg())
  expect(svg.match(/<circle/g)).toHaveLength(4)

  await using nowhere = new MemoryWatcher({ pictureFile: scratch('no/such/folder.svg') })
  sampleAt(nowhere, 1000)
  await nowhere.stop()
  await until(() => warnings.list.length > 0)
  expect(warnings.list[0]!.detail).toMatch(/folder\.svg could not be written/)
  expect(() => new MemoryWatcher({ pictureFile: 'memory.gif' })).toThrow(/\.svg or \.png/)
})

test('L35: the growth rate is that of an hour, and 0 of too little', () => {
  vi.useFakeTimers({ now: 0 })
  const watcher = new MemoryWatcher()
  expect(watcher.growthRate()).toBe(0)
  vi.setSystemTime(3_599)
  sampleAt(watcher, 200)
  expect([watcher.growthRate(), watcher.trend()]).toEqual([0, 0])
  vi.setSystemTime(1_800_000)
  sampleAt(watcher, 103.75)
  vi.setSystemTime(3_600_000)
  sampleAt(watcher, 107.5)
  expect(watcher.growthRate()).toBe(7.5)
  const steady = new MemoryWatcher()
  vi.setSystemTime(7_200_000)
  sampleAt(steady, 115)
  expect(steady.trend()).toBeCloseTo(7.5)
})

test('L37: an analysis tells memory, what a collection freed, the rate and the types', () => {
  const analysis = new MemoryWatcher().analyze()
  expect(analysis).toMatchObject({ currentMb: 100, growthRate: 0 })
  expect(analysis.freedBytes).toBeGreaterThanOrEqual(0)
  const counts = analysis.topTypes.map(({ count }) => count)
  expect(counts).toHaveLength(10)
  expect(counts).toEqual([...counts].sort((a, b) => b - a))
  expect(analysis.report).toMatch(/^Memory analysis\n {2}current: 100\.00 MB/)
  expect(analysis.report).toMatch(/\n {4}1\. \w+: \d+,\d{3}\n/)
})

test('L38: each of two watchers logs its own lines once', async () => {
  const lines: string[] = []
  const logger = {
    info: (line: string) => lines.push(line),
    warn: (line: string) => lines.push(line),
  }
  await using first = new MemoryWatcher({ logger, thresholdMb: 1 })
  await using second = new MemoryWatcher({ logger, thresholdMb: 1000 })
  sampleAt(first, 200)
  sampleAt(second, 200)
  expect(lines.filter((line) => line.includes('grew'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('ready'))).toHaveLength(2)
})

test('L39: `current` is not kept, `sample` is', () => {
  const watcher = new MemoryWatcher()
  memoryMb = 7
  expect(watcher.current()).toBe(7)
  expect(watcher.history).toHaveLength(1)
  watcher.sample()
  expect(watcher.history).toHaveLength(2)
})

test('L41: Prometheus and JSON tell memory, active instances and collections', () => {
  class Measured {}
  const Tracked = trackClass(Measured)
  const kept = [new Tracked(), new Tracked()]
  const watcher = new MemoryWatcher({ collect: true })
  expect(watcher.metrics()).toMatchObject({ active: { Measured: kept.length } })
  expect(watcher.metrics().collections['mark-sweep-compact']).toBeGreaterThan(0)
  const parsed = JSON.parse(JSON.stringify(watcher.metrics()))
  const some = expect.any(Number)
  expect(parsed).toMatchObject({ rss: some, heapUsed: some, external: some })
  expect(parsed).toMatchObject({ active: { Measured: 2 }, collections: { scavenge: some } })
  const lines = watcher.toPrometheus().trim().split('\n')
  for (const line of lines) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"\})? [\d.e+]+)$/)
  }
  expect(lines).toContain('heapscope_active_instances{class="Measured"} 2')
  for (const name of ['resident', 'heap_used', 'external']) {
    expect(lines.find((line) => line.startsWith(`heapscope_${name}_bytes `))).toBeDefined()
  }
  expect(lines.find((line) => line.startsWith('heapscope_gc_total{kind="scavenge"}'))).toBeDefined()
})

test('L41: a class called as what objects inherit is one like others', () => {
  const Odd = [
    trackClass(class {}, { name: 'constructor' }),
    trackClass(class {}, { name: '__proto__' }),
  ]
  const kept = Odd.map((Tracked) => new Tracked())
  const lines = new MemoryWatcher().toPrometheus().split('\n')
  expect(lines).toContain(`heapscope_active_instances{class="constructor"} ${kept.length - 1}`)
  expect(lines).toContain('heapscope_active_instances{class="__proto__"} 1')
})

test('it starts once, samples at every interval, and stops once', async () => {
  vi.useFakeTimers()
  const warn = vi.fn()
  await using watcher = new MemoryWatcher({ logger: { info() {}, warn } })
  expect(await watcher.stop()).toBe(false)
  expect([watcher.start(), watcher.start(), watcher.running]).toEqual([true, false, true])
  await vi.advanceTimersByTimeAsync(180_000)
  expect(watcher.history).toHaveLength(5)
  expect(await watcher.stop()).toBe(true)
  expect(warn).toHaveBeenCalledTimes(2)
})

test.each([
  ['onAlert', `{ onAlert() { throw new Error('no') } }`],
  ['onAlert', `{ async onAlert() { throw new Error('no') } }`],
  ['the logger', `{ logger: { info() {}, warn() { throw new Error('no') } } }`],
  ['the logger', `{ logger: { info() {}, async warn() { throw new Error('no') } } }`],
  ['a sample of MemoryWatcher', `{ onAlert() { process.memoryUsage.rss = null } }`],
])('a failing %s of a running watcher is a warning and ends nothing: %s', async (what, options) => {
  const { code, stdout, stderr } = await runProgram(`
    const { MemoryWatcher } = require('heapscope/leaks')
    let rss = 0
    process.memoryUsage.rss = () => (rss += 100 * 2 ** 20)
    const watcher = new MemoryWatcher({ intervalMs: 5, ...${options} })
    watcher.start()
    setTimeout(() => console.log('alive'), 100)`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'alive\n' })
  expect(stderr).toContain(`${what} threw`)
})

test('a constructor that refuses its options leaves no hook at the collections', async () => {
  const { stdout } = await runProgram(`
    const { MemoryWatcher } = require('heapscope/leaks')
    const { native } = require(${JSON.stringify(join(root, 'dist/native.js'))})
    try { new MemoryWatcher({ historySize: 1 }) } catch (error) { console.log(error.name) }
    require('heapscope').collect()
    console.log(native.gcEventsWritten())`)
  expect(stdout).toBe('RangeError\n0\n')
})

test('L30: neither a watcher nor an alarm keeps the process alive', async () => {
  const { code, stdout } = await runProgram(`
    const { MemoryWatcher, createAlarm } = require('heapscope/leaks')
    new MemoryWatcher().start()
    createAlarm().then(() => console.log('armed'))`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'armed\n' })
})
