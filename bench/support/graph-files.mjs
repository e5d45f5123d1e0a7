// Snapshot files to measure on, made once and kept in .cache/bench.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeSyntheticSnapshot } from './synthetic-snapshot.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const cache = join(here, '..', '..', '.cache', 'bench')

/**
 * What V8 itself writes of a service's heap with that many orders (see `shop-heap.mjs`): 700,000
 * are about 9 million nodes.
 */
export function shopSnapshot(orders) {
  return made(`shop-${orders}-${process.version}.heapsnapshot`, (file) => {
    const program = join(here, 'shop-heap.mjs')
    const flags = ['--max-old-space-size=8192']
    execFileSync(process.execPath, [...flags, program, String(orders), file], { stdio: 'inherit' })
  })
}

/** Of that many nodes; the same bytes each time. */
export function syntheticSnapshot(nodes) {
  return made(`synthetic-${nodes}.heapsnapshot`, (file) => writeSyntheticSnapshot(file, nodes))
}

/** Where figures' files may go. */
export function scratchFile(name) {
  mkdirSync(cache, { recursive: true })
  return join(cache, name)
}

export const megabytes = (file) => statSync(file).size / 1e6

function made(name, make) {
  const file = scratchFile(name)
  if (!existsSync(file)) {
    // Under its name only when whole: an interrupted run leaves nothing to be measured by mistake.
    make(`${file}.part`)
    renameSync(`${file}.part`, file)
  }
  return file
}
