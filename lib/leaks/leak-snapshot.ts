import type { ClassFigures, ClassTable } from './class-table.js'

/** What is read of the process besides its classes. Bytes; time in milliseconds since 1970. */
export interface MemoryFigures {
  time: number
  /** The process's resident memory. */
  memoryUsage: number
  heapUsed: number
  external: number
  arrayBuffers: number
  /**
   * The heap in use right after the last full collection since the snapshot before, or what the graph
   * holds; null where there was none.
   */
  heapAfterCollection: number | null
}

const fields = [
  'time',
  'memoryUsage',
  'heapUsed',
  'external',
  'arrayBuffers',
  'heapAfterCollection',
] as const satisfies (keyof MemoryFigures)[]

/**
 * One moment of a `LeakDetector`. All its figures are in two arrays of numbers and become properties
 * and tables when they are asked for: a detector's snapshots must not grow in its own eyes.
 */
export class LeakSnapshot implements MemoryFigures {
  readonly label: string
  readonly #table: ClassTable
  readonly #memory: Float64Array
  readonly #packed: Float64Array

  /** @internal */
  constructor(label: string, figures: MemoryFigures, table: ClassTable, packed: Float64Array) {
    this.label = label
    this.#table = table
    this.#memory = Float64Array.from(fields, (name) => figures[name] ?? NaN)
    this.#packed = packed
  }

  get time(): number {
    return this.#memory[0]!
  }
  get memoryUsage(): number {
    return this.#memory[1]!
  }
  get heapUsed(): number {
    return this.#memory[2]!
  }
  get external(): number {
    return this.#memory[3]!
  }
  get arrayBuffers(): number {
    return this.#memory[4]!
  }
  get heapAfterCollection(): number | null {
    const bytes = this.#memory[5]!
    return Number.isNaN(bytes) ? null : bytes
  }

  /** Instances of all classes together. */
  get objectCount(): number {
    let sum = 0
    for (const [, { count }] of this.#rows()) sum += count
    return sum
  }

  /** Instances by class name, classes without any left out. */
  get typeCounts(): Record<string, number> {
    return Object.fromEntries([...this.#rows()].map(([name, { count }]) => [name, count]))
  }

  /** Bytes of the instances themselves by class name; null where only instances were counted. */
  get sizesByType(): Record<string, number> | null {
    const rows = [...this.#rows()]
    if (rows.some(([, { shallowSize }]) => shallowSize === null)) return null
    return Object.fromEntries(rows.map(([name, { shallowSize }]) => [name, shallowSize ?? 0]))
  }

  /** @internal By the class's place in the detector's table. */
  figuresOf(index: number): ClassFigures {
    return this.#table.read(this.#packed, index)
  }

  *#rows(): IterableIterator<[string, ClassFigures]> {
    for (const [index, name] of this.#table.names.entries()) {
      const figures = this.figuresOf(index)
      if (figures.count > 0) yield [name, figures]
    }
  }
}
