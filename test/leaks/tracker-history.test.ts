import { execFileSync } from 'node:child_process'
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { captureHeap, trackClass } from 'heapscope'
import { findOrphaned, LeakDetector, SavedHistory, TrackerHistory } from 'heapscope/leaks'
import { expect, test } from 'vitest'
import { scratchDirectory } from '../support/snapshots.js'

// A twin's graph is the same and, of so small a heap, takes longer.
const capture = { mode: 'in-process' } as const

const scratch = scratchDirectory()

const Holder = trackClass(
  class Holder {
    data: object | undefined
  },
  { name: 'Holder' },
)
type Held = { data: object | undefined }

/** What the tests hold, where no frame of theirs does. */
const held = globalThis as { heapscopeHolders?: Held[] }
const hold = (): number => (held.heapscopeHolders ??= []).push(new Holder())
const large = 400_000
const bounds = [large, large + 2000] as const

test('T37: a snapshot is labelled by its description, if any, and the time', async () => {
  const history = new TrackerHistory({ maxSnapshots: 2, capture })
  expect((await history.snapshot()).label).toMatch(/^\d+\.\d{3}s$/)
  expect((await history.snapshot('alpha')).label).toMatch(/^alpha \(\d+\.\d{3}s\)$/)
  expect((await history.snapshot(7)).label).toMatch(/^7 \(\d+\.\d{3}s\)$/)
  expect(history.snapshots).toHaveLength(2)
  await expect(history.snapshot({} as never)).rejects.toThrow(TypeError)
})

test('T38: what two objects share is credited once, to the older one', async () => {
  const history = new TrackerHistory({ capture })
  const sizes = () => history.lives.filter(({ diedAt }) => diedAt === null).map(({ size }) => size)
  hold()
  await wait(20) // the clock of births is coarse
  hold()
  const giveTo = (i: number): void => {
    const [a, b] = held.heapscopeHolders!
    held.heapscopeHolders![i]!.data = a!.data ?? b!.data ?? Array(large / 8).fill(0.5)
  }
  giveTo(1)
  const first = await history.snapshot()
  const [a, b] = sizes()
  expect(a).toBeLessThan(2000)
  expect(between(b, bounds)).toBe(true)

  giveTo(0)
  const second = await history.snapshot()
  const [laterA, laterB] = sizes()
  expect(between(laterA, bounds)).toBe(true)
  expect(laterB).toBeLessThan(2000)
  expect(Math.abs(second.trackedTotal - first.trackedTotal)).toBeLessThan(2000)
  expect(second.classes).toEqual([
    { className: 'Holder', active: 2, sized: 2, size: laterA! + laterB! },
  ])
})

test('T38: however long the chain is by which an instance holds what it shares', async () => {
  type Link = { next: Link | null; shared: object }
  held.heapscopeHolders = []
  hold()
  hold()
  const shared = { text: Array(large / 8).fill(0.5) }
  const chain = (length: number): Link | null => {
    let last: Link | null = null
    for (let i = 0; i < length; i++) last = { next: last, shared }
    return last
  }
  held.heapscopeHolders[0]!.data = chain(20_000)!
  held.heapscopeHolders[1]!.data = shared
  const { classes } = await new TrackerHistory({ capture }).snapshot()
  const holders = classes.find(({ className }) => className === 'Holder')!
  expect(holders.size).toBeGreaterThan(20_000 * 16)
})

test('T39: sizes are broken down as deep as asked, and sum up to what is retained', async () => {
  held.heapscopeHolders = []
  hold()
  held.heapscopeHolders[0]!.data = { inner: { values: Array(1000).fill(1.5) }, name: ['x'] }
  const lifeAt = async (resolution: number) => {
    const history = new TrackerHistory({ resolution, capture })
    await history.snapshot()
    return history.lives[0]!
  }
  const [none, direct, deep] = [await lifeAt(0), await lifeAt(1), await lifeAt(2)]
  expect(none.members).toBeUndefined()
  const sum = (rows: readonly { size: number }[]) => rows.reduce((all, { size }) => all + size, 0)
  expect(none.ownSize + sum(direct.members!)).toBe(direct.size)
  expect(direct.members![0]).toMatchObject({ name: 'data' })
  expect(direct.members!.every(({ members }) => members === undefined)).toBe(true)

  const data = deep.members![0]!
  const names = data.members!.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['inner', 'name'])) // and the object's shape
  const node = await withNode(held.heapscopeHolders[0]!.data)
  expect(data.size).toBe(node.retainedSize)
  expect(node.shallowSize + sum(data.members!)).toBe(data.size)
})

