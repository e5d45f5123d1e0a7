import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { makeAndDrop } from '../support/instances.js'
import { settle } from '../support/settle.js'

/** A promise that waits to be released. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

describe('asynchronous code', () => {
  it('T54: a suspended async function holds what it captured until it finishes', async () => {
    const Captured = trackClass(
      class Captured {
        used = false
      },
    )
    const { opened, open } = gate()
    const finished: Promise<void>[] = []
    async function work(): Promise<void> {
      const captured = new Captured()
      await opened
      captured.used = true
    }
    makeAndDrop(1, () => finished.push(work()))
    await settle()
    expect(tracker.stats(Captured)).toMatchObject({ created: 1, live: 1, collected: 0 })
    open()
    await finished[0]
    await settle(() => tracker.stats(Captured).live === 0)
    expect(tracker.stats(Captured)).toMatchObject({ live: 0, collected: 1 })
  })

  it('T54: so does a suspended generator, until it is dropped', async () => {
    const Captured = trackClass(class Captured {})
    function* numbers(): Generator<object> {
      const captured = new Captured()
      yield {}
      yield captured
    }
    const held: Generator<object>[] = []
    makeAndDrop(1, () => {
      const generator = numbers()
      generator.next()
      held.push(generator)
    })
    await settle()
    expect(tracker.stats(Captured).live).toBe(1)
    held.length = 0
    await settle(() => tracker.stats(Captured).live === 0)
    expect(tracker.stats(Captured).live).toBe(0)
  })

  it('async methods, async generators and callbacks of a tracked class work', async () => {
    const Fetcher = trackClass(
      class Fetcher {
        #base = 'base'
        static async create(): Promise<Fetcher> {
          await Promise.resolve()
          return new this()
        }
        async get(path: string): Promise<string> {
          await Promise.resolve()
          return `${this.#base}/${path}`
        }
        async *pages(): AsyncGenerator<number> {
          yield 1
          yield 2
        }
      },
    )
    type Fetcher = InstanceType<typeof Fetcher>
    const fetcher = await Fetcher.create()
    expect(fetcher).toBeInstanceOf(Fetcher)
    expect(await fetcher.get('x')).toBe('base/x')
    const pages: number[] = []
    for await (const page of fetcher.pages()) pages.push(page)
    expect(pages).toEqual([1, 2])
    expect(tracker.stats(Fetcher)).toMatchObject({ created: 1, live: 1 })
  })

  it('many at once do not disturb each other', async () => {
    const Step = trackClass(class Step {})
    class Special extends Step {}
    const run = async (i: number) => {
      const mine: object[] = [new Step()]
      await Promise.resolve()
      if (i % 2 === 0) mine.push(new Special())
      await new Promise((resolve) => setImmediate(resolve))
      return mine
    }
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => run(i)))
    expect(all.flat()).toHaveLength(150)
    expect(tracker.stats(Step)).toMatchObject({ created: 100, inclusive: { created: 150 } })
    expect(tracker.stats(Special).created).toBe(50)
  })
})
