import { runInNewContext } from 'node:vm'
import { collect, collectWhenIdle, monitorGc, trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture.js'
import { makeBufferGarbage, makeHeapGarbage } from '../support/garbage.js'
import { keepAlive, makeAndDrop, makeAndKeep } from '../support/instances.js'
import { beginUnmarked } from '../support/unmarked.js'

const fiftyMegabytes = 50 * 2 ** 20

describe('collect', () => {
  beginUnmarked()

  it('G1: a major collection is one event, forced, with its time and the sizes around it', () => {
    using monitor = monitorGc()
    const before = performance.now()
    const result = collect('major')
    const after = performance.now()
    const major = monitor.events().filter(({ kind }) => kind === 'mark-sweep-compact')
    expect(major).toHaveLength(1)
    const [event] = major
    expect(event).toMatchObject({ kind: 'mark-sweep-compact', forced: true })
    expect(event!.durationMs).toBeGreaterThan(0)
    expect(event!.durationMs).toBeLessThanOrEqual(result.durationMs)
    expect(event!.startMs).toBeGreaterThan(before - 1)
    expect(event!.startMs + event!.durationMs).toBeLessThan(after + 1)
    expect(event!.usedBefore).toBeGreaterThan(0)
    expect(event!.usedAfter).toBeGreaterThan(0)
    expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(1)
  })

  it('is major unless told otherwise', () => {
    using monitor = monitorGc()
    expect(collect().kind).toBe('major')
    expect(monitor.stats()['mark-sweep-compact'].count).toBe(1)
  })

  it('minor collects the young generation only', () => {
    using monitor = monitorGc()
    expect(collect('minor').kind).toBe('minor')
    const { scavenge, 'mark-sweep-compact': major } = monitor.stats()
    expect(scavenge.count).toBe(1)
    expect(major.count).toBe(0)
  })

  it('G2: a minor one counts a young unreachable tracked object dead', () => {
    const Young = trackClass(class Young {})
    collect('minor') // the young generation is empty
    makeAndDrop(1, () => new Young())
    expect(collect('minor').trackedCollected).toBe(1)
    expect(tracker.stats(Young)).toMatchObject({ created: 1, live: 0, collected: 1 })
  })

  it('tells how many tracked instances died in it, and of no others', () => {
    const Dying = trackClass(class Dying {})
    collect()
    const held = makeAndKeep(3, () => new Dying())
    makeAndDrop(100, () => new Dying())
    makeAndDrop(100, () => ({}))
    expect(collect().trackedCollected).toBe(100)
    expect(collect().trackedCollected).toBe(0)
    keepAlive(held)
  })

  it('G3: tells of at least 90 % of 50 MB of garbage in the heap', () => {
    collect()
    makeHeapGarbage(fiftyMegabytes)
    expect(collect().freedBytes).toBeGreaterThan(0.9 * fiftyMegabytes)
  })

  it('G3: tells of all of 50 MB in one piece of the heap', () => {
    collect()
    makeAndDrop(1, () => new Array(fiftyMegabytes / 8).fill(7))
    expect(collect().freedBytes).toBeGreaterThan(0.9 * fiftyMegabytes)
  })

  it.each([
    ['buffers of 1 MB', 2 ** 20],
    ['buffers of 4 KB', 4096],
    ['one buffer', fiftyMegabytes],
  ])('G3: tells of nine tenths and more of 50 MB in %s', (_, size) => {
    collect()
    makeBufferGarbage(fiftyMegabytes, size)
    expect(collect().freedBytes).toBeGreaterThan(0.9 * fiftyMegabytes)
  })

  it('G3: invents no count of objects', () => {
    expect(Object.keys(collect()).sort()).toEqual([
      'durationMs',
      'freedBytes',
      'kind',
      'trackedCollected',
    ])
  })

  it('never says that less than nothing was freed', () => {
    for (let i = 0; i < 20; i++) expect(collect().freedBytes).toBeGreaterThanOrEqual(0)
  })

  it('leaves no gc() behind, neither here nor in contexts made later', () => {
    collect()
    expect(typeof globalThis.gc).toBe('undefined')
    expect(runInNewContext('typeof gc')).toBe('undefined')
  })

  it('leaves gc() where --expose-gc put it', async () => {
    const program = `
      const { collect } = require('heapscope')
      collect('minor'); collect()
      console.log(typeof gc, require('node:vm').runInNewContext('typeof gc'))`
    const { stdout } = await runProgram(program, ['--expose-gc'])
    expect(stdout.trim()).toBe('function function')
  })

  it.each([['full'], [''], [1], [null]])(
    'refuses the kind %j and collects nothing',
    (kind: any) => {
      using monitor = monitorGc()
      expect(() => collect(kind)).toThrow(TypeError)
      expect(() => collect(kind)).toThrow(/minor, major/)
      expect(() => collectWhenIdle(kind)).toThrow(TypeError)
      expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(0)
    },
  )
})

describe('collectWhenIdle', () => {
  it('rejects where V8 does not give its gc; what would need it refuses beforehand', async () => {
    const program = `
      const { collectWhenIdle, gcRequestListener, measureGc } = require('heapscope')
      const say = ({ code }) => console.log(code)
      collectWhenIdle().catch(say)
      measureGc(() => 1, { collectAfter: 'minor' }).catch(say)
      try { gcRequestListener(() => {}, () => {}, { collectAfter: 'minor' }) } catch (e) { say(e) }`
    const { code, stdout } = await runProgram(program, ['--expose-gc-as=other'])
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toEqual(Array(3).fill('ERR_HEAPSCOPE_UNSUPPORTED'))
  })

  it('collects in a later turn, once for all who asked meanwhile', async () => {
    using monitor = monitorGc()
    const asked = [collectWhenIdle(), collectWhenIdle(), collectWhenIdle('major')]
    expect(monitor.stats()['mark-sweep-compact'].count).toBe(0)
    const results = await Promise.all(asked)
    expect(results[0]).toMatchObject({ kind: 'major' })
    expect(new Set(results).size).toBe(1)
    expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(1)
  })

  it('keeps minor and major ones apart, and can be asked again', async () => {
    using monitor = monitorGc()
    const [minor, major] = await Promise.all([collectWhenIdle('minor'), collectWhenIdle('major')])
    expect(minor.kind).toBe('minor')
    expect(major.kind).toBe('major')
    expect(await collectWhenIdle()).not.toBe(major)
    expect(monitor.events().filter(({ forced }) => forced)).toHaveLength(3)
  })
})
