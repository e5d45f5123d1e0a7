import type { HeapGraph } from '../graph/heap-graph.js'
import type { HeapNode, HeapReference } from '../graph/node.js'

// Who is held by more than so many others is not held by a callback alone.
const mostHolders = 100_000

/** A reference, by the index of what it leads to; `entry` where it is half of a WeakMap's. */
interface Lead {
  to: number
  entry: string | undefined
}

/**
 * Whether a root holds the node, not counting what those `passed` over hold. A WeakMap's value is held
 * where both the map and the key are.
 */
export function isHeld(graph: HeapGraph, target: HeapNode, passed: Set<number>): boolean {
  const found = new Found(target.index)
  const queue = [target]
  for (const at of queue) {
    if (queue.length > mostHolders) return true
    if (at.type === 'synthetic') {
      if (found.isTargetHeldBy(at.index)) return true
      continue
    }
    for (const reference of graph.referrers(at)) {
      const { node: holder } = reference
      if (passed.has(holder.index) || !holds(reference)) continue
      if (found.add(holder.index, { to: at.index, entry: entryOf(reference) })) queue.push(holder)
    }
  }
  return false
}

/** The way back from a node, as far as it was gone, and what of it is known to be held. */
class Found {
  readonly #leads: Map<number, Lead[]>
  readonly #held = new Set<number>()
  readonly #heldHalves = new Map<string, number>() // by entry: which of the two
  readonly #target: number

  constructor(target: number) {
    this.#target = target
    this.#leads = new Map([[target, []]])
  }

  /** Whether the holder is new. It is no held one: of these none is looked at again. */
  add(holder: number, lead: Lead): boolean {
    const known = this.#leads.get(holder)
    if (known) known.push(lead)
    else this.#leads.set(holder, [lead])
    if (this.#held.has(holder)) this.isTargetHeldBy(holder)
    return known === undefined
  }

  /** From a root on. */
  isTargetHeldBy(root: number): boolean {
    const spreading = [root]
    for (const from of spreading) {
      this.#held.add(from)
      for (const { to, entry } of this.#leads.get(from)!) {
        if (this.#held.has(to) || (entry !== undefined && !this.#isWhole(entry, from))) continue
        spreading.push(to)
      }
    }
    return this.#held.has(this.#target)
  }

  #isWhole(entry: string, half: number): boolean {
    const other = this.#heldHalves.get(entry)
    this.#heldHalves.set(entry, other ?? half)
    return other !== undefined && other !== half
  }
}

// The capture itself has the targets in its handle scope.
function holds({ type, node: holder }: HeapReference): boolean {
  return type !== 'weak' && type !== 'shortcut' && holder.name !== '(Handle scope)'
}

/** V8 has the value of an entry twice, from the key and from the table, each with a number of its own. */
function entryOf({ type, name }: HeapReference): string | undefined {
  if (type !== 'internal') return undefined
  return /^\d+ \/ (part of key \(.*\) pair in WeakMap \(table @\d+\))$/s.exec(String(name))?.[1]
}
