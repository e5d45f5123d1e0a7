const scope = 'system / Context'

/** V8's and Node's own, by DevTools' names: code, shapes, caches. They come and go as a program warms up. */
const internal = /^\((?:compiled code|object shape|system|hidden|synthetic)\)$|^(?:system|Node) \/ /

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
  '(number)',
  '(array)',
  scope,
])

/** Whether it is a class that everything is made of, so that its name says little. */
export function isCommonClass(className: string): boolean {
  return common.has(className) || className.startsWith('{')
}
