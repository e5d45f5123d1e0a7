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
 * - `ERR_HEAPSCOPE_UNSUPPORTED`: not on this platform, or not yet.
 * - `ERR_HEAPSCOPE_BUDGET`: it would take more memory, or a longer pause, than there is.
 * - `ERR_HEAPSCOPE_MEMORY`: memory could not be had though the estimate was within the budget.
 * - `ERR_HEAPSCOPE_ABORTED`: the caller's signal ended it.
 * - `ERR_HEAPSCOPE_TIMEOUT`: it was not done within `timeoutMs`.
 * - `ERR_HEAPSCOPE_BUSY`: the process has a twin at work already.
 * - `ERR_HEAPSCOPE_TWIN`: the twin ended without a graph; nothing happened to the process itself.
 * - `ERR_HEAPSCOPE_IO`: a file could not be opened, read or written.
 * - `ERR_HEAPSCOPE_SNAPSHOT_INVALID`: not a heap snapshot, or a damaged one.
 * - `ERR_HEAPSCOPE_SNAPSHOT_TRUNCATED`: a heap snapshot that ends too early.
 * - `ERR_HEAPSCOPE_GRAPH_INVALID`: not a saved graph, or a damaged one.
 * - `ERR_HEAPSCOPE_GRAPH_VERSION`: a graph or history saved by another version, or a graph on another kind of
 *   machine.
 * - `ERR_HEAPSCOPE_NOT_IN_GRAPH`: the node is another graph's, or the graph cannot tell.
 * - `ERR_HEAPSCOPE_RELEASED`: the graph, or the detector, was disposed of.
 * - `ERR_HEAPSCOPE_DEAD_REFERENCE`: a weak proxy's object is gone (a `ReferenceError`).
 * - `ERR_HEAPSCOPE_NO_SUCH_KEY`: a weak collection does not have the key or member, or is empty.
 */
export type HeapscopeErrorCode =
  | 'ERR_HEAPSCOPE_ADDON'
  | 'ERR_HEAPSCOPE_INVALID_ARG'
  | 'ERR_HEAPSCOPE_OUT_OF_RANGE'
  | 'ERR_HEAPSCOPE_NOT_TRACKED'
  | 'ERR_HEAPSCOPE_AMBIGUOUS_NAME'
  | 'ERR_HEAPSCOPE_ALREADY_CLOSED'
  | 'ERR_HEAPSCOPE_READ_ONLY'
  | 'ERR_HEAPSCOPE_UNSUPPORTED'
  | 'ERR_HEAPSCOPE_BUDGET'
  | 'ERR_HEAPSCOPE_MEMORY'
  | 'ERR_HEAPSCOPE_ABORTED'
  | 'ERR_HEAPSCOPE_TIMEOUT'
  | 'ERR_HEAPSCOPE_BUSY'
  | 'ERR_HEAPSCOPE_TWIN'
  | 'ERR_HEAPSCOPE_IO'
  | 'ERR_HEAPSCOPE_SNAPSHOT_INVALID'
  | 'ERR_HEAPSCOPE_SNAPSHOT_TRUNCATED'
  | 'ERR_HEAPSCOPE_GRAPH_INVALID'
  | 'ERR_HEAPSCOPE_GRAPH_VERSION'
  | 'ERR_HEAPSCOPE_NOT_IN_GRAPH'
  | 'ERR_HEAPSCOPE_RELEASED'
  | 'ERR_HEAPSCOPE_DEAD_REFERENCE'
  | 'ERR_HEAPSCOPE_NO_SUCH_KEY'

export interface HeapscopeErrorOptions extends ErrorOptions {
  offset?: number
}

/** Says what was wrong and what would be right; `code` is stable. */
export class HeapscopeError extends Error {
  override readonly name = 'HeapscopeError'
  /** Of a damaged file: the byte at which it was noticed. */
  declare readonly offset?: number

  constructor(
    readonly code: HeapscopeErrorCode,
    message: string,
    options?: HeapscopeErrorOptions,
  ) {
    super(message, options)
    if (options?.offset !== undefined) this.offset = options.offset
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
