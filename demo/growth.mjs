// Which class only ever grew: the live counts, sampled once a second.
import { tracker } from 'heapscope'

export class Growth {
  #samples = []

  get seconds() {
    return this.#samples.length
  }

  sample() {
    const live = new Map(tracker.allStats().map((stats) => [stats.className, stats.live]))
    this.#samples.push(live)
  }

  /**
   * The class that grew most and never shrank, not even in the last sample, which is taken after a
   * full collection; undefined where there is none.
   */
  leak() {
    const last = this.#samples.at(-1)
    const grown = [...last.keys()].filter((name) => {
      const series = this.#samples.map((sample) => sample.get(name) ?? 0)
      return (
        series.every((live, i) => i === 0 || live >= series[i - 1]) && series.at(-1) > series[0]
      )
    })
    const growthOf = (name) => last.get(name) - (this.#samples[0].get(name) ?? 0)
    const [name] = grown.sort((a, b) => growthOf(b) - growthOf(a))
    if (name === undefined) return undefined
    const seconds = this.#samples.length - 1
    return { name, grown: growthOf(name), perSecond: growthOf(name) / seconds, seconds }
  }
}
