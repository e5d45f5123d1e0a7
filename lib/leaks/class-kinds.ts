const scope = 'system / Context'

/**
 * V8's and Node's own, by DevTools' names: code, shapes, caches. They come and go as a program warms up. So
 * do numbers that are objects: a program's come with what holds them.
 */
const internal =
  /^\((?:number|compiled code|object shape|system|hidden|synthetic)\)$|^(?:system|Node) \/ /

/** Whether instances of the class are V8's own. The scopes of closures are not: a program's variables are in them. */
export function isInternalClass(className: string): boolean {
  return internal.test(className) && className !== scope
}

const common = new Set([
  'Object',
  'Array',
  'Function',
  'Map',
  'Set',
  'Promise',
  'Error',
  'WeakRef',
  'ArrayBuffer',
  'Uint8Array',
  '(string)',
  '(concatenated string)',
  '(sliced string)',
  '(array)',
  scope,
])

/** Whether it is a class that everything is made of, so that its name says little. */
export function isCommonClass(className: string): boolean {
  return common.has(className) || className.startsWith('{')
}

/**
 * Compares classes that grow, the most likely cause first: a program's own classes, then what holds most of
 * the memory that came, then what came most.
 */
export function byBlame<T extends { className: string }>(
  grownBy: (row: T) => readonly [bytes: number, instances: number],
): (a: T, b: T) => number {
  return (a, b) => {
    const [[bytesA, instancesA], [bytesB, instancesB]] = [grownBy(a), grownBy(b)]
    return (
      Number(isCommonClass(a.className)) - Number(isCommonClass(b.className)) ||
      bytesB - bytesA ||
      instancesB - instancesA ||
      (a.className < b.className ? -1 : 1)
    )
  }
}
