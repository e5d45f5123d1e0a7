import { edgeLabel, nodeLabel } from './labels.js'
import type { HeapNode, HeapReference } from './node.js'
import { describeBytes } from './prose.js'

/** A part of a graph, chosen to be drawn. */
export interface Picture {
  /** Drawn first and marked. */
  starts: readonly HeapNode[]
  nodes: readonly HeapNode[]
  edges: readonly PictureEdge[]
  /** Of a node, how many of its neighbours were left out. */
  more: ReadonlyMap<number, { count: number; before: boolean }>
}

export interface PictureEdge {
  from: HeapNode
  to: HeapNode
  reference: Pick<HeapReference, 'type' | 'name'>
}

/** Writes it in Graphviz' language. Labels are cut at 40 characters and cannot end their quotes. */
export function pictureToDot({ starts, nodes, edges, more }: Picture): string {
  const marked = new Set(starts.map(({ index }) => index))
  const lines = [
    'digraph heap {',
    '  rankdir=LR',
    '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", fontsize=10]',
    '  edge [fontname="Helvetica", fontsize=9]',
    ...nodes.map((node) => nodeLine(node, marked.has(node.index))),
    ...edges.map(edgeLine),
    ...[...more].flatMap(([index, { count, before }]) => moreLines(index, count, before)),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function nodeLine(node: HeapNode, marked: boolean): string {
  const sizes = `${describeBytes(node.shallowSize)}, retains ${describeBytes(node.retainedSize)}`
  const label = quote(`${nodeLabel(node)} @${node.id}\n${sizes}`)
  const mark = marked ? ', fillcolor="#ffd7d7", color="#c00000", penwidth=2' : ''
  return `  n${node.index} [label=${label}${mark}]`
}

function edgeLine({ from, to, reference }: PictureEdge): string {
  const own = reference.type === 'property' || reference.type === 'element'
  const style = own || reference.type === 'context' ? '' : ', style=dashed, color=gray40'
  return `  n${from.index} -> n${to.index} [label=${quote(edgeLabel(reference))}${style}]`
}

function moreLines(index: number, count: number, before: boolean): string[] {
  const more = `more${index}${before ? 'before' : 'after'}`
  const edge = before ? `${more} -> n${index}` : `n${index} -> ${more}`
  return [
    `  ${more} [label=${quote(`${count} more`)}, shape=plaintext, style=""]`,
    `  ${edge} [style=dotted]`,
  ]
}

/** A newline stays one; what else Graphviz would take for a command or the end of the text does not. */
function quote(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/[\\"]/g, '\\$&'))
  return `"${lines.join('\\n')}"`
}
