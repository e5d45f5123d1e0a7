import { outOfRange } from '../errors.js'
import { escapeMarkup } from './markup.js'

/** One curve with its own axis; all panels of a picture share the x axis. */
export interface TrendPanel {
  title: string
  /** Of the y axis. */
  label: string
  values: readonly number[]
}

export interface Trend {
  title: string
  x: { label: string; values: readonly number[] }
  panels: readonly TrendPanel[]
}

const width = 760
const panelHeight = 200
const margin = { top: 56, left: 84, right: 24, bottom: 48 }
const gap = 44

const style = `
  .heapscope { background: #fff; color: #1f2328; font: 12px system-ui, Helvetica, Arial, sans-serif }
  .heapscope text { fill: #1f2328 }
  .heapscope .title { font-size: 15px; font-weight: 600 }
  .heapscope .grid { stroke: #d0d7de; stroke-width: 1 }
  .heapscope .line { fill: none; stroke-width: 2 }
  .heapscope .p0 .line { stroke: #0969da } .heapscope .p0 circle { fill: #0969da }
  .heapscope .p1 .line { stroke: #cf222e } .heapscope .p1 circle { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    .heapscope { background: #0d1117 } .heapscope text { fill: #e6edf3 }
    .heapscope .ground { fill: #0d1117 } .heapscope .grid { stroke: #30363d }
    .heapscope .p0 .line { stroke: #58a6ff } .heapscope .p0 circle { fill: #58a6ff }
    .heapscope .p1 .line { stroke: #ff7b72 } .heapscope .p1 circle { fill: #ff7b72 }
  }`

/** The curves as an SVG picture that follows the reader's light or dark. Needs at least two points. */
export function trendSvg({ title, x, panels }: Trend): string {
  if (x.values.length < 2) {
    throw outOfRange(
      `there is ${x.values.length === 1 ? 'one point' : 'no point'}: a trend takes two or more`,
    )
  }
  const height = margin.top + panels.length * (panelHeight + gap) - gap + margin.bottom
  const xs = axis(x.values, [margin.left, width - margin.right], 8)
  const drawn = panels.map((panel, i) => {
    const top = margin.top + i * (panelHeight + gap)
    return drawPanel(panel, i, top, xs, x.values)
  })
  const bottom = height - margin.bottom
  const ticks = xs.ticks.map(
    (tick) =>
      `<text x="${round(xs.at(tick))}" y="${bottom + 18}" text-anchor="middle">${tell(tick)}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="heapscope" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" role="img" aria-label="${escapeMarkup(title)}">`,
    `<style>${style}\n</style>`,
    `<rect class="ground" width="${width}" height="${height}" fill="#fff"/>`,
    `<text class="title" x="${margin.left}" y="24">${escapeMarkup(title)}</text>`,
    ...drawn,
    ...ticks,
    `<text x="${(margin.left + width - margin.right) / 2}" y="${height - 10}" ` +
      `text-anchor="middle">${escapeMarkup(x.label)}</text>`,
    '</svg>',
  ].join('\n')
}

function drawPanel(panel: TrendPanel, i: number, top: number, xs: Axis, at: readonly number[]) {
  const { title, label, values } = panel
  const ys = axis(values, [top + panelHeight, top], 5)
  const points = values.map((value, n) => `${round(xs.at(at[n]!))},${round(ys.at(value))}`)
  const right = width - margin.right
  const middle = top + panelHeight / 2
  const grid = ys.ticks.map((tick) => {
    const y = round(ys.at(tick))
    return (
      `<line class="grid" x1="${margin.left}" x2="${right}" y1="${y}" y2="${y}"/>` +
      `<text x="${margin.left - 8}" y="${y + 4}" text-anchor="end">${tell(tick)}</text>`
    )
  })
  const circles = points.map((point) => {
    const [cx, cy] = point.split(',')
    return `<circle cx="${cx!}" cy="${cy!}" r="2.5"/>`
  })
  return [
    `<g class="p${i % 2}">`,
    `<text x="${margin.left}" y="${top - 10}">${escapeMarkup(title)}</text>`,
    ...grid,
    `<text class="axis" transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle">${escapeMarkup(label)}</text>`,
    `<polyline class="line" points="${points.join(' ')}"/>`,
    ...circles,
    '</g>',
  ].join('\n')
}

interface Axis {
  at(value: number): number
  ticks: number[]
}

/** Maps values to places, with ticks at round numbers: 1, 2 or 5 times a power of ten apart. */
function axis(values: readonly number[], [from, to]: [number, number], count: number): Axis {
  let low = Math.min(...values)
  let high = Math.max(...values)
  if (low === high)
    [low, high] = [low - (Math.abs(low) * 0.05 || 1), high + (Math.abs(low) * 0.05 || 1)]
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10)
  const first = Math.floor(low / step)
  const last = Math.ceil(high / step)
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
  const span = (last - first) * step
  return { at: (value) => from + ((value - first * step) / span) * (to - from), ticks }
}

function tell(value: number): string {
  return Number(value.toPrecision(10)).toLocaleString('en-US', { maximumSignificantDigits: 6 })
}

function round(place: number): number {
  return Math.round(place * 10) / 10
}
