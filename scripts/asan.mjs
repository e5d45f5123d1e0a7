// npm run test:asan [-- FILTER...]: the suite with the addon under AddressSanitizer. Node itself is
// not instrumented, so the sanitizer's library is loaded before it; any report fails the run.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { environmentOf, obtainNode, runningMajor } from './support/node-versions.mjs'
import { cache, root } from './support/repository.mjs'
import { runSuite } from './support/vitest.mjs'
import { buildAddon, syncWorkCopy } from './support/work-copy.mjs'

const directory = join(cache, 'asan')
const cwd = join(directory, 'work')
const reports = join(directory, 'reports')

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const node = await obtainNode(runningMajor)
syncWorkCopy(cwd)
// Not gyp's variable `asan`: Node's own config.gypi sets that to 0, and wins.
await buildAddon(cwd, node, { gypArguments: ['-Dheapscope_asan=1'] })
if (!readFileSync(join(cwd, 'build/Release/heapscope.node')).includes('__asan_init')) {
  throw new Error('the addon was built without the sanitizer: see heapscope_asan in binding.gyp')
}

const env = {
  ...environmentOf(node),
  // libstdc++ beside it, or the sanitizer does not find the throw it wraps
  LD_PRELOAD: ['libasan.so', 'libstdc++.so'].map(compilerFile).join(' '),
  ASAN_OPTIONS: [
    'detect_leaks=0', // V8 frees little at exit
    `log_path=${join(reports, 'report')}`, // worker threads and killed children included
  ].join(':'),
}
const report = join(directory, 'vitest.json')
// How much memory is used says nothing under the sanitizer's own allocator, which keeps what is freed.
const exclude = [
  'test/graph/memory.test.ts',
  'test/tracking/memory.test.ts',
  'test/gc/memory-breakdown.test.ts',
  'test/graph/twin-spill.test.ts', // twin.test.ts spills, too
]
const filters = [...exclude.flatMap((file) => ['--exclude', file]), ...process.argv.slice(2)]
const counts = await runSuite(node, { cwd, env, report, filters })

const found = readdirSync(reports)
for (const file of found) {
  console.log(`\n${relative(root, join(reports, file))}`)
  console.log(readFileSync(join(reports, file), 'utf8'))
}
console.log(
  `${counts.passed} passed, ${counts.failed} failed, ${found.length} sanitizer reports` +
    (counts.error ? `, ERROR: ${counts.error}` : ''),
)
process.exitCode = counts.failed > 0 || counts.error || found.length > 0 ? 1 : 0

function compilerFile(name) {
  return execFileSync(process.env.CXX ?? 'g++', [`-print-file-name=${name}`], {
    encoding: 'utf8',
  }).trim()
}
