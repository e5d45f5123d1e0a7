import { AssertionError } from 'node:assert'
import { describeBytes, describeCount } from '../graph/prose.js'
import { measureGrowth, type MeasuredGrowth, type NoGrowthOptions } from './measure-growth.js'

/**
 * Fails, as an assertion, where the scenario leaves something behind in every round: names the class, how
 * many a round and how they are held. For any test runner. Costs what `measureGrowth` does.
 *
 * @throws {AssertionError}
 */
export async function expectNoGrowth(
  scenario: () => unknown,
  options: NoGrowthOptions = {},
): Promise<void> {
  const measured = await measureGrowth(scenario, options)
  if (measured.classes.length === 0) return
  throw new AssertionError({
    message: describeMeasured(measured),
    operator: 'expectNoGrowth',
    stackStartFn: expectNoGrowth,
  })
}

const mostTold = 5

export function describeMeasured({ classes, rounds, iterations }: MeasuredGrowth): string {
  const calls = `${rounds} rounds of ${iterations} calls`
  if (classes.length === 0) return `nothing grew in ${calls}`
  const rows = classes.slice(0, mostTold).map(({ className, perRound, bytesPerRound, held }) => {
    const bytes = describeBytes(Math.round(bytesPerRound))
    const number = perRound === 0 ? '' : `+${describeCount(perRound)} a round, `
    const path = held ? `, held by ${held.path.text}` : ''
    return `  ${className}: ${number}${bytes} retained a round${path}`
  })
  const more = classes.length > mostTold ? [`  and ${classes.length - mostTold} more classes`] : []
  return [`the heap grew in each of ${calls}:`, ...rows, ...more].join('\n')
}
