// Runs the test suite with a given Node, and reads vitest's JSON report.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { run } from './run.mjs'

const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
)

/**
 * The suite in `cwd`; resolves to the counts of readReport, with how the run ended.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, error?: string }} Counts
 * @param {{ binary: string }} node
 * @param {import('./run.mjs').RunOptions & { report: string, filters?: string[] }} options
 * @returns {Promise<Counts>}
 */
export async function runSuite(node, { cwd, env, report, log, filters = [], deadline }) {
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [vitest, 'run', ...reporters, ...filters]
  const { ok, reason } = await run(node.binary, args, { cwd, env, log, deadline })
  return withOutcome(readReport(report), ok, reason)
}

/**
 * A test file that could not even be loaded is one failure.
 *
 * @param {string} file
 * @returns {Counts}
 */
export function readReport(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0, error: 'no test report' }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const unloadable = report.testResults.filter(
    (result) =>
      result.status === 'failed' &&
      !result.assertionResults.some((test) => test.status === 'failed'),
  )
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  return counts.passed + counts.failed === 0 ? { ...counts, error: 'no test ran' } : counts
}

function withOutcome(counts, ok, reason) {
  // Failed tests explain a failed run; without any, an error outside of the tests made it fail.
  if (ok || counts.failed > 0) return counts
  return { ...counts, error: counts.error ? `${counts.error}, ${reason}` : reason }
}
