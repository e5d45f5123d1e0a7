/**
 * Finds the oldest in a `Map` or `Set` again and again, while those found are taken out. Each new
 * iterator of V8's goes past all that were taken out before, so one is kept. It holds no value.
 */
export class Oldest<T> {
  #rest: Iterator<T> | undefined

  constructor(private readonly all: () => Iterator<T>) {}

  /** Of the first that gives something, what it gives. */
  find<R>(give: (each: T) => R | undefined): R | undefined {
    if (this.#rest) {
      const found = firstOf(this.#rest, give)
      if (found !== undefined) return found
    }
    this.#rest = this.all()
    return firstOf(this.#rest, give)
  }
}

function firstOf<T, R>(rest: Iterator<T>, give: (each: T) => R | undefined): R | undefined {
  for (let step = rest.next(); !step.done; step = rest.next()) {
    const found = give(step.value)
    if (found !== undefined) return found
  }
  return undefined
}
