// Where the repository is, and which files belong to it.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const cache = join(root, '.cache')

/** Paths relative to the root: what git knows, and what is new and not ignored. */
export function repositoryFiles(...patterns) {
  const list = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const names = new Set(list.split('\0').filter(Boolean))
  return [...names].filter((name) => existsSync(join(root, name)))
}
