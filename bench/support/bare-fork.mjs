// What the machine asks for a fork, whoever forks.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('bare-fork.c', import.meta.url))
const forks = 5

/** Milliseconds that a program pauses that has so much memory and does nothing but fork. */
export function bareForkMs(megabytes) {
  const directory = mkdtempSync(join(tmpdir(), 'heapscope-bench-'))
  try {
    const program = join(directory, 'bare-fork')
    execFileSync(process.env.CC ?? 'cc', ['-O2', '-o', program, source])
    return Number(execFileSync(program, [String(Math.round(megabytes)), String(forks)]))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