test('T41, T42, T43: instances are sorted, limited and filtered, as text the same after a file', async () => {
  const Small = trackClass(class Small {}, { name: 'ASmall' })
  held.heapscopeHolders = []
  for (let i = 0; i < 10; i++) {
    hold()
    held.heapscopeHolders[i]!.data = Array(100 * ((i * 3) % 10)).fill(0.5)
  }
  const others = [new Small(), new Small()]
  const history = new TrackerHistory({ resolution: 1, capture })
  await history.snapshot('full')
  held.heapscopeHolders.splice(0, 3)
  others.pop()
  await history.snapshot('later')

  const rows = (options: object) =>
    history
      .toText(options)
      .split('\n')
      .flatMap((line) => /^ {2}(\w+)#(\d+): /.exec(line)?.slice(1).join('#') ?? [])
  const all = history.lives.length
  expect(all).toBe(12)
  const bySize = rows({ sort: 'size', className: 'Holder' })
  const sizes = new Map(history.lives.map((life) => [`${life.className}#${life.id}`, life.size]))
  const inOrder = [...bySize].sort((a, b) => sizes.get(b)! - sizes.get(a)!)
  expect(bySize.map((one) => sizes.get(one))).toEqual(inOrder.map((one) => sizes.get(one)))
  expect(rows({ sort: 'size', reverse: true }).map((one) => sizes.get(one))).toEqual(
    [...sizes.values()].sort((a, b) => a - b),
  )
  const named = rows({ sort: ['className', 'birth', 'id'] })
  expect(named.slice(0, 2)).toEqual(['ASmall#1', 'ASmall#2'])
  const ids = named.slice(2).map((one) => Number(one.split('#')[1]))
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  expect(rows({ sort: 'death' }).slice(0, 4).sort()).toEqual(
    history.lives
      .filter(({ diedAt }) => diedAt !== null)
      .map(({ className, id }) => `${className}#${id}`)
      .sort(),
  )
  expect(() => rows({ sort: 'colour' })).toThrow(RangeError)
  expect(() => rows({ sort: 'colour' })).toThrow('className, size, birth, death, id')

  expect(rows({ className: 'Holder', limit: 3 })).toHaveLength(3)
  expect(rows({ className: 'Holder', limit: 0.5 })).toHaveLength(5)
  expect(rows({ className: 'Small' })).toEqual(['ASmall#1', 'ASmall#2'])
  expect(() => rows({ limit: 0 })).toThrow(RangeError)

  const path = scratch('history.json')
  writeFileSync(path, '', { mode: 0o644 })
  await history.save(path)
  const loaded = await SavedHistory.load(path)
  for (const options of [{}, { sort: 'size' as const, limit: 4 }]) {
    expect(loaded.toText(options)).toBe(history.toText(options))
  }
  await loaded.save(scratch('again.json'))
  expect((await SavedHistory.load(scratch('again.json'))).toText()).toBe(history.toText())
  expect(statSync(path).mode & 0o777).toBe(0o600)
  writeFileSync(path, '{}')
  await expect(SavedHistory.load(path)).rejects.toMatchObject({
    code: 'ERR_HEAPSCOPE_SNAPSHOT_INVALID',
  })
})

test('L45: what is written of a heap is for its owner only, and says that it may contain secrets', async () => {
  const history = new TrackerHistory({ capture })
  const graph = await captureHeap()
  try {
    await graph.writeHeapSnapshot(scratch('own.heapsnapshot'))
    await graph.save(scratch('own.graph'))
  } finally {
    graph[Symbol.dispose]()
  }
  using detector = await LeakDetector.create()
  await history.save(scratch('own.json'))
  await detector.saveHtml(scratch('own.html'))
  for (const file of ['own.heapsnapshot', 'own.graph', 'own.json', 'own.html']) {
    expect(statSync(scratch(file)).mode & 0o777, file).toBe(0o600)
  }
  expect(history.toJSON().warning).toContain('may contain secrets')
  expect(await detector.toHtml()).toContain('may contain secrets')
})

test('L45: whoever has a file open that is written over does not read what is written', async () => {
  const path = scratch('watched.json')
  writeFileSync(path, 'as it was', { mode: 0o644 })
  const reader = openSync(path, 'r')
  await new TrackerHistory({ capture }).save(path)
  expect(readFileSync(reader, 'utf8')).toBe('as it was')
  closeSync(reader)
  expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  const nowhere = join(dirname(path), 'none', 'history.json')
  await expect(new TrackerHistory({ capture }).save(nowhere)).rejects.toMatchObject({
    code: 'ERR_HEAPSCOPE_IO',
  })
  await expect(SavedHistory.load(nowhere)).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_IO' })
})

test('a link is replaced, and what is no file is left alone', async () => {
  const history = new TrackerHistory({ capture })
  const [file, link, pipe] = [scratch('file.json'), scratch('link.json'), scratch('pipe')]
  writeFileSync(file, 'old')
  symlinkSync(file, link)
  await history.save(link)
  expect(lstatSync(link).isFile()).toBe(true)
  expect((await SavedHistory.load(link)).toText()).toBe(history.toText())
  expect(readFileSync(file, 'utf8')).toBe('old')
  execFileSync('mkfifo', [pipe])
  for (const special of [pipe, scratch('')]) {
    await expect(history.save(special)).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_IO',
      message: expect.stringContaining('no regular file'),
    })
  }
  expect(lstatSync(pipe).isFIFO()).toBe(true)
})

