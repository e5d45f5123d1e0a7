// npm run check:package: what would be published, seen as its users see it. The tarball is checked
// by publint and are-the-types-wrong, installed in an empty project (which builds the addon), loaded
// both ways, and its types compiled as strictly as TypeScript does unless told otherwise.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './support/repository.mjs'
import { must } from './support/run.mjs'

const directory = mkdtempSync(join(tmpdir(), 'heapscope-package-'))
const tool = (name) => join(root, 'node_modules', '.bin', name)

const entries = ['heapscope', 'heapscope/weakref', 'heapscope/leaks']
const loadBothWays = (entry) => `
  import assert from 'node:assert'
  import { createRequire } from 'node:module'
  import * as imported from '${entry}'
  const required = createRequire(import.meta.url)('${entry}')
  const interop = ['default', '__esModule', 'module.exports']
  const names = (module) => Object.keys(module).filter((name) => !interop.includes(name)).sort()
  assert.deepStrictEqual(names(imported), names(required))
  assert.ok(names(required).length > 0, 'the package exports nothing')
  for (const name of names(required)) assert.strictEqual(imported[name], required[name], name)
  console.log('import and require of ${entry} give the same ' + names(required).length + ' exports')
`

// What a user writes who leaves it to TypeScript to find the types.
const consumer = `
  import { createServer } from 'node:http'
  import { gcRequestListener, trackClass, tracker } from 'heapscope'
  import { expectNoGrowth } from 'heapscope/leaks'
  import { ref } from 'heapscope/weakref'
  const Order = trackClass(class Order { constructor(readonly id: number) {} })
  export const id: number = new Order(1).id
  export const live: number = tracker.stats(Order).live
  export const server = createServer(
    gcRequestListener((request, response) => response.end(request.url), ({ share }) => share),
  )
  export const name: string | undefined = ref({ name: 'mine' }).deref()?.name
  export { expectNoGrowth }
`
const strictly =
  '--noEmit --strict --module node16 --target es2022 --lib esnext --types node'.split(' ')

try {
  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
    { cwd: root, encoding: 'utf8' },
  )
  const [{ filename, files, size }] = JSON.parse(packed)
  const tarball = join(directory, filename)
  console.log(`${filename}: ${files.length} files, ${size} bytes`)

  await must('publint', tool('publint'), [tarball, '--strict'])
  // node16: resolution of subpaths as every supported Node does it
  await must('are-the-types-wrong', tool('attw'), [
    tarball,
    '--profile',
    'node16',
    '--format',
    'ascii',
  ])

  const project = join(directory, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n')
  const load = (what, ...args) => must(what, process.execPath, args, { cwd: project })
  await must('npm install', 'npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: project,
  })
  for (const entry of entries) {
    await load('require', '-e', `require('${entry}')`)
    await load('import', '--input-type=module', '-e', `import '${entry}'`)
    await load('import beside require', '--input-type=module', '-e', loadBothWays(entry))
  }
  writeFileSync(join(project, 'consumer.mts'), consumer)
  const typeRoots = join(root, 'node_modules/@types')
  await must('tsc', tool('tsc'), [...strictly, '--typeRoots', typeRoots, 'consumer.mts'], {
    cwd: project,
  })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
