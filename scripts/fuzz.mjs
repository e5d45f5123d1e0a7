// npm run fuzz [-- TARGET...] [--seconds N] [--seed N]: feeds damaged files to the readers of heap
// snapshots and saved graphs, under the address and the undefined-behaviour sanitizer. With libFuzzer
// where clang brings it (on Debian: clang and libclang-rt-14-dev), else, or with --plain, with the
// mutator of fuzz/standalone_main.cc and the compiler that builds the addon.
//
//   --seconds N  each target (60)
//   --seed N     another course of events (1)
//   --check      first holds dominators against their definition, and against the clock
//
// Seeds are in fuzz/corpus; what libFuzzer finds beside them stays in build/fuzz/found.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './support/repository.mjs'
import { must } from './support/run.mjs'

const { values: options, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const targets = positionals.length > 0 ? positionals : ['snapshot_reader', 'open_graph']
const out = join(root, 'build/fuzz')
const inRoot = { cwd: root }
mkdirSync(out, { recursive: true })
const compiled = new Set()

// The readers, and what is computed on what they read; nothing that needs V8.
const sources = [
  ...readdirSync(join(root, 'native/graph'))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => `native/graph/${name}`),
  ...['mapped_file', 'output_file', 'pages', 'process_facts'].map(
    (name) => `native/base/${name}.cc`,
  ),
  ...['json', 'row_feeder', 'snapshot_meta', 'snapshot_reader', 'snapshot_strings'].map(
    (name) => `native/capture/${name}.cc`,
  ),
]
const common = ['-std=c++20', '-g', '-Inative', '-Wall', '-Wextra', '-Werror', '-pthread']
const sanitized = [
  ...['-O1', '-fno-omit-frame-pointer', '-fsanitize=address,undefined'],
  '-fno-sanitize-recover=all',
]

if (options.check) {
  const program = join(out, 'dominators_check')
  await compile(process.env.CXX ?? 'c++', ['-O2'], ['fuzz/dominators_check.cc'], program)
  await must('dominators_check', program, [])
}

const clang = options.plain ? undefined : libFuzzer()
const compiler = clang ?? process.env.CXX ?? 'c++'
const flags = clang ? [...sanitized, '-fsanitize=fuzzer'] : sanitized
for (const target of targets) {
  const program = join(out, target)
  const main = clang ? [] : ['fuzz/standalone_main.cc']
  await compile(compiler, flags, [`fuzz/${target}_fuzzer.cc`, ...main], program)
}
for (const target of targets) {
  const { seconds, seed } = options
  const program = join(out, target)
  const corpus = join(root, 'fuzz/corpus', target)
  const found = join(out, 'found', target)
  console.log(`${target}: ${seconds} s, seed ${seed}, ${clang ? 'libFuzzer' : 'standalone'}`)
  if (clang) {
    mkdirSync(found, { recursive: true })
    const how = [`-max_total_time=${seconds}`, `-seed=${seed}`, '-timeout=60', '-verbosity=0']
    const artifacts = `-artifact_prefix=${join(out, `${target}-`)}`
    await must(target, program, [...how, '-print_final_stats=1', artifacts, found, corpus])
  } else {
    await must(target, program, [seconds, seed, corpus])
  }
}

/** A clang that links a fuzzer, if there is one. */
function libFuzzer() {
  const clang = process.env.CLANGXX ?? 'clang++'
  const probe = join(out, 'probe')
  const source =
    '#include <cstddef>\nextern "C" int LLVMFuzzerTestOneInput(const char*, size_t) { return 0; }'
  const tried = ['-fsanitize=fuzzer,address,undefined', '-x', 'c++', '-', '-o', probe]
  const { status } = spawnSync(clang, tried, { input: source, stdio: ['pipe', 'ignore', 'ignore'] })
  rmSync(probe, { force: true })
  return status === 0 ? clang : undefined
}

/** As many files at a time as there are processors. What is shared is compiled once for each kind. */
async function compile(cxx, flags, mains, program) {
  const kind = `${basename(cxx)}-${flags.some((flag) => flag.includes('sanitize')) ? 'san' : 'opt'}`
  const objects = join(out, kind)
  mkdirSync(objects, { recursive: true })
  const object = (source) => join(objects, `${source.replace(/\W/g, '-')}.o`)
  const waiting = [...sources.filter((source) => !compiled.has(object(source))), ...mains]
  const worker = async () => {
    for (let source = waiting.shift(); source; source = waiting.shift()) {
      const args = [...common, ...flags, '-c', source, '-o', object(source)]
      await must(source, cxx, args, inRoot)
      compiled.add(object(source))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  await must(program, cxx, [...flags, ...[...sources, ...mains].map(object), '-o', program], inRoot)
}
