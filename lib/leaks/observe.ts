import { setImmediate as nextTurn } from 'node:timers/promises'
import { collect } from '../gc/collect.js'
import { nextEventIndex, readEvents } from '../gc/events.js'
import { captureHeap } from '../graph/capture.js'
import { census } from '../graph/census.js'
import type { HeapGraph } from '../graph/heap-graph.js'
import { readFigures } from '../tracking/figures.js'
import { allRecords } from '../tracking/registry.js'
import { isInternalClass } from './class-kinds.js'
import { classRows } from './class-rows.js'
import type { ClassFigures } from './class-table.js'
import type { MemoryFigures } from './leak-snapshot.js'
import type { GraphOptions } from './graph-options.js'

export interface Observation {
  rows: [name: string, figures: ClassFigures][]
  memory: MemoryFigures
  /** In mode `heap`: to be disposed of. */
  graph?: HeapGraph
}

export interface ObserveOptions {
  mode: 'counts' | 'heap'
  census: boolean
  collect: boolean
  capture: GraphOptions
}

/** Reads the classes and the memory, in one of a detector's modes, and the collections since last time. */
export class Observer {
  #nextEvent = nextEventIndex()

  async observe(options: ObserveOptions): Promise<Observation> {
    const { mode, census, collect: collects, capture } = options
    if (collects) {
      await nextTurn()
      collect()
    }
    return mode === 'heap' ? this.#graph(capture) : this.#counts(census)
  }

  #counts(withCensus: boolean): Observation {
    const rows = allRecords().map((record) => row(record.name, readFigures(record).live))
    if (withCensus) {
      const tracked = new Set(rows.map(([name]) => name))
      const others = census().filter(({ className }) => !tracked.has(className))
      rows.push(...others.map(({ className, count }) => row(className, count)))
    }
    return { rows, memory: memoryNow(this.#heapAfterCollection()) }
  }

  async #graph(capture: GraphOptions): Promise<Observation> {
    const graph = await captureHeap(capture)
    const classes = classRows(graph)
    const own = classes.filter(({ className }) => !isInternalClass(className))
    const held = own.reduce((sum, { shallowSize }) => sum + shallowSize, 0)
    this.#nextEvent = nextEventIndex()
    return {
      rows: classes.map(({ className, ...figures }) => [className, figures]),
      memory: memoryNow(held),
      graph,
    }
  }

  #heapAfterCollection(): number | null {
    const { events } = readEvents(this.#nextEvent)
    this.#nextEvent = nextEventIndex()
    const full = events.filter(({ kind }) => kind === 'mark-sweep-compact')
    return full.at(-1)?.usedAfter ?? null
  }
}

function row(name: string, count: number): [string, ClassFigures] {
  return [name, { count: Math.round(count), shallowSize: null, retainedSize: null }]
}

function memoryNow(heapAfterCollection: number | null): MemoryFigures {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  return {
    time: Date.now(),
    memoryUsage: rss,
    heapUsed,
    external,
    arrayBuffers,
    heapAfterCollection,
  }
}
