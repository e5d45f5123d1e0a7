import { native } from '../native.js'

export interface ClassCount {
  className: string
  count: number
}

/**
 * Counts the live objects of every class, the most first, without a graph: no sizes, no holders.
 * Pauses the thread for 0.7 to 1.2 seconds per million objects (V8 marks the heap first), takes about
 * 95 MB per million meanwhile, and leaves nothing behind.
 */
export function census(): ClassCount[] {
  const { names, counts } = native.census()
  return names.map((className, i) => ({ className, count: counts[i]! }))
}
