import { parse } from 'heap-snapshot-toolkit'

/** One class as DevTools' table has it. */
export interface OracleClass {
  count: number
  shallowSize: number
  retainedSize: number
}

/** What the engine of Chrome DevTools says of a snapshot: what our numbers are held against. */
export interface Oracle {
  ids: number[]
  shallowSizes: number[]
  retainedSizes: number[]
  /** The id of the dominator; of the root its own. */
  dominators: number[]
  /** By DevTools' key. */
  classes: Map<string, OracleClass>
}

export async function askOracle(
  file: ReadableStream<string> | NodeJS.ReadableStream,
): Promise<Oracle> {
  // Its types name a few members only.
  const snapshot: any = await parse(file as ReadableStream)
  const oracle: Oracle = {
    ids: [],
    shallowSizes: [],
    retainedSizes: [],
    dominators: [],
    classes: new Map(),
  }
  const node = snapshot.createNode(0)
  const idAt = (ordinal: number): number => {
    node.nodeIndex = ordinal * snapshot.nodeFieldCount
    return node.id()
  }
  for (let i = 0; i < snapshot.nodeCount; i++) {
    node.nodeIndex = i * snapshot.nodeFieldCount
    oracle.ids.push(node.id())
    oracle.shallowSizes.push(node.selfSize())
    oracle.retainedSizes.push(node.retainedSize())
    oracle.dominators.push(idAt(snapshot.dominatorsTree[i]))
  }
  const table = snapshot.aggregatesWithFilter({})
  for (const [key, row] of Object.entries<any>(table)) {
    const { count, self, maxRet } = row
    oracle.classes.set(key, { count, shallowSize: self, retainedSize: maxRet })
  }
  return oracle
}

export function streamOf(text: string): ReadableStream<string> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(text)
      controller.close()
    },
  })
}
