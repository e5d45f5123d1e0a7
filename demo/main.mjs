// npm run demo: a real service under real load, watched for ten seconds.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as heapscope from 'heapscope'
import { LeakDetector } from 'heapscope/leaks'
import { report } from './report.mjs'
import { createShop, listen } from './service.mjs'

const seconds = Number(process.env.DEMO_SECONDS ?? 10)
const { monitorGc, tracker } = heapscope

const startMs = performance.now()
const monitor = monitorGc()
const { server } = createShop({ heapscope, leak: true })
const port = await listen(server)
console.log(`heapscope demo: a shop on port ${port}, ${seconds} seconds of load from autocannon\n`)

// The load comes from a process of its own, or the service would wait for its own customers.
const load = fork(fileURLToPath(new URL('./load.mjs', import.meta.url)), [port, seconds])
const detector = await LeakDetector.create()
let passed = 0
const line = setInterval(printLine, 1000)
const failed = once(load, 'exit').then(([code]) => {
  throw new Error(`the load ended with code ${code} and no result`)
})
const [result] = await Promise.race([once(load, 'message'), failed])
failed.catch(() => {}) // it ends now, with its result delivered
clearInterval(line)

server.close()
server.closeAllConnections()
const watchedMs = performance.now() - startMs
const { verdict, reason, suspects } = await detector.diagnose()
// What is merely not collected yet is not live.
await heapscope.collectWhenIdle('major')
console.log(report({ result, monitor, watchedMs, diagnosis: { verdict, reason, suspects } }))
detector[Symbol.dispose]()
monitor[Symbol.dispose]()

function printLine() {
  passed++
  void detector.snapshot(`second ${passed}`)
  const { scavenge, 'mark-sweep-compact': full } = monitor.stats()
  const live = tracker
    .allStats()
    .map(({ className, live }) => `${className} ${Math.round(live)}`)
    .join(', ')
  const utilization = monitor.mutatorUtilization(100)
  console.log(
    `${String(passed).padStart(2)} s | live: ${live} | ` +
      `${scavenge.count} scavenges, ${full.count} full collections, ` +
      `worst 100 ms left ${utilization === null ? '–' : percent(utilization)} to the service`,
  )
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`
}
