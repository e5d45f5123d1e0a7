import type { ClassRow } from '../graph/graph-types.js'
import type { HeapGraph } from '../graph/heap-graph.js'

/** What V8 calls the memory of an ArrayBuffer, outside the heap: of a Buffer it is all but a few bytes. */
const bufferData = 'system / JSArrayBufferData'

/** The classes of a graph, where buffers have the size of their memory. */
export function classRows(graph: HeapGraph): ClassRow[] {
  const rows = graph.classes()
  const data = rows.find(({ className }) => className === bufferData)
  if (!data) return rows
  return rows
    .filter((row) => row !== data)
    .map((row) =>
      row.className === 'ArrayBuffer'
        ? { ...row, shallowSize: row.shallowSize + data.shallowSize }
        : row,
    )
}
