import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { root } from './support/fixture.js'

const copies: string[] = []

/** The package as it is installed, but without its build. */
function packageWithoutBuild(): string {
  const copy = mkdtempSync(join(tmpdir(), 'heapscope-unbuilt-'))
  copies.push(copy)
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(copy, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** What a program gets to see that requires the package of `directory`. */
async function failureOf(directory: string) {
  const program = `
    try { require('./dist/index.js') } catch ({ name, code, message, cause }) {
      console.log(JSON.stringify({ name, code, message, cause: String(cause) }))
    }`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
    cwd: directory,
  })
  return JSON.parse(stdout) as { name: string; code: string; message: string; cause: string }
}

afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true })
})

describe('an addon that cannot be loaded', () => {
  it('is an error that names platform, version and what helps', async () => {
    const { name, code, message, cause } = await failureOf(packageWithoutBuild())
    expect({ name, code }).toEqual({ name: 'HeapscopeError', code: 'ERR_HEAPSCOPE_ADDON' })
    expect(message).toContain(`${process.platform}-${process.arch}`)
    expect(message).toContain(`Node.js ${process.version}`)
    expect(message).toContain('npm rebuild heapscope')
    expect(cause).toContain('Could not locate the bindings file')
  })

  it('ends a program that imports it with the same message', async () => {
    // Node 20 ends the program even if it catches the error of an import like this.
    const program = join(packageWithoutBuild(), 'program.mjs')
    writeFileSync(program, "import './dist/index.mjs'")
    const outcome = await promisify(execFile)(process.execPath, [program]).catch((e: unknown) => e)
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ERR_HEAPSCOPE_ADDON[^]*npm rebuild heapscope/),
    })
  })

  it('says the same of a file that is no addon for this machine, with the cause', async () => {
    const directory = packageWithoutBuild()
    mkdirSync(join(directory, 'build/Release'), { recursive: true })
    writeFileSync(join(directory, 'build/Release/heapscope.node'), 'no addon at all')
    const { code, message, cause } = await failureOf(directory)
    expect(code).toBe('ERR_HEAPSCOPE_ADDON')
    expect(message).toContain('npm rebuild heapscope')
    expect(cause).toContain('heapscope.node')
  })
})
