import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const root = join(__dirname, '../..')
export const dist = join(root, 'dist/index.js')

export interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs a program of `test/fixtures` (or given as text) in a process of its own, to its end. */
export async function runFixture(file: string, args: string[] = []): Promise<Outcome> {
  return run([join(root, 'test/fixtures', file), ...args])
}

export async function runProgram(source: string): Promise<Outcome> {
  return run(['-e', source.replaceAll("'heapscope'", JSON.stringify(dist))])
}

async function run(args: string[]): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      timeout: 300_000,
      maxBuffer: 64 * 1024 * 1024,
    })
    return { code: 0, signal: null, stdout, stderr }
  } catch (error) {
    const failed = error as { code?: number; signal?: NodeJS.Signals } & Outcome
    if (failed.stdout === undefined) throw error
    return {
      code: failed.code ?? null,
      signal: failed.signal ?? null,
      stdout: failed.stdout,
      stderr: failed.stderr,
    }
  }
}
