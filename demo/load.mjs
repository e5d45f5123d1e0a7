// The demo's customers, in a process of its own: load.mjs PORT SECONDS. Sends its parent the result.
import autocannon from 'autocannon'

const [port, seconds] = process.argv.slice(2).map(Number)
const result = await autocannon({
  url: `http://127.0.0.1:${port}`,
  connections: 20,
  duration: seconds,
})
process.send({
  requests: result.requests.total,
  perSecond: result.requests.average,
  p99: result.latency.p99,
  errors: result.errors + result.non2xx,
})
