import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export const root = join(__dirname, '../..')
export const dist = join(root, 'dist/index.js')

export interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs a program of `test/fixtures` (or given as text) in a process of its own, to its end. */
export async function runFixture(
  file: string,
  args: string[] = [],
  withinMs?: number,
): Promise<Outcome> {
  return run([join(root, 'test/fixtures', file), ...args], { withinMs })
}

interface Surroundings {
  /** How long its files may become, in blocks of 512 bytes. */
  fileBlocks?: number
  /** How many it may have open. */
  descriptors?: number
  env?: NodeJS.ProcessEnv
  /** As whom it runs: root is not bound by some limits. */
  uid?: number
}

export async function runProgram(
  source: string,
  flags: string[] = [],
  { fileBlocks, descriptors, ...rest }: Surroundings = {},
): Promise<Outcome> {
  const args = [
    ...flags,
    '-e',
    source
      .replaceAll("require('heapscope')", `require(${JSON.stringify(dist)})`)
      .replaceAll(
        /require\('heapscope\/(\w+)'\)/g,
        (_, part: string) => `require(${JSON.stringify(join(root, 'dist', part, 'index.js'))})`,
      ),
  ]
  if (fileBlocks === undefined && descriptors === undefined) return run(args, rest)
  const limits = `ulimit -f ${fileBlocks ?? 'unlimited'}; ulimit -n ${descriptors ?? '$(ulimit -n)'}`
  const limited = `${limits}; exec "$0" "$@"`
  return run(['-c', limited, process.execPath, ...args], { ...rest, command: '/bin/sh' })
}

async function run(
  args: string[],
  {
    command = process.execPath,
    withinMs = 300_000,
    env,
    uid,
  }: Omit<Surroundings, 'fileBlocks' | 'descriptors'> & {
    command?: string
    withinMs?: number | undefined
  },
): Promise<Outcome> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ])
  clearTimeout(timer)
  return { code, signal, stdout, stderr }
}
