import { createReadStream } from 'node:fs'
import { readHeapSnapshot, type HeapGraph } from 'heapscope'
import { expect, test } from 'vitest'
import { snapshotText, type Heap } from '../support/heap-dsl.js'
import { askOracle, streamOf, type Oracle } from '../support/oracle.js'
import { scratchDirectory, writeRichSnapshot } from '../support/snapshots.js'
import { shapes } from '../support/shapes.js'

const scratch = scratchDirectory()

/** Every node and every class of both, in arrays: one comparison shows the first difference. */
function compare(graph: HeapGraph, oracle: Oracle): void {
  const nodes = [...graph.nodes()]
  expect(nodes.map(({ id }) => id)).toEqual(oracle.ids)
  expect(nodes.map(({ shallowSize }) => shallowSize)).toEqual(oracle.shallowSizes)
  expect(nodes.map(({ retainedSize }) => retainedSize)).toEqual(oracle.retainedSizes)
  const classes = new Map(
    graph
      .classes()
      .map(({ key, count, shallowSize, retainedSize }) => [
        key,
        { count, shallowSize, retainedSize },
      ]),
  )
  expect(classes).toEqual(oracle.classes)
}

async function compareDescribed(heap: Heap): Promise<void> {
  const text = snapshotText(heap)
  compare(await readHeapSnapshot([text]), await askOracle(streamOf(text)))
}

test("every size of a real heap with something of everything is DevTools'", async () => {
  const file = writeRichSnapshot(scratch('rich.heapsnapshot'))
  const graph = await readHeapSnapshot(file)
  expect(graph.info.nodes).toBeGreaterThan(40_000)
  compare(graph, await askOracle(createReadStream(file, 'utf8')))
})

test("what writeHeapSnapshot writes has DevTools' numbers, redacted or not", async () => {
  const file = writeRichSnapshot(scratch('original.heapsnapshot'))
  const graph = await readHeapSnapshot(file)
  for (const strings of ['redact', 'keep'] as const) {
    const copy = scratch(`${strings}.heapsnapshot`)
    await graph.writeHeapSnapshot(copy, { strings })
    compare(graph, await askOracle(createReadStream(copy, 'utf8')))
  }
})

test.each(Object.entries(shapes))('%s: every size is that of DevTools', async (_, shape) => {
  for (const n of [1, 2, 3, 10, 200]) await compareDescribed(shape(n))
})
