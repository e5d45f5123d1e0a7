import { captureHeap } from 'heapscope'
import { runInThisContext } from 'node:vm'
import { expect, test } from 'vitest'

// V8 of Node 20 reads such a script from its beginning for each function: two minutes and more.
test('a program that was bundled into one large script is captured without being read anew for each function', async () => {
  const line = '// a line that is only there to be counted by someone\n'
  const functions = Array.from({ length: 80_000 }, (_, i) => `${line.repeat(3)}() => ${i},`)
  const bundle = runInThisContext(`[${functions.join('\n')}]`) as (() => number)[]
  for (const one of bundle) one()
  const graph = await captureHeap({ mode: 'in-process' })
  expect(bundle).toHaveLength(80_000)
  graph[Symbol.dispose]()
})
