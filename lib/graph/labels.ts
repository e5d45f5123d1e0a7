import type { HeapNode, HeapReference } from './node.js'

const identifier = /^#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u
const symbol = /^<symbol (.*)>$/s
// V8's words for the value of a WeakMap, on the edges from the key and from the table
const ephemeron = /^\d+ \/ part of key \(.* -> value \(.* pair in WeakMap \(table @\d+\)$/s
const slot = /^\d+$/

/** The longest a label becomes. Names come from the program: one may be a whole file. */
const longest = 40

/** Cuts at 40 characters and makes control characters visible, so that a label stays one line. */
export function cut(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what it looks for
  return shorten(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, visible)
}

function shorten(text: string): string {
  // A surrogate pair cut in half is no text any more.
  const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return short.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '',
  )
}

/** How a reference is written in a program, or in brackets what it is where it is not written. */
export function edgeLabel({ type, name }: Pick<HeapReference, 'type' | 'name'>): string {
  const text = String(name)
  if (type === 'element') return `[${text}]`
  if (type === 'context') return `(variable ${cut(text)})`
  // V8 has a property named '' as its own edge without a name.
  if (type === 'property' || text === '') return propertyLabel(text)
  if (ephemeron.test(text)) return '(WeakMap value)'
  // An entry of a table: of a Map or Set, of a suspended generator's registers, of bound arguments.
  if (slot.test(text)) return `[${text}]`
  return `(${cut(text)})`
}

/** What stays the same between runs and builds: every index is `[x]`. */
export function stableEdgeLabel(edge: Pick<HeapReference, 'type' | 'name'>): string {
  const label = edgeLabel(edge)
  return /^\[\d+\]$/.test(label) ? '[x]' : label.replace(/@\d+/g, '@x')
}

/** The object as a reader knows it: a function by its name, all else by its class. */
export function nodeLabel(node: Pick<HeapNode, 'type' | 'className' | 'name'>): string {
  if (node.type === 'closure') return `function ${cut(node.name) || '(anonymous)'}`
  if (isGlobal(node)) return 'global'
  if (node.type === 'object' || node.type === 'native') return cut(node.className)
  if (node.type === 'synthetic' || node.type === 'hidden') return cut(node.name) || '(root)'
  return cut(node.className)
}

/** `global`, or where V8 says more of it: `global / …`, `global (global*)`. */
export function isGlobal(node: Pick<HeapNode, 'type' | 'name'>): boolean {
  return node.type === 'object' && /^global(?:$| \/| \()/.test(node.name)
}

function propertyLabel(name: string): string {
  const described = symbol.exec(name)
  if (described) return `[Symbol(${cut(described[1]!)})]`
  if (identifier.test(name) && name.length <= longest) return `.${name}`
  return slot.test(name) ? `[${name}]` : `[${quoted(shorten(name))}]`
}

/** As in a program; JSON lets some control characters stand. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, visible)
}

function visible(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
