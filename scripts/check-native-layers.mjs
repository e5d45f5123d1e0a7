// native/base and native/graph know no V8: they are tested, reused and mapped without an isolate.
// So they include none of its headers, and no file of a higher layer, which might.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryFiles, root } from './support/repository.mjs'

const mayInclude = { base: ['base'], graph: ['base', 'graph'] }
const engine =
  /^((v8(-.*|config)?|napi(-.*)?|node(_api.*|_buffer|_object_wrap|_version)?|js_native_api.*)\.h$|cppgc\/|libplatform\/)/

const sources = repositoryFiles('native/*')
let faults = 0
for (const [layer, allowed] of Object.entries(mayInclude)) {
  for (const file of sources.filter((name) => name.startsWith(`native/${layer}/`))) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    lines.forEach((line, index) => {
      const [, quote, header] = /^\s*#\s*include\s*([<"])([^>"]+)/.exec(line) ?? []
      const why = header && objection(file, quote, header, allowed)
      if (!why) return
      faults++
      console.error(`${file}:${index + 1}: includes ${header}: ${why}`)
    })
  }
}
process.exitCode = faults > 0 ? 1 : 0

function objection(file, quote, header, allowed) {
  if (engine.test(header)) return 'this layer knows no V8'
  const [folder] = header.split('/')
  const neighbour = !header.includes('/') && existsSync(join(root, dirname(file), header))
  if (quote === '<' || neighbour || allowed.includes(folder)) return undefined
  return `only ${allowed.join(' and ')} may be included here`
}
