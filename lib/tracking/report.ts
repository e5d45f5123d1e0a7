import { invalidArgument } from '../errors.js'
import type { ClassStats, GlobalStats } from './stats.js'

export interface ReportOptions {
  /** How many classes to name, most active first. Default 5. */
  top?: number
  /** Statistics that other threads sent, by a label; their rows bear it. */
  threads?: Record<string, ClassStats[]>
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** The tracked classes as text: three totals, then the classes with most active instances. */
export function formatReport(stats: GlobalStats, { top = 5, threads = {} }: ReportOptions): string {
  const rows = [
    ...stats.classes.map((row) => ({ label: row.className, row })),
    ...Object.entries(threads).flatMap(([thread, classes]) => {
      if (!Array.isArray(classes)) {
        throw invalidArgument(`threads["${thread}"] must be what tracker.allStats() gave there`)
      }
      return classes.map((row) => ({ label: `${row.className} [${thread}]`, row }))
    }),
  ].sort((a, b) => b.row.active - a.row.active)
  const total = (pick: (row: ClassStats) => number) =>
    rows.reduce((sum, { row }) => sum + pick(row), 0)
  return [
    'Tracked classes',
    `  classes           ${number.format(rows.length)}`,
    `  instances         ${number.format(total((row) => row.live))}`,
    `  active instances  ${number.format(total((row) => row.active))}`,
    ...rows.slice(0, top).map(({ label, row }, i) => `  ${i + 1}. ${label}: ${describeRow(row)}`),
  ].join('\n')
}

function describeRow(row: ClassStats): string {
  const error = row.liveStdError > 0 ? ` ± ${number.format(row.liveStdError)}` : ''
  const oldest = row.oldestMs === null ? '' : `, oldest ${(row.oldestMs / 1000).toFixed(1)} s`
  return (
    `${number.format(row.active)} active of ${number.format(row.live)}${error} live, ` +
    `${number.format(row.created)} created${oldest}`
  )
}
