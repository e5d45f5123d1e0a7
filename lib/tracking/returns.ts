import type { Constructor } from './options.js'

/**
 * Whether constructing `cls` may give an object that existed before: a constructor that returns one,
 * its own or a base's. Read off the source, in doubt yes: the answer only decides whether each
 * instance is looked up before it is counted.
 */
export function mayReturnAnother(
  cls: Constructor,
  originalOf: (cls: object) => Constructor | undefined,
): boolean {
  for (let level: unknown = cls; typeof level === 'function' && level !== Function.prototype;) {
    const original = originalOf(level) ?? (level as Constructor)
    if (/\breturn\b\s*[^;}\s]/.test(constructorBody(original))) return true
    level = Object.getPrototypeOf(original)
  }
  return false
}

/** The text of the constructor's body, with what strings and comments it has; '' without one. */
function constructorBody(cls: Constructor): string {
  const source = Function.prototype.toString.call(cls)
  if (source.endsWith('{ [native code] }')) return ''
  if (!source.startsWith('class')) return source
  const start = /(?:^|[\s;{}])constructor\s*\(/.exec(source)
  if (!start) return ''
  const parameters = closing(source, source.indexOf('(', start.index), '(', ')')
  const body = source.indexOf('{', parameters)
  return source.slice(body, closing(source, body, '{', '}'))
}

/** Where the bracket at `open` is closed. Brackets in strings only make the body longer. */
function closing(source: string, open: number, opening: string, close: string): number {
  let depth = 0
  for (let i = open; i < source.length; i++) {
    if (source[i] === opening) depth++
    else if (source[i] === close && --depth === 0) return i
  }
  return source.length
}
