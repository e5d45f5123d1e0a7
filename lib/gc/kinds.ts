/**
 * V8's kinds of collection.
 *
 * - `scavenge`: empties the young generation by copying what lives.
 * - `minor-mark-sweep`: does the same by marking (V8's `--minor-ms`).
 * - `mark-sweep-compact`: the whole heap.
 * - `incremental-marking`: the start of marking in small steps.
 * - `weak-callbacks`: native finalizers after a collection.
 */
export type GcKind =
  'scavenge' | 'minor-mark-sweep' | 'mark-sweep-compact' | 'incremental-marking' | 'weak-callbacks'

/** In the order of `Kind` in `native/gc/figures.h`. */
export const gcKinds: readonly GcKind[] = [
  'scavenge',
  'minor-mark-sweep',
  'mark-sweep-compact',
  'incremental-marking',
  'weak-callbacks',
]

/** One value for each kind. */
export function byKind<T>(valueOf: (kind: GcKind, index: number) => T): Record<GcKind, T> {
  return Object.fromEntries(gcKinds.map((kind, i) => [kind, valueOf(kind, i)])) as Record<GcKind, T>
}
