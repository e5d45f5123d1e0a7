// npm run bench                    lists the benchmarks
// npm run bench -- NAME [options]  runs one; exit code 1 if a bar does not hold
//
//   --json FILE   writes the same figures
//   --rounds N    pairs to measure (each benchmark has its own default)
//   --on 22       on another supported Node, with the addon built for it
//   --node PATH   on this binary, with the addon as it is in build/
//
// A benchmark is a file bench/NAME.bench.mjs that exports name, describe and run(ctx), where ctx
// offers what `createContext` below returns.
import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { prepareWorkCopy } from '../scripts/support/work-copy.mjs'
import { measureIn } from './support/child.mjs'
import { alternate, compare, judge } from './support/compare.mjs'
import { renderTable } from './support/table.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

const { values: options, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string' },
    on: { type: 'string' },
    node: { type: 'string' },
  },
  allowPositionals: true,
})
const benchmarks = await loadAll()
const chosen = benchmarks.find(({ name }) => name === positionals[0])

if (positionals.length === 0) {
  const width = Math.max(...benchmarks.map(({ name }) => name.length))
  for (const { name, describe } of benchmarks) console.log(`${name.padEnd(width)}  ${describe}`)
} else if (!chosen) {
  console.error(
    `no benchmark ${positionals[0]}; there are ${benchmarks.map((b) => b.name).join(', ')}`,
  )
  process.exitCode = 1
} else {
  await runOne(chosen)
}

async function runOne(benchmark) {
  const place = await choosePlace()
  const context = createContext(place)
  console.log(`${benchmark.name}: ${benchmark.describe}\nNode ${place.version}`)
  await benchmark.run(context)

  const { rows, notes } = context
  console.log(renderTable(rows))
  for (const note of notes) console.log(note)
  const holds = rows.every((row) => row.bars.every((bar) => bar.holds))
  console.log(holds ? 'every bar holds' : 'a bar does not hold')
  process.exitCode = holds ? 0 : 1
  if (options.json) {
    const { name } = benchmark
    const machine = `${cpus()[0].model} × ${cpus().length}`
    const figures = { name, node: place.version, machine, holds, rows, notes }
    writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
  }
}

function createContext(place) {
  const rows = []
  const notes = []
  return {
    rows,
    notes,
    /** Node's major version in the children: some bars differ by it. */
    nodeMajor: Number(/^v(\d+)/.exec(place.version)[1]),
    /** One measurement in a fresh process: `--variant variant` of the file with that URL. */
    child(url, variant, childOptions) {
      const file = join(place.directory, relative(root, fileURLToPath(url)))
      return measureIn(place.binary, file, variant, childOptions)
    },
    /** Measures both sides in turn; resolves to the pairs of whatever they return. */
    pairs: ({ ours, peer, rounds }) =>
      alternate({ ours, peer, rounds: Number(options.rounds ?? rounds), onRound: showProgress }),
    /** For a measurement that alternates by itself, and so returns a pair. */
    async repeat(rounds, pair) {
      const pairs = []
      const of = Number(options.rounds ?? rounds)
      while (pairs.length < of) {
        pairs.push(await pair())
        showProgress(pairs.length, of)
      }
      return pairs
    },
    /** A row of the table: `pick` takes the number from a measurement, `peer` names the peer. */
    row(what, { pairs, pick = (value) => value, unit = '', peer, bars = [] }) {
      const numbers = pairs.map((pair) => ({ ours: pick(pair.ours), peer: pick(pair.peer) }))
      const comparison = compare(numbers)
      const judged = bars.map((bar) => judge(comparison, bar))
      rows.push({
        what,
        unit,
        peer,
        rounds: pairs.length,
        comparison,
        bars: judged,
        pairs: numbers,
      })
      return comparison
    },
    /** A line below the table. */
    note: (text) => notes.push(text),
  }
}

function showProgress(done, of) {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} / ${of}${done === of ? '\n' : ''}`)
}

async function choosePlace() {
  if (options.on) return prepareWorkCopy(Number(options.on))
  const binary = options.node ?? process.execPath
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
  return { binary, version, directory: root }
}

async function loadAll() {
  const files = readdirSync(here).filter((file) => file.endsWith('.bench.mjs'))
  return Promise.all(files.sort().map((file) => import(pathToFileURL(join(here, file)).href)))
}
