import { readFileSync, statSync } from 'node:fs'
import { cycleSvgs, LeakDetector, retainerSvg, savePicture, svgToPng } from 'heapscope/leaks'
import { afterEach, expect, test } from 'vitest'
import { runProgram } from '../support/fixture.js'
import { scratchDirectory } from '../support/snapshots.js'

const held = globalThis as { heapscopeHeld?: any }
afterEach(() => {
  delete held.heapscopeHeld
})
const scratch = scratchDirectory()

class Ring {
  self: Ring = this
}

test('L18: one snapshot has no trend, more are two panels with a point each', async () => {
  using detector = await LeakDetector.create()
  expect(() => detector.trendSvg()).toThrow(RangeError)
  await detector.snapshot()
  await detector.snapshot()
  const svg = detector.trendSvg()
  expect(svg.match(/<polyline/g)).toHaveLength(2)
  expect(svg.match(/<circle/g)).toHaveLength(6)
  for (const text of ['Objects', 'Memory', 'objects', 'MB', 'snapshot']) {
    expect(svg).toContain(`>${text}</text>`)
  }
  const png = await svgToPng(svg)
  expect(png.subarray(1, 4).toString()).toBe('PNG')
})

test('L21: cycles of a class are drawn, at most three, and none where there is none', async () => {
  held.heapscopeHeld = Array.from({ length: 5 }, () => new Ring())
  const pictures = await cycleSvgs('Ring')
  expect(pictures.map(({ pattern }) => pattern)).toEqual(Array(3).fill('Ring ↔ itself'))
  for (const [i, { svg }] of pictures.entries()) {
    const path = scratch(`cycle-${i}.${i === 0 ? 'png' : 'svg'}`)
    await savePicture(svg, path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  }
  expect(readFileSync(scratch('cycle-1.svg'), 'utf8')).toContain('Ring')
  expect(await cycleSvgs('NoSuchClass')).toEqual([])
  await expect(savePicture('', scratch('picture.gif'))).rejects.toThrow(TypeError)
})

test('L22: forty that hold an object are ten and "30 more"', async () => {
  // In a program of its own: here the runner itself may hold it for a moment, too.
  const { code, stdout, stderr } = await runProgram(`
    const { retainerSvg } = require('heapscope/leaks')
    class Popular {}
    class Fan {
      constructor(of) {
        this.of = of
      }
    }
    const made = () => {
      const popular = new Popular()
      globalThis.fans = Array.from({ length: 40 }, () => new Fan(popular))
      return retainerSvg(popular, { maxDepth: 5 })
    }
    made().then(console.log)`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const labels = [...stdout.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, label]) => label)
  expect(labels.filter((label) => label === '30 more')).toHaveLength(1)
  expect(labels.filter((label) => label!.startsWith('Fan'))).toHaveLength(10)
  expect(labels.filter((label) => label!.startsWith('Popular'))).toHaveLength(1)
})

test('the retainers of a primitive are refused', () => {
  expect(() => retainerSvg(7 as never)).toThrow(TypeError)
})

test('L23: a hundred requests, each of which leaks a closure', async () => {
  const { code, stdout, stderr } = await runProgram(`
    const { analyzeRequests } = require('heapscope/leaks')
    globalThis.handlers = []
    const handler = (request) => {
      const body = { request }
      handlers.push(() => body)
    }
    analyzeRequests(handler).then(async ({ detector, diagnosis, report }) => {
      const { verdict, reason, suspects } = diagnosis
      const paths = suspects.map(({ held }) => held?.path.text)
      const html = await detector.toHtml(diagnosis)
      const labels = detector.snapshots.map(({ label }) => label)
      console.log(JSON.stringify({ labels, verdict, reason, paths, report, html }))
    })`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { labels, verdict, reason, paths, report, html } = JSON.parse(stdout)
  expect(labels).toHaveLength(12)
  expect([labels[1], labels[2], labels[11]]).toEqual(['start', 'request 0', 'request 90'])
  expect(verdict, reason).toBe('leak')
  expect(paths[0]).toMatch(/^global\.handlers → Array → /)
  expect(report).toContain(paths[0])

  expect(html).toContain('<b>leak</b>')
  expect(html).toContain('global.handlers')
  expect(html.match(/<polyline/g)).toHaveLength(2)
  expect(html).not.toMatch(/https?:(?!\/\/www\.w3\.org)|<script|<link|@import/)
})
