import { isBuiltIn } from './built-ins.js'
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
    if (returnsValue(original)) return true
    level = Object.getPrototypeOf(original)
  }
  return false
}

/** How constructor functions let themselves be called without `new`. */
const calledWithoutNew =
  /if\s*\(\s*!\s*(?:\(\s*this\s+instanceof\s+[\w.]+\s*\)|new\.target)\s*\)\s*\{?\s*return\b/g

function returnsValue(cls: Constructor): boolean {
  // The language's own make a new object whenever a derived class calls them.
  if (isBuiltIn(cls)) return false
  const source = withoutTexts(Function.prototype.toString.call(cls))
  if (source.endsWith('{ [native code] }')) return true // a proxy, a bound or a native function
  if (countOf(source, '{') !== countOf(source, '}')) return true // in a regular expression, say
  const body = source.startsWith('class') ? constructorBody(source) : bodyAfter(source, 0)
  const always = withoutInnerFunctions(body).replace(calledWithoutNew, '')
  return /\breturn\b[^\S\n]*[^\s;}]/.test(always)
}

/**
 * Strings, templates and comments emptied, so that what brackets are left are the program's. A slash
 * behind a backslash is in a regular expression, and begins no comment.
 */
function withoutTexts(source: string): string {
  const texts =
    /(?<!\\)\/\*[^]*?\*\/|(?<!\\)\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return source.replace(texts, (text) => {
    if (text.startsWith('/')) return ' '
    return /^.constructor.$/.test(text) ? 'constructor' : "''"
  })
}

function constructorBody(source: string): string {
  const start = /(?:^|[\s;{}])\[?constructor\]?\s*\(/.exec(source)
  return start ? bodyAfter(source, start.index) : ''
}

/** The block that follows the next list of parameters. */
function bodyAfter(source: string, index: number): string {
  const parameters = closing(source, source.indexOf('(', index), '(', ')')
  const body = source.indexOf('{', parameters)
  return source.slice(body + 1, closing(source, body, '{', '}'))
}

/** A block belongs to a function if it follows `=>`, or a parameter list that no statement's is. */
function withoutInnerFunctions(body: string): string {
  let kept = body
  for (let open = kept.indexOf('{'); open !== -1; open = kept.indexOf('{', open + 1)) {
    const before = kept.slice(0, open).trimEnd()
    if (!before.endsWith('=>') && !isFunctionHead(before)) continue
    kept = before + kept.slice(closing(kept, open, '{', '}') + 1)
    open = before.length - 1
  }
  return kept
}

function isFunctionHead(before: string): boolean {
  if (!before.endsWith(')')) return false
  let depth = 0
  for (let i = before.length - 1; i >= 0; i--) {
    if (before[i] === ')') depth++
    else if (before[i] === '(' && --depth === 0) {
      return !/\b(?:if|for|while|switch|catch|with|await)\s*$/.test(before.slice(0, i))
    }
  }
  return false
}

function closing(source: string, open: number, opening: string, close: string): number {
  let depth = 0
  for (let i = open; i < source.length; i++) {
    if (source[i] === opening) depth++
    else if (source[i] === close && --depth === 0) return i
  }
  return source.length
}

function countOf(source: string, bracket: string): number {
  return source.split(bracket).length - 1
}
