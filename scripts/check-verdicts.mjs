// npm run check:verdicts [-- --rounds 200] [--on 22] [--by growth] [--only NAME]: judges the
// programs of test/fixtures/leak-programs.cjs so many times, each time in a process of its own, and
// counts the false results: a leak missed or wrongly named, or an alarm about a clean one.
//
//   --rounds N       times that each is judged by each judge; 20
//   --on MAJOR       with that Node, from the test matrix; the running one
//   --by JUDGE       detector (a LeakDetector's verdict) or growth (expectNoGrowth); both
//   --only NAME      programs whose name contains it
//   --jobs N         processes at a time; 2
//   --within MINUTES begins no more after so long, and says what was done; 600
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { prepareWorkCopy } from './support/work-copy.mjs'
import { cache, root } from './support/repository.mjs'

const { found, leaking, clean } = createRequire(import.meta.url)(
  '../test/fixtures/leak-programs.cjs',
)
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    on: { type: 'string' },
    by: { type: 'string' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    within: { type: 'string', default: '600' },
  },
})
const run = promisify(execFile)
const deadline = Date.now() + Number(options.within) * 60_000

/** What each judge's fixture is asked, and what it says that is wrong; null where it is right. */
const judges = {
  detector: {
    args: (name) => ['judge-program.cjs', name, '7'],
    wrong(name, { verdicts, verdict, className = '', path = '' }) {
      if (clean.includes(name))
        return verdict === 'ok' && !verdicts.includes('leak') ? null : verdict
      // Afterwards what grows in leaps may stand still for a period.
      const told = verdicts[4] === 'leak' && !verdicts.slice(4).includes('ok')
      return told && fits(name, className, path)
        ? null
        : `${verdicts.join(' ')}: ${className} by ${path}`
    },
  },
  growth: {
    args: (name) => ['growth-program.cjs', name],
    wrong(name, classes) {
      if (clean.includes(name)) return classes.length === 0 ? null : JSON.stringify(classes)
      const [first] = classes
      return first && fits(name, first.className, first.path) ? null : JSON.stringify(classes)
    },
  },
}

function fits(name, className, path) {
  const [named, held] = found[name]
  return named.test(className) && held.test(path)
}

mkdirSync(join(cache, 'matrix'), { recursive: true })
const node = options.on
  ? await prepareWorkCopy(Number(options.on), {
      deadline,
      log: join(cache, 'matrix', 'verdicts.log'),
    })
  : { binary: process.execPath, version: process.version, directory: root }
const names = [...leaking, ...clean].filter((name) => name.includes(options.only))
const work = []
for (let round = 0; round < Number(options.rounds); round++) {
  for (const judge of options.by ? [options.by] : Object.keys(judges)) {
    for (const name of names) work.push({ judge, name })
  }
}

let done = 0
let failed = 0
const total = work.length
const begun = Date.now()
await Promise.all(Array.from({ length: Number(options.jobs) }, judgeOn))
const minutes = Math.round((Date.now() - begun) / 60_000)
console.log(
  `${node.version}: ${names.length} programs, ${done} of ${total} judgements in ${minutes} min: ` +
    `${failed} false`,
)
process.exitCode = failed > 0 || done < total ? 1 : 0

async function judgeOn() {
  while (work.length > 0 && Date.now() < deadline) {
    const { judge, name } = work.shift()
    const wrong = await judgeOnce(judge, name)
    done++
    if (wrong !== null) {
      failed++
      console.log(`FALSE: ${judge} of ${name}: ${wrong}`)
    }
    if (done % 100 === 0) console.log(`${done} of ${total}, ${failed} false`)
  }
}

async function judgeOnce(judge, name) {
  const [file, ...args] = judges[judge].args(name)
  const program = join(node.directory, 'test/fixtures', file)
  try {
    const { stdout } = await run(node.binary, [program, ...args], { maxBuffer: 1 << 26 })
    return judges[judge].wrong(name, JSON.parse(stdout))
  } catch (error) {
    return `it failed: ${error.message}`
  }
}
