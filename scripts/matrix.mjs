// npm run test:matrix [-- --only 22,24] [-- FILTER...]: the whole suite on every supported Node.
//
//   --only 22,24      these versions only
//   --have 20=FILE    the suite already ran on 20: take vitest's JSON report instead
//   --within MINUTES  give up after so long
//   -- FILTER...      handed on to vitest
//
// A version that cannot be had, built or tested is an error and counts as one failure.
import Table from 'cli-table3'
import { mkdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { environmentOf, supportedMajors } from './support/node-versions.mjs'
import { cache, root } from './support/repository.mjs'
import { lastLines } from './support/run.mjs'
import { readReport, runSuite } from './support/vitest.mjs'
import { prepareWorkCopy } from './support/work-copy.mjs'

const { values: options, positionals: filters } = parseArgs({
  options: {
    only: { type: 'string' },
    have: { type: 'string', multiple: true, default: [] },
    within: { type: 'string', default: '60' },
  },
  allowPositionals: true,
})
const majors = options.only?.split(',').map(Number) ?? supportedMajors
const reports = new Map(
  options.have.map((pair) => [Number(pair.split('=')[0]), pair.slice(pair.indexOf('=') + 1)]),
)
const deadline = Date.now() + Number(options.within) * 60_000
const directory = join(cache, 'matrix')
mkdirSync(directory, { recursive: true })

// While one version is tested, which takes one core, the next is built.
const untested = majors.filter((major) => !reports.has(major))
const builds = new Map()

const rows = []
for (const major of majors) {
  const started = Date.now()
  const row = reports.has(major)
    ? { version: `v${major}`, ...readReport(reports.get(major)) }
    : await testOn(major)
  rows.push(row)
  console.log(`${row.version}: ${outcome(row)} (${Math.round((Date.now() - started) / 1000)} s)`)
}

const table = new Table({
  head: ['Node', 'passed', 'failed', 'skipped', 'result'],
  style: { head: [], border: [], compact: true },
})
for (const row of rows) {
  table.push([row.version, row.passed, row.failed, row.skipped, outcome(row)])
}
console.log(table.toString())

const sum = (count) => rows.reduce((total, row) => total + count(row), 0)
const failed = sum((row) => row.failed + (row.error ? 1 : 0))
console.log(`${sum((row) => row.passed)} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function logOf(major) {
  return join(directory, `node${major}.log`)
}

function buildOf(major, jobs) {
  if (!builds.has(major)) {
    const log = logOf(major)
    rmSync(log, { force: true })
    builds.set(major, prepareWorkCopy(major, { log, deadline, jobs }))
  }
  return builds.get(major)
}

async function testOn(major) {
  const log = logOf(major)
  console.log(`v${major}: log in ${relative(root, log)}`)
  /** @type {import('./support/vitest.mjs').Counts & { version: string }} */
  const row = { version: `v${major}`, passed: 0, failed: 0, skipped: 0 }
  try {
    const node = await buildOf(major)
    row.version = node.version
    const next = untested[untested.indexOf(major) + 1]
    // What it throws is told when its turn comes.
    if (next !== undefined) buildOf(next, 1).catch(() => {})
    const report = join(directory, `node${major}.json`)
    const env = environmentOf(node)
    Object.assign(
      row,
      await runSuite(node, { cwd: node.directory, env, report, log, filters, deadline }),
    )
    if (row.failed > 0 || row.error) console.log(lastLines(log, 120))
  } catch (error) {
    console.log(error.message)
    row.error = error.message.split('\n')[0]
  }
  return row
}

/** @param {import('./support/vitest.mjs').Counts} row */
function outcome({ passed, failed, error }) {
  if (error) return `ERROR: ${error.length > 60 ? `${error.slice(0, 57)}...` : error}`
  return failed > 0 ? `${failed} of ${passed + failed} failed` : `${passed} passed`
}
