export { sameTarget, weakRefCount, weakRefs } from './counting.js'
export { DeadReferenceError } from './dead-reference-error.js'
export { flush } from './deliver.js'
export { onError } from './errors-hook.js'
export type { ExitPhase } from './exit.js'
export {
  finalize,
  type FinalizeOptions,
  type Finalizer,
  type FinalizerParts,
} from './finalize.js'
export { IterableWeakSet } from './iterable-weak-set.js'
export { weakMethod, type WeakMethod } from './method.js'
export { isWeakProxy, weakProxy } from './proxy.js'
export { ref, WeakReference, type ReferenceCallback } from './reference.js'
export { findSelfHeld, type SelfHeld } from './self-held.js'
export type { Target } from './target.js'
export { WeakKeyMap } from './weak-key-map.js'
export { WeakValueMap } from './weak-value-map.js'
