// What the demo prints at the end.
import Table from 'cli-table3'
import { memoryBreakdown, tracker } from 'heapscope'

export function report({ result, monitor, diagnosis, watchedMs }) {
  return [
    '',
    `Load: ${whole(result.requests)} requests, ${whole(result.perSecond)} a second, ` +
      `99 % within ${result.p99} ms, ${result.errors} errors`,
    heading('Tracked classes, after a full collection'),
    classTable(),
    heading('Pauses for collection'),
    pauseTable(monitor, watchedMs),
    `What counting them took: ${monitor.ownCostMs().toFixed(1)} ms`,
    heading('Left to the service (minimum mutator utilisation)'),
    utilization(monitor),
    heading('Memory'),
    memory(),
    heading('Leak'),
    leak(diagnosis),
  ].join('\n')
}

function classTable() {
  const table = newTable(['class', 'created', 'live', 'collected', 'closed', 'oldest'])
  for (const row of tracker.allStats()) {
    const live = whole(row.live) + (row.liveStdError > 0 ? ` ± ${whole(row.liveStdError)}` : '')
    const oldest = row.oldestMs === null ? '–' : `${(row.oldestMs / 1000).toFixed(1)} s`
    const { className, created, collected, closed } = row
    table.push([className, whole(created), live, whole(collected), whole(closed), oldest])
  }
  return table.toString()
}

function pauseTable(monitor, watchedMs) {
  const head = ['kind', 'count', 'p50', 'p90', 'p99', 'max', 'total', 'share of time']
  const table = newTable(head)
  for (const [kind, { count, totalMs }] of Object.entries(monitor.stats())) {
    if (count === 0) continue
    const pauses = monitor.histogram(kind)
    const columns = [50, 90, 99, 100].map((p) => `${pauses.percentile(p).toFixed(2)} ms`)
    const share = `${((100 * totalMs) / watchedMs).toFixed(2)} %`
    table.push([kind, whole(count), ...columns, `${totalMs.toFixed(0)} ms`, share])
  }
  return table.toString()
}

function utilization(monitor) {
  const row = [10, 50, 100, 1000].map((windowMs) => {
    const share = monitor.mutatorUtilization(windowMs)
    return `worst ${windowMs} ms: ${share === null ? '–' : `${(share * 100).toFixed(1)} %`}`
  })
  return row.join('   ')
}

function memory() {
  const { rss, heap, external, malloc, mappedFiles, unexplained, limits } = memoryBreakdown()
  /** @type {[string, number | null | undefined][]} */
  const rows = [
    ['resident (rss)', rss],
    ['  JavaScript heap, physical', heap.physical],
    ['  of that in use', heap.used],
    ['  outside the heap, kept by objects', external],
    ['  malloc in use', malloc?.inUse],
    ['  malloc freed but kept', malloc?.freeRetained],
    ['  code and other mapped files', mappedFiles],
    ['  not explained by these', unexplained],
    ["V8's limit", limits.heap],
    ["the container's limit", limits.container?.limitBytes],
  ]
  return rows
    .filter(([, bytes]) => bytes !== undefined && bytes !== null)
    .map(([what, bytes]) => `${what.padEnd(38)}${(bytes / 2 ** 20).toFixed(1).padStart(9)} MB`)
    .join('\n')
}

function leak({ verdict, reason, suspects }) {
  const lines = [`${verdict}: ${reason}`]
  for (const { className, held } of suspects.slice(0, 1)) {
    const site = siteOf(className)
    if (site !== undefined)
      lines.push(`${className} made at`, `    ${site.replaceAll('\n', '\n    ')}`)
    if (held) lines.push(`${className} held by`, `    ${held.path.text}`)
  }
  return lines.join('\n')
}

/** The stack of one that kept it. */
function siteOf(className) {
  if (!tracker.allStats().some((stats) => stats.className === className)) return undefined
  for (const instance of tracker.liveInstances(className)) {
    const site = tracker.metadata(instance)?.site
    if (site) return site.split('\n').slice(0, 2).join('\n')
  }
  return undefined
}

function newTable(head) {
  return new Table({ head, style: { head: [], border: [] } })
}

function heading(text) {
  return `\n${text}\n${'─'.repeat(text.length)}`
}

function whole(value) {
  return Math.round(value).toLocaleString('en-US')
}
