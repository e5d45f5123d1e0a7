/** Makes instances in a function of its own and holds none of them. */
export function makeAndDrop(count: number, make: (i: number) => unknown): void {
  for (let i = 0; i < count; i++) make(i)
}

/** Makes instances and hands them over: they live for as long as the caller uses the array. */
export function makeAndKeep<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

/** Uses what is to be alive until here. */
export function keepAlive(...held: unknown[]): void {
  if (held.length > 1e9) throw new Error('never; but V8 does not know that')
}
