// Formats native/ with the clang-format that npm installed; with --check it only looks.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { repositoryFiles, root } from './support/repository.mjs'

const require = createRequire(import.meta.url)
const home = dirname(require.resolve('clang-format-node/package.json'))
const binary = join(home, 'bin', `cfn-${process.platform}-${process.arch}`, 'clang-format')

const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i']
const files = repositoryFiles('native/*.cc', 'native/*.h')
if (files.length > 0) {
  const { status, error } = spawnSync(binary, [...mode, ...files], { cwd: root, stdio: 'inherit' })
  if (error) throw error
  process.exitCode = status
}
