import { collect } from 'heapscope'
import { RefTracker } from 'heapscope/leaks'
import { forgetDead } from '../../dist/leaks/forget-dead.js'
import { afterEach, expect, test } from 'vitest'

class Item {}

/** What the tests hold, where no frame of theirs does. */
const held = globalThis as { heapscopeHeld?: Record<string, object> | undefined }
const hold = (name: string): void => {
  held.heapscopeHeld = { ...held.heapscopeHeld, [name]: new Item() }
}
afterEach(() => {
  delete held.heapscopeHeld
})
/** In a function of its own: a test that waits holds its variables. */
const holdThrice = (): void => {
  const { item } = held.heapscopeHeld!
  held.heapscopeHeld!.list = [item!, item!, item!]
}
const track = (tracker: RefTracker, name: string) => tracker.track(held.heapscopeHeld![name]!, name)

test('R9: one reference, an alias more, none, and reclaimed', async () => {
  const tracker = new RefTracker({ mode: 'in-process' })
  hold('item')
  expect(await track(tracker, 'item')).toEqual({ item: 1 })
  held.heapscopeHeld!.alias = held.heapscopeHeld!.item!
  expect(await tracker.snapshot()).toEqual({ item: 2 })
  delete held.heapscopeHeld!.alias
  expect(await tracker.snapshot()).toEqual({ item: 1 })
  delete held.heapscopeHeld!.item
  expect(await tracker.report()).toBe(
    ['Tracked references', '  item (Item): 0 [reclaimed]'].join('\n'),
  )
  expect(tracker.snapshots.map(({ item }) => item)).toEqual([1, 2, 1, 0])
})

test('R10: three references from an array are three more', async () => {
  const tracker = new RefTracker({ mode: 'in-process' })
  hold('item')
  await track(tracker, 'item')
  holdThrice()
  await tracker.snapshot()
  expect(tracker.compare()).toEqual({ item: 3 })
  expect(tracker.compare(-1, -2)).toEqual({ item: -3 })
  for (const index of [2, -3, 0.5]) expect(() => tracker.compare(0, index)).toThrow(RangeError)
  expect(() => tracker.compare('0' as never)).toThrow(TypeError)
})

test('R11: a primitive is a TypeError that names it', () => {
  const tracker = new RefTracker({ mode: 'in-process' })
  expect(() => tracker.track(7 as never, 'seven')).toThrow(TypeError)
  expect(() => tracker.track(7 as never, 'seven')).toThrow('the number 7')
  expect(() => tracker.track({}, '')).toThrow(TypeError)
  expect(() => new RefTracker({ max: 1 } as never)).toThrow(TypeError)
})

test('names that objects inherit, or that set their prototype, are names like others', async () => {
  const tracker = new RefTracker({ mode: 'in-process' })
  held.heapscopeHeld = { list: [1] }
  for (const name of ['list', 'constructor', '__proto__'])
    await tracker.track(held.heapscopeHeld.list!, name)
  expect(Object.entries(tracker.compare())).toEqual([
    ['list', 0],
    ['constructor', 1],
    ['__proto__', 1],
  ])
})

test('what is untracked is in no later snapshot', async () => {
  const tracker = new RefTracker({ mode: 'in-process' })
  hold('item')
  await track(tracker, 'item')
  expect([tracker.untrack('item'), tracker.untrack('item')]).toEqual([true, false])
  expect(await tracker.snapshot()).toEqual({})
  expect(tracker.trackedObjects.size).toBe(0)
})

test('of the dead the oldest are forgotten', () => {
  const entries = new Map([
    ['a', 0],
    ['b', 1],
    ['c', 0],
    ['d', 0],
  ])
  forgetDead(entries, (alive) => alive === 0, 2)
  expect([...entries.keys()]).toEqual(['b', 'c', 'd'])
})

test('one graph counts all names, arrays, functions and plain objects alike', async () => {
  const tracker = new RefTracker({ maxSnapshots: 2, mode: 'in-process' })
  held.heapscopeHeld = { list: [1], call: () => 1, plain: { a: 1 } }
  for (const name of ['list', 'call', 'plain']) await track(tracker, name)
  expect(await tracker.snapshot()).toEqual({ list: 1, call: 1, plain: 1 })
  expect(tracker.snapshots).toHaveLength(2)
  expect([...tracker.trackedObjects.keys()]).toEqual(['list', 'call', 'plain'])
})

test('nothing is held by being tracked', async () => {
  const tracker = new RefTracker()
  hold('item')
  await track(tracker, 'item')
  const seen = new WeakRef(held.heapscopeHeld!.item!)
  await new Promise((resolve) => setImmediate(resolve))
  delete held.heapscopeHeld!.item
  await tracker.snapshot()
  collect()
  expect(seen.deref()).toBeUndefined()
})
