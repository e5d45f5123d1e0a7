// Peers too large to be dependencies of the repository: installed when first measured.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const directory = join(
  dirname(fileURLToPath(import.meta.url)),
  ...['..', '..', '.cache', 'bench', 'peers'],
)

/** A `require` that finds the package, of exactly that version. */
export function requirePeer(name, version) {
  const manifest = join(directory, 'package.json')
  if (!existsSync(join(directory, 'node_modules', name))) {
    mkdirSync(directory, { recursive: true })
    if (!existsSync(manifest)) writeFileSync(manifest, '{"private":true}\n')
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', `${name}@${version}`], {
      cwd: directory,
      stdio: 'inherit',
    })
  }
  return createRequire(manifest)
}
