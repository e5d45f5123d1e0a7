import { loadOptional } from '../optional.js'

/** Lays it out with Graphviz, compiled to WebAssembly: an optional dependency of this alone. */
export async function dotToSvg(dot: string): Promise<string> {
  const { Graphviz } = await loadOptional<typeof import('@hpcc-js/wasm-graphviz')>(
    '@hpcc-js/wasm-graphviz',
    { neededBy: 'toSvg', instead: 'toDot works without' },
  )
  const graphviz = await Graphviz.load()
  return graphviz.dot(dot, 'svg')
}
