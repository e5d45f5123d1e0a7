import { trackClass, tracker } from 'heapscope'
import { WeakValueMap } from 'heapscope/weakref'
import { expect, it } from 'vitest'
import { settle } from '../support/settle.js'

/** A cache that holds nothing: an entry lives as long as somebody uses its object. */
class SmartCache<V extends object> {
  readonly #entries = new WeakValueMap<string, V>()
  hits = 0
  misses = 0

  get(key: string, create?: () => V): V | undefined {
    const found = this.#entries.get(key)
    if (found) {
      this.hits++
      return found
    }
    this.misses++
    const made = create?.()
    if (made) this.#entries.set(key, made)
    return made
  }

  get size(): number {
    return this.#entries.size
  }
  get hitRatio(): number {
    const lookups = this.hits + this.misses
    return lookups === 0 ? 0 : this.hits / lookups
  }
}

const users: object[] = []
const use = (cache: SmartCache<object>, key: string, create?: () => object): boolean => {
  const value = cache.get(key, create)
  if (value) users.push(value)
  return value !== undefined
}

it('T46: a weak cache counts hits and misses, and is empty once its objects are dropped', async () => {
  const Entry = trackClass(class Entry {})
  const cache = new SmartCache<object>()
  expect(cache.hitRatio).toBe(0)
  use(cache, 'a', () => new Entry())
  use(cache, 'b', () => new Entry())
  expect([cache.hits, cache.misses]).toEqual([0, 2])
  expect(use(cache, 'a')).toBe(true)
  expect([cache.hits, cache.misses]).toEqual([1, 2])
  expect(cache.hitRatio).toBeCloseTo(1 / 3)
  expect(cache.size).toBe(2)
  expect(tracker.stats(Entry).active).toBe(2)

  users.length = 0
  await settle(() => cache.size === 0)
  expect(cache.size).toBe(0)
  expect(tracker.stats(Entry).active).toBe(0)
  expect(use(cache, 'a')).toBe(false)
})
