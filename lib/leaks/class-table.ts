/** Of one class at one moment. Sizes are null where only instances were counted. */
export interface ClassFigures {
  count: number
  shallowSize: number | null
  retainedSize: number | null
}

const perClass = 3

/** A program that makes classes as it runs would fill this; what is beyond counts together. */
const mostClasses = 10_000
const others = '(other classes)'

/**
 * The names of the classes of a detector's snapshots, in the order in which they were first seen:
 * a snapshot is then one array of numbers, and hardly shows in the next one. No name is dropped again;
 * beyond 10,000 all further classes are one, `(other classes)`.
 */
export class ClassTable {
  readonly #indexes = new Map<string, number>()

  get names(): readonly string[] {
    return [...this.#indexes.keys()]
  }

  pack(rows: Iterable<readonly [name: string, figures: ClassFigures]>): Float64Array {
    const summed = new Map<number, ClassFigures>()
    for (const [name, figures] of rows) {
      const index = this.#indexOf(name)
      const known = summed.get(index)
      summed.set(index, known ? plus(known, figures) : figures)
    }
    const packed = new Float64Array(this.#indexes.size * perClass)
    for (const [index, { count, shallowSize, retainedSize }] of summed) {
      packed.set([count, shallowSize ?? NaN, retainedSize ?? NaN], index * perClass)
    }
    return packed
  }

  /** What a snapshot knows of a class: nothing of it where it was first seen later. */
  read(packed: Float64Array, index: number): ClassFigures {
    const [count = 0, shallowSize = 0, retainedSize = 0] = packed.subarray(index * perClass)
    return { count, shallowSize: known(shallowSize), retainedSize: known(retainedSize) }
  }

  #indexOf(name: string): number {
    let index = this.#indexes.get(name)
    if (index !== undefined) return index
    if (this.#indexes.size >= mostClasses - 1 && name !== others) return this.#indexOf(others)
    index = this.#indexes.size
    this.#indexes.set(name, index)
    return index
  }
}

function plus(a: ClassFigures, b: ClassFigures): ClassFigures {
  const add = (x: number | null, y: number | null) => (x === null || y === null ? null : x + y)
  return {
    count: a.count + b.count,
    shallowSize: add(a.shallowSize, b.shallowSize),
    retainedSize: add(a.retainedSize, b.retainedSize),
  }
}

function known(size: number): number | null {
  return Number.isNaN(size) ? null : size
}
