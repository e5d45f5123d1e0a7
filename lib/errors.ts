/**
 * The stable codes of every error heapscope raises.
 *
 * - `ERR_HEAPSCOPE_ADDON`: the native addon could not be loaded.
 * - `ERR_HEAPSCOPE_INVALID_ARG`: an argument or option is of the wrong kind (a `TypeError`).
 * - `ERR_HEAPSCOPE_OUT_OF_RANGE`: an argument or option has an impossible value (a `RangeError`).
 * - `ERR_HEAPSCOPE_NOT_TRACKED`: the class or object is not tracked.
 * - `ERR_HEAPSCOPE_AMBIGUOUS_NAME`: several tracked classes bear the name.
 * - `ERR_HEAPSCOPE_ALREADY_CLOSED`: the instance was closed before.
 * - `ERR_HEAPSCOPE_READ_ONLY`: the holder does not let its class be replaced.
 */
export type HeapscopeErrorCode =
  | 'ERR_HEAPSCOPE_ADDON'
  | 'ERR_HEAPSCOPE_INVALID_ARG'
  | 'ERR_HEAPSCOPE_OUT_OF_RANGE'
  | 'ERR_HEAPSCOPE_NOT_TRACKED'
  | 'ERR_HEAPSCOPE_AMBIGUOUS_NAME'
  | 'ERR_HEAPSCOPE_ALREADY_CLOSED'
  | 'ERR_HEAPSCOPE_READ_ONLY'

/** Says what was wrong and what would be right; `code` is stable. */
export class HeapscopeError extends Error {
  override readonly name = 'HeapscopeError'

  constructor(
    readonly code: HeapscopeErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** A wrong argument: a `TypeError` with our code. */
export function invalidArgument(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_HEAPSCOPE_INVALID_ARG' as const })
}

/** An impossible value: a `RangeError` with our code. */
export function outOfRange(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_HEAPSCOPE_OUT_OF_RANGE' as const })
}
