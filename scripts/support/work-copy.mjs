// A work copy of the repository: a place to build the addon for another Node, or with other flags,
// while build/ of the tree stays as it is. Kept between runs, so that only what changed is compiled.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { must } from './run.mjs'
import { environmentOf, obtainNode } from './node-versions.mjs'
import { cache, repositoryFiles, root } from './repository.mjs'

const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
const notOurs = ['node_modules', 'build', 'dist']

/** The work copy for a Node version, built; resolves to obtainNode's answer with `directory`. */
export async function prepareWorkCopy(major, options) {
  const node = await obtainNode(major, options)
  const directory = join(cache, 'matrix', `work-${major}`)
  syncWorkCopy(directory)
  await buildAddon(directory, node, options)
  return { ...node, directory }
}

/** Brings `directory` up to date with the repository's files and dist/. */
export function syncWorkCopy(directory) {
  mkdirSync(directory, { recursive: true })
  const files = repositoryFiles()
  removeAllBut(new Set(files), directory)
  for (const file of files) copyIfChanged(join(root, file), join(directory, file))

  rmSync(join(directory, 'dist'), { recursive: true, force: true })
  cpSync(join(root, 'dist'), join(directory, 'dist'), { recursive: true })

  const modules = join(directory, 'node_modules')
  if (!existsSync(modules)) symlinkSync(join(root, 'node_modules'), modules)
}

/**
 * Builds the addon there for `node` (of obtainNode); from scratch when the recipe changed.
 *
 * @param {string} directory
 * @param {Awaited<ReturnType<typeof obtainNode>>} node
 * @param {import('./run.mjs').RunOptions & { gypArguments?: string[], jobs?: number | 'max' }} [options]
 */
export async function buildAddon(
  directory,
  node,
  { gypArguments = [], jobs = 'max', log, deadline } = {},
) {
  const stamp = join(directory, 'build', 'recipe.txt')
  const recipe = [
    node.version,
    gypArguments.join(' '),
    readFileSync(join(directory, 'binding.gyp'), 'utf8'),
  ].join('\n')
  const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe

  const args = fresh ? ['build'] : ['rebuild', '--jobs', `${jobs}`, '--', ...gypArguments]
  const env = environmentOf(node)
  await must('build of the addon', node.binary, [nodeGyp, ...args], {
    cwd: directory,
    env,
    log,
    deadline,
  })
  writeFileSync(stamp, recipe)
}

// Unchanged files keep their times: make looks at nothing else.
function copyIfChanged(from, to) {
  const content = readFileSync(from)
  if (existsSync(to) && readFileSync(to).equals(content)) return
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, content)
}

function removeAllBut(files, directory) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(directory.length + 1)
    if (entry.isDirectory() || notOurs.includes(path.split('/')[0])) continue
    if (!files.has(path)) rmSync(join(directory, path))
  }
}
