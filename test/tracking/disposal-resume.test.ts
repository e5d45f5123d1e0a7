import { trackClass, tracker, type UnclosedEvent } from 'heapscope'
import { expect, it } from 'vitest'
import { makeAndDrop, makeAndKeep } from '../support/instances.js'
import { settle } from '../support/settle.js'

it('T35: a class that is tracked again after the tracker was closed begins anew', async () => {
  const File = trackClass(
    class File {
      close(): void {}
    },
  )
  const early = makeAndKeep(3, () => new File())
  tracker[Symbol.dispose]()
  expect(tracker.stats(File)).toMatchObject({ created: 3, live: 3, tracking: false })
  early.length = 0

  trackClass(File)
  const heard: UnclosedEvent[] = []
  using _listening = tracker.onUnclosed((event) => heard.push(event))
  makeAndDrop(4, () => new File())
  // Without a look at the statistics: the collections themselves must be seen.
  await settle(() => heard.length >= 4)
  expect(heard).toHaveLength(4)
  expect(heard.every(({ ageMs }) => ageMs >= 0)).toBe(true)
  expect(tracker.stats(File)).toMatchObject({ created: 4, live: 0, collected: 4, tracking: true })
})
