import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, runProgram } from './support/fixture'

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((page) => join('docs', page))]

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!)

  describe(page, () => {
    it.each(blocks.map((code, i) => [i + 1, code] as const))(
      'shows a program that runs: block %i',
      async (_, code) => {
        const { code: exit, stderr, stdout } = await runProgram(code)
        expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
        // Where a line promises an output in full, it is the output.
        for (const [, promised] of code.matchAll(
          /console\.log\(.*\) \/\/ (\{ \w+: [^…]*\}|\d[\d ]*)(?:$|:)/gm,
        )) {
          expect(stdout).toContain(promised!.trim())
        }
      },
    )
  })
}
