/** The last so many of what was pushed, oldest first. */
export class Ring<T> {
  readonly #items: T[] = []

  constructor(readonly size: number) {}

  push(item: T): void {
    if (this.#items.length === this.size) this.#items.shift()
    this.#items.push(item)
  }

  get items(): readonly T[] {
    return this.#items
  }
}
