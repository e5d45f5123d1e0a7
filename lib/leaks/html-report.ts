import { describeBytes, describeCount } from '../graph/prose.js'
import { isInternalClass } from './class-kinds.js'
import { snapshotsSvg } from './detector-trend.js'
import type { Diagnosis, Suspected } from './diagnose.js'
import type { LeakSnapshot } from './leak-snapshot.js'
import { secretsWarning } from './private-file.js'
import { numberOf } from './table.js'
import { escapeMarkup } from './markup.js'

const style = `
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --ground: #fff; --line: #d0d7de;
  --ok: #1a7f37; --suspect: #9a6700; --leak: #cf222e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --ground: #0d1117;
  --line: #30363d; --ok: #3fb950; --suspect: #d29922; --leak: #ff7b72 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--ground);
  color: var(--ink); font: 16px/1.5 system-ui, Helvetica, Arial, sans-serif }
h1 { font-size: 1.5rem; margin: 0 0 1rem } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
.verdict { border-left: .3rem solid var(--mark); padding: .25rem .75rem }
.verdict b { color: var(--mark); text-transform: uppercase }
.ok { --mark: var(--ok) } .suspect { --mark: var(--suspect) } .leak { --mark: var(--leak) }
.wide { overflow-x: auto } svg { width: 100%; height: auto; display: block }
table { border-collapse: collapse; width: 100% }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere } .soft { color: var(--soft) }
@media (max-width: 40rem) {
  svg.heapscope { font-size: 21px } svg.heapscope .title { font-size: 24px }
  svg.heapscope .axis { display: none }
  table { font-size: .9rem } th, td { padding: .3rem } td:first-child { min-width: 8.5rem }
}`

const mostRows = 30

/** Everything in one file: no script, nothing to be loaded from elsewhere. */
export function htmlReport(snapshots: readonly LeakSnapshot[], diagnosis: Diagnosis): string {
  const { verdict, reason, suspects } = diagnosis
  const chart =
    snapshots.length < 2
      ? '<p class="soft">One snapshot only: there is no trend yet.</p>'
      : snapshotsSvg(snapshots)
  const from = new Date(snapshots[0]!.time).toISOString()
  const to = new Date(snapshots.at(-1)!.time).toISOString()
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>heapscope: ${verdict}</title><style>${style}\n</style></head><body>`,
    '<h1>Memory report</h1>',
    `<p class="verdict ${verdict}"><b>${verdict}</b>: ${escapeMarkup(reason)}</p>`,
    `<p class="soft">${snapshots.length} snapshot${snapshots.length === 1 ? '' : 's'}, ${from} to ${to}, ` +
      `node ${process.version}, process ${process.pid}</p>`,
    '<h2>Trend</h2>',
    chart,
    '<h2>Suspects</h2>',
    suspects.length === 0 ? '<p class="soft">None.</p>' : suspects.map(suspectHtml).join('\n'),
    '<h2>Classes</h2>',
    classTable(snapshots),
    `<p class="soft">This file ${secretsWarning}.</p>`,
    '</body></html>',
    '',
  ].join('\n')
}

function suspectHtml({ className, count, perPeriod, bytesPerPeriod, held }: Suspected): string {
  const bytes =
    bytesPerPeriod === null ? '' : `, ${describeBytes(Math.round(bytesPerPeriod))} retained`
  const path = held
    ? `<br>${held.held} of ${held.lookedAt} looked at are held by<br><code>${escapeMarkup(held.path.text)}</code>`
    : ''
  const number = perPeriod === 0 ? 'larger' : `+${describeCount(perPeriod)}`
  return (
    `<p><b>${escapeMarkup(className)}</b>: ${describeCount(count)} now, ` +
    `${number}${bytes} a period${path}</p>`
  )
}

/** Most growth first; V8's own classes last, which come and go as a program warms up. */
function classTable(snapshots: readonly LeakSnapshot[]): string {
  const first = snapshots[0]!.typeCounts
  const last = snapshots.at(-1)!
  const sizes = last.sizesByType
  const rows = Object.entries(last.typeCounts)
    .map(([name, count]) => {
      return { name, count, growth: count - numberOf(first, name), internal: isInternalClass(name) }
    })
    .sort(
      (a, b) => Number(a.internal) - Number(b.internal) || b.growth - a.growth || b.count - a.count,
    )
  const cells = rows.slice(0, mostRows).map(({ name, count, growth }) => {
    const size = sizes ? `<td>${describeBytes(numberOf(sizes, name))}</td>` : ''
    const sign = growth > 0 ? '+' : ''
    return (
      `<tr><td>${escapeMarkup(name)}</td><td>${describeCount(count)}</td>` +
      `<td>${sign}${describeCount(growth)}</td>${size}</tr>`
    )
  })
  const left = rows.length - mostRows
  return [
    '<div class="wide"><table><thead><tr><th>class</th><th>instances</th><th>growth</th>' +
      `${sizes ? '<th>size</th>' : ''}</tr></thead><tbody>`,
    ...cells,
    '</tbody></table></div>',
    ...(left > 0 ? [`<p class="soft">and ${describeCount(left)} more classes</p>`] : []),
  ].join('\n')
}
