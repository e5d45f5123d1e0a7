// The rows of a benchmark as a table to read.
import Table from 'cli-table3'

export function renderTable(rows) {
  const table = new Table({
    head: ['', 'ours', 'peer', 'ours / peer (95 %)', 'difference (95 %)', 'bar', 'holds'],
    style: { head: [], border: [] },
  })
  for (const { what, unit, peer, comparison, bars } of rows) {
    table.push([
      what,
      withUnit(comparison.ours.median, unit),
      `${withUnit(comparison.peer.median, unit)}\n${peer}`,
      interval(comparison.ratio),
      interval(comparison.difference, unit),
      bars.map((bar) => describeBar(bar, unit)).join('\n') || '–',
      bars.map(verdict).join('\n') || '–',
    ])
  }
  return table.toString()
}

function describeBar({ on, notShownAbove, atMost, atLeast }, unit) {
  if (notShownAbove !== undefined) return `${on} not shown above ${figure(notShownAbove)}`
  const limit = atMost === undefined ? `≥ ${figure(atLeast)}` : `≤ ${figure(atMost)}`
  return on === 'ratio' ? `ratio ${limit}` : `${on} ${limit} ${unit}`
}

function verdict({ holds, certain }) {
  return (holds ? 'yes' : 'NO') + (certain ? '' : ', not certain')
}

function interval({ median, low, high }, unit) {
  return `${withUnit(median, unit)}\n${figure(low)} … ${figure(high)}`
}

function withUnit(value, unit) {
  return unit ? `${figure(value)} ${unit}` : figure(value)
}

// Four digits say more than any of our benchmarks can know.
function figure(value) {
  if (!Number.isFinite(value)) return String(value)
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumSignificantDigits: 4 })
}