test('a saved history that is damaged, or of another version, is refused as what it is', async () => {
  const history = new TrackerHistory({ resolution: 1, capture })
  held.heapscopeHolders = []
  hold()
  await history.snapshot()
  const whole = JSON.stringify(history)
  const loaded = (json: string) => {
    writeFileSync(scratch('damaged.json'), json)
    return SavedHistory.load(scratch('damaged.json'))
  }
  expect((await loaded(whole)).toText()).toBe(history.toText())
  for (const field of [
    'snapshots',
    'lives',
    'label',
    'classes',
    'sized',
    'bornAt',
    'members',
    'name',
  ]) {
    const damaged = JSON.parse(whole, (key, value) => (key === field ? {} : value))
    await expect(loaded(JSON.stringify(damaged)), field).rejects.toMatchObject({
      code: 'ERR_HEAPSCOPE_SNAPSHOT_INVALID',
    })
  }
  const never = JSON.parse(whole, (key, value) => (key === 'bornAt' ? 1e308 : value))
  await expect(loaded(JSON.stringify(never))).rejects.toThrow(/damaged/)
  await expect(loaded(whole.slice(0, -10))).rejects.toThrow(/not a history/)
  const newer = whole.replace('tracker history 1', 'tracker history 2')
  await expect(loaded(newer)).rejects.toMatchObject({ code: 'ERR_HEAPSCOPE_GRAPH_VERSION' })
})

test('of more than `limit` instances the same ones are sized while they live, and only the dead are dead', async () => {
  const history = new TrackerHistory({ limit: 10, capture })
  held.heapscopeHolders = []
  while (hold() < 15);
  await history.snapshot()
  while (hold() < 20);
  const { classes } = await history.snapshot()
  expect(classes).toMatchObject([{ className: 'Holder', active: 20, sized: 10 }])
  expect(history.lives.filter(({ diedAt }) => diedAt !== null)).toEqual([])
  expect(history.lives).toHaveLength(10)
  expect(history.toText()).toMatch(/Holder: 20, \d+ B in 10 of them/)

  held.heapscopeHolders = []
  hold()
  await history.snapshot()
  expect(history.lives.filter(({ diedAt }) => diedAt !== null)).toHaveLength(10)
  expect(history.lives.filter(({ diedAt }) => diedAt === null)).toHaveLength(1)
})

test('a limit of a single instance will do', async () => {
  const history = new TrackerHistory({ limit: 1 })
  held.heapscopeHolders = []
  while (hold() < 3);
  expect((await history.snapshot()).classes).toMatchObject([{ active: 3, sized: 1 }])
  expect((await findOrphaned({ limit: 1 })).closedButReferenced).toEqual([])
})

test('a periodic snapshot that fails is counted, with the reason', async () => {
  const history = new TrackerHistory({ capture: { maxMemory: 1 } })
  hold()
  history.start({ intervalMs: 5 })
  while (history.errorCount < 2) await wait(5)
  await history.stop()
  expect(history.errors[0]).toContain('HeapscopeError')
  held.heapscopeHolders = []
})

test('snapshots can be taken again and again, and the interval be changed', async () => {
  const history = new TrackerHistory({ capture })
  expect(await history.stop()).toBe(false)
  history.start({ intervalMs: 1e6 })
  history.start({ intervalMs: 5 })
  while (history.snapshots.length < 2) await wait(5)
  expect(await history.stop()).toBe(true)
  expect(history.errorCount).toBe(0)
  const { length } = history.snapshots
  await wait(30)
  expect(history.snapshots).toHaveLength(length)
  expect(() => history.start({ intervalMs: 0 })).toThrow(RangeError)
  expect(() => new TrackerHistory({ resolution: 9 })).toThrow(RangeError)
  expect(() => new TrackerHistory({ capture: { keepIds: true } } as never)).toThrow(/keepIds/)
})

function between(value: number | undefined, [least, most]: readonly [number, number]): boolean {
  return value !== undefined && value >= least && value <= most
}

async function withNode(object: object) {
  const graph = await captureHeap({ objects: { object } })
  const node = graph.nodeOf(object)!
  const { retainedSize, shallowSize } = node
  graph[Symbol.dispose]()
  return { retainedSize, shallowSize }
}
