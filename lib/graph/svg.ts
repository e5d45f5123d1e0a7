import { HeapscopeError } from '../errors.js'

/** Lays it out with Graphviz, compiled to WebAssembly: an optional dependency of this alone. */
export async function dotToSvg(dot: string): Promise<string> {
  const { Graphviz } = await loadGraphviz()
  const graphviz = await Graphviz.load()
  return graphviz.dot(dot, 'svg')
}

async function loadGraphviz(): Promise<typeof import('@hpcc-js/wasm-graphviz')> {
  try {
    return await import('@hpcc-js/wasm-graphviz')
  } catch (cause) {
    throw new HeapscopeError(
      'ERR_HEAPSCOPE_UNSUPPORTED',
      'toSvg needs the package @hpcc-js/wasm-graphviz: npm install @hpcc-js/wasm-graphviz. ' +
        'toDot works without',
      { cause },
    )
  }
}
