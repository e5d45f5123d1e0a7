/** A weak proxy was used whose object is gone. */
export class DeadReferenceError extends ReferenceError {
  override readonly name = 'DeadReferenceError'
  readonly code = 'ERR_HEAPSCOPE_DEAD_REFERENCE'

  constructor() {
    super('weakly-referenced object no longer exists')
  }
}
