import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program, or a library to be preloaded, from a piece of C: for what the kernel alone can do. */
export class Compiled implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'heapscope-'))
  readonly path = join(this.#directory, 'compiled')

  constructor(source: string, kind: 'program' | 'library') {
    const flags = kind === 'library' ? ['-shared', '-fPIC'] : []
    const args = ['-O1', '-D_GNU_SOURCE', ...flags, '-x', 'c', '-', '-o', this.path]
    execFileSync('cc', args, { input: source })
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true })
  }
}

/** The environment of a program that has the library loaded before all others but a sanitizer's. */
export function preloaded(library: string): { LD_PRELOAD: string } {
  return { LD_PRELOAD: [process.env.LD_PRELOAD, library].filter(Boolean).join(' ') }
}
