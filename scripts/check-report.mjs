// npm run check:report: opens the leak detector's HTML report in Chromium at desktop and phone width, in
// light and dark. Anything that is loaded, an error on the console, or a page wider than its window is a
// failure. The pictures are left in .cache/report to be looked at.
//
// Chromium is the distribution's (apt-get install chromium), or CHROMIUM=/path names one.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { cache, root } from './support/repository.mjs'

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
].find((path) => path && existsSync(path))
if (!executablePath) {
  console.error('no chromium here: nothing was checked. apt-get install chromium, or set CHROMIUM')
  process.exit(2)
}

const directory = join(cache, 'report')
mkdirSync(directory, { recursive: true })
const pages = {
  leak: report('leaking listener', 8),
  ok: report('sawtooth', 6),
  start: report('sawtooth', 1),
}
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const failures = []
for (const [name, path] of Object.entries(pages)) {
  for (const [device, viewport] of [
    ['desktop', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ]) {
    for (const colorScheme of ['light', 'dark']) {
      const view = `${name}-${device}-${colorScheme}`
      const wrong = await lookAt(path, view, { viewport, colorScheme })
      console.log(`${view}: ${wrong.length === 0 ? 'ok' : wrong.join('; ')}`)
      failures.push(...wrong)
    }
  }
}
await browser.close()
console.log(`${failures.length} failed; pictures in .cache/report`)
process.exitCode = failures.length > 0 ? 1 : 0

async function lookAt(path, view, options) {
  const wrong = []
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('request', (request) => {
    if (request.url() !== `file://${path}`) wrong.push(`it loads ${request.url()}`)
  })
  page.on('console', (message) => wrong.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
  await page.goto(`file://${path}`)
  const [width, shown] = await page.evaluate(() => {
    const { document } = /** @type {any} */ (globalThis) // the page's
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  if (width > shown) wrong.push(`it is ${width} px wide in a window of ${shown}`)
  await page.screenshot({ path: join(directory, `${view}.png`), fullPage: true })
  await context.close()
  return wrong
}

/** The report on one of the leak detector's programs, of another process: see the fixture. */
function report(name, snapshots) {
  const fixture = join(root, 'test/fixtures/report-program.cjs')
  const html = execFileSync(process.execPath, [fixture, name, String(snapshots)])
  const path = join(directory, `${name.replaceAll(' ', '-')}-${snapshots}.html`)
  writeFileSync(path, html)
  return path
}
