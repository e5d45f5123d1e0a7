const builtIns = new Set<unknown>([
  ...[Array, ArrayBuffer, Boolean, DataView, Date, FinalizationRegistry, Function, Map, Number],
  ...[Object, Promise, RegExp, Set, SharedArrayBuffer, String, WeakMap, WeakRef, WeakSet],
  ...[
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ],
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  Object.getPrototypeOf(Uint8Array),
])

/** One of the language's own constructors. */
export function isBuiltIn(cls: unknown): boolean {
  return builtIns.has(cls)
}
