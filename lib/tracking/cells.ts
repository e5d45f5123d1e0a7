/**
 * The numbers that a class's wrapper and its native half share (`Cell` in
 * `native/tracking/tracked_class.h`). The wrapper counts in them without a call, and calls only for
 * an instance that is to be followed: when SKIP has run down to 0.
 */
export const CREATED = 0
export const FAILED = 1
export const SKIP = 2

export function newCells(): Float64Array {
  return new Float64Array(16)
}
