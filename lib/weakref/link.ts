import { native } from '../native.js'
import { face, notify, start } from './deliver.js'
import { tooMany, type Target } from './target.js'

const { linkAdd, linkCancel, linkLives, linkShare, linkShared, linkTarget } = native

const noSlot = -1
let slotOf: (link: Link) => number
let clearSlot: (link: Link) => void

/**
 * What holds a target weakly. The native half holds the link weakly too: one that nobody refers to
 * any more is never told of its target's death.
 */
export abstract class Link {
  #slot: number

  static {
    slotOf = (link) => link.#slot
    clearSlot = (link) => {
      link.#slot = noSlot
    }
  }

  protected constructor(target: Target, notifies: boolean) {
    start()
    this.#slot = linkAdd(target, this, notifies)
    if (this.#slot < 0) throw tooMany()
  }

  // A `Notified`; not said, because the published types leave the two out.
  /** @internal */
  abstract [notify](): unknown

  /** @internal */
  [face](): object {
    return this
  }
}

// Functions, not methods: users extend these classes, and may use any name.

export function targetOf(link: Link): unknown {
  return linkTarget(slotOf(link))
}

export function isLive(link: Link): boolean {
  return linkLives(slotOf(link))
}

/** From now on the link has no target, and is told nothing. */
export function cancel(link: Link): void {
  linkCancel(slotOf(link))
  clearSlot(link)
}

/** The native half has let go of the link already. */
export function forgetSlot(link: Link): void {
  clearSlot(link)
}

/** As what a link without a callback is shared by all who ask for one. */
export const enum Shared {
  reference = 1,
  proxy = 2,
}

export function findShared(target: Target, as: Shared): object | undefined {
  start()
  return linkShared(target, as)
}

export function share(link: Link, as: Shared): void {
  linkShare(slotOf(link), as)
}
