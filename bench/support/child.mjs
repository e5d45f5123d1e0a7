// A measurement in a fresh process: neither side inherits the other's heap, inline caches or
// optimised code. A benchmark's own file is both the parent's module and the child's program.
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Runs `node <nodeFlags> file --variant variant`; resolves to the JSON of its last line.
 *
 * @param {string} node
 * @param {string} file
 * @param {string} variant
 * @param {{ nodeFlags?: string[], env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 */
export async function measureIn(node, file, variant, { nodeFlags = [], env, timeoutMs } = {}) {
  const args = [...nodeFlags, file, '--variant', variant]
  const { stdout } = await execute(node, args, {
    env: { ...process.env, ...env },
    timeout: timeoutMs ?? 300_000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  })
  const line = stdout.trimEnd().split('\n').at(-1)
  try {
    return JSON.parse(line)
  } catch {
    throw new Error(`${file} --variant ${variant} printed no JSON: ${line}`)
  }
}

/**
 * The child's half, at the end of a benchmark's file: if that file is the program being run, runs
 * the variant asked for and prints what it returns. Does nothing where the file is only imported.
 */
export async function serveVariants(url, variants) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return
  const { values } = parseArgs({ options: { variant: { type: 'string' } } })
  const variant = variants[values.variant]
  if (!variant) {
    throw new Error(`--variant is one of ${Object.keys(variants).join(', ')}`)
  }
  process.stdout.write(`${JSON.stringify(await variant())}\n`)
}
