import { native } from '../native.js'
import { start, takeDead, type Owner } from './deliver.js'
import { tooMany, type Target } from './target.js'

const { cellsAdd, cellsAssign, cellsGet, cellsHas, cellsLive, cellsRelease } = native

/**
 * What a weak collection holds, by slots. A slot keeps its place after its object's death until
 * `onDead` has been told of it; that happens from the event loop, or while another is added.
 */
export class Cells<T extends Target> implements Owner {
  #index = -1

  constructor(private readonly onDead: (slots: Uint32Array) => void) {}

  add(value: T): number {
    if (this.#index < 0) {
      start()
      this.#index = native.cellsCreate(this)
    }
    const slot = cellsAdd(this.#index, value)
    if (slot === undefined) throw tooMany()
    if (slot >= 0) return slot
    this[takeDead]()
    return -1 - slot
  }

  /** Gives the slot another object; whether the one before it lived. */
  assign(slot: number, value: T): boolean {
    return cellsAssign(this.#index, slot, value)
  }

  get(slot: number): T | undefined {
    return cellsGet(this.#index, slot) as T | undefined
  }

  has(slot: number): boolean {
    return cellsHas(this.#index, slot)
  }

  /** Frees the slot; whether its object lived. */
  release(slot: number): boolean {
    return cellsRelease(this.#index, slot)
  }

  /** Frees all slots, and their memory. */
  clear(): void {
    if (this.#index >= 0) native.cellsClear(this.#index)
  }

  /** How many live, as the last collection found. */
  get live(): number {
    return this.#index < 0 ? 0 : cellsLive(this.#index)
  }

  [takeDead](): void {
    this.onDead(native.cellsTakeDead(this.#index))
  }
}
