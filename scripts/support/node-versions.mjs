// The Node versions heapscope is tested on. The running one is there already; the others come from
// npm, as packages that hold the binary and the headers it was built with.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { must } from './run.mjs'
import { cache } from './repository.mjs'

export const supportedMajors = [20, 22, 24, 26]
export const runningMajor = majorOf(process.version)

/**
 * Resolves to `{ major, version, binary, headers }`; without headers node-gyp looks for its own.
 *
 * @param {number} major
 * @param {import('./run.mjs').RunOptions} [options]
 */
export async function obtainNode(major, { log, deadline } = {}) {
  if (major === runningMajor) {
    const installation = dirname(dirname(process.execPath))
    const headers = hasHeaders(installation) ? installation : undefined
    return { major, version: process.version, binary: process.execPath, headers }
  }
  const prefix = join(cache, 'matrix', `node${major}`)
  const name = `node-${process.platform}-${process.arch}`
  const headers = join(prefix, 'node_modules', name)
  const binary = join(headers, 'bin', 'node')

  if (versionOf(binary, headers) === undefined) {
    rmSync(prefix, { recursive: true, force: true })
    mkdirSync(prefix, { recursive: true })
    const spec = `${name}@${major}`
    const flags = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund']
    const args = ['install', '--prefix', prefix, ...flags, spec]
    await must(`npm install ${spec}`, 'npm', args, { log, deadline })
  }
  const version = versionOf(binary, headers)
  if (version === undefined || majorOf(version) !== major) {
    throw new Error(`${name}@${major} gave ${version ?? 'no working binary with headers'}`)
  }
  return { major, version, binary, headers }
}

/** The environment in which `node` means that version, for node-gyp as well. */
export function environmentOf({ binary, headers }) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PATH: `${dirname(binary)}:${process.env.PATH}` }
  // As a variable, not as --nodedir: npm exports a configured nodedir, and node-gyp prefers that.
  if (headers) env.npm_config_nodedir = headers
  return env
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)[1])
}

function hasHeaders(installation) {
  return existsSync(join(installation, 'include', 'node', 'node_version.h'))
}

function versionOf(binary, headers) {
  if (!hasHeaders(headers)) return undefined
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
