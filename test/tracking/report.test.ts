import { trackClass, tracker, type ClassStats } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndKeep } from '../support/instances.js'

// Held to the end: the rows of one test stand in the reports of the next.
const held: object[] = []

const rowsOf = (report: string) => report.split('\n').filter((line) => /^ {2}\d+\. /.test(line))

describe('the report', () => {
  it('is a heading and three totals when nothing is tracked', () => {
    expect(tracker.report().split('\n')).toEqual([
      'Tracked classes',
      '  classes           0',
      '  instances         0',
      '  active instances  0',
    ])
  })

  it('T47: names at most five classes after three totals, most active first', () => {
    const numbered = makeAndKeep(7, (i) => {
      const Numbered = trackClass(class Numbered {}, { name: `Class${i}` })
      return makeAndKeep(i + 1, () => new Numbered())
    })
    const closable = trackClass(
      class {
        close(): void {}
      },
      { name: 'Closed' },
    )
    const closed = makeAndKeep(1000, () => new closable())
    for (const one of closed) one.close()
    const lines = tracker.report().split('\n')
    expect(lines.slice(0, 4)).toEqual([
      'Tracked classes',
      '  classes           8',
      '  instances         1,028',
      '  active instances  28',
    ])
    expect(rowsOf(tracker.report()).map((row) => row.split(':')[0])).toEqual([
      '  1. Class6',
      '  2. Class5',
      '  3. Class4',
      '  4. Class3',
      '  5. Class2',
    ])
    expect(rowsOf(tracker.report())[0]).toMatch(/7 active of 7 live, 7 created, oldest \d+\.\d s$/)
    held.push(numbered, closed)
  })

  it('takes how many classes to name', () => {
    expect(rowsOf(tracker.report({ top: 2 }))).toHaveLength(2)
    expect(rowsOf(tracker.report({ top: 0 }))).toHaveLength(0)
    expect(rowsOf(tracker.report({ top: 100 }))).toHaveLength(8)
    expect(rowsOf(tracker.report({ top: 100 })).at(-1)).toContain('Closed: 0 active of 1,000 live')
  })

  it('gives the error of a number that is an estimate', () => {
    const Sampled = trackClass(class Sampled {}, { handles: 4 })
    held.push(makeAndKeep(1000, () => new Sampled()))
    const row = rowsOf(tracker.report({ top: 100 })).find((line) => line.includes('Sampled'))
    expect(row).toMatch(/active of [\d,]+ ± [\d,]+ live, 1,000 created/)
  })

  it('merges what other threads sent, each row with its thread', () => {
    const sent = JSON.parse(JSON.stringify(tracker.stats('Class6'))) as ClassStats
    const report = tracker.report({ top: 100, threads: { 'worker 1': [sent], 'worker 2': [sent] } })
    const rows = rowsOf(report).filter((row) => row.includes('Class6'))
    expect(rows).toHaveLength(3)
    expect(rows.join('\n')).toMatch(/Class6: .*\n.*Class6 \[worker 1\]: .*\n.*Class6 \[worker 2\]/)
    const total = (text: string) =>
      Number(/active instances +([\d,]+)/.exec(text)![1]!.replaceAll(',', ''))
    expect(total(report)).toBe(total(tracker.report()) + 14)
    keepAlive(held)
  })

  it.each([[null], [5], [{ worker: 5 }]])(
    'refuses %j as the figures of threads',
    (threads: any) => {
      expect(() => tracker.report({ threads })).toThrow(
        expect.objectContaining({ code: 'ERR_HEAPSCOPE_INVALID_ARG' }),
      )
    },
  )
})
