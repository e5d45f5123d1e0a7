/**
 * What V8 calls the kinds of nodes. An open list: newer versions may add to it. `hidden`, `code`,
 * `array`, `object shape` and `synthetic` are V8's own structures; the rest a program makes.
 */
export type NodeType =
  | 'object'
  | 'closure'
  | 'regexp'
  | 'string'
  | 'concatenated string'
  | 'sliced string'
  | 'number'
  | 'symbol'
  | 'bigint'
  | 'native'
  | 'array'
  | 'hidden'
  | 'code'
  | 'object shape'
  | 'synthetic'
  | (string & {})

/**
 * What V8 calls the kinds of edges: `property` and `element` as written in the program, `context` a
 * variable of a closure's scope, `internal` and `hidden` V8's own, `weak` and `shortcut` hold nothing.
 */
export type EdgeType =
  'context' | 'element' | 'property' | 'internal' | 'hidden' | 'shortcut' | 'weak' | (string & {})

/** One object of the heap, as it was at the capture. Holds nothing of the program's alive. */
export interface HeapNode {
  /** V8's number for the object: the same in all snapshots of one process that kept ids. */
  readonly id: number
  readonly type: NodeType
  /** Its class as DevTools groups it: `Order`, `Function`, `(string)`, `(system)`. */
  readonly className: string
  /**
   * What V8 calls it: the class of an object, the name of a function. Of a string its contents, where
   * the graph is a file's; a capture does not read them, and has ''.
   */
  readonly name: string
  /** Bytes of the object itself. */
  readonly shallowSize: number
  /** Bytes that would be freed with it: the object and all that only it holds. */
  readonly retainedSize: number
  /** Its place in this graph; means nothing in another. */
  readonly index: number
}

/** One reference. `node` is the other end: who refers, or what is referred to. */
export interface HeapReference {
  readonly type: EdgeType
  /** Of elements the index, of all others V8's name. */
  readonly name: string | number
  readonly node: HeapNode
}
