// Runs a command to its end. Whatever it started is killed with it: when its time is over, and
// when we are interrupted ourselves.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

const running = new Set()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child)
    process.exit(130)
  })
}

/**
 * Resolves to `{ ok, reason }`. With `log` the output is appended to that file, otherwise it goes
 * where ours goes. `deadline` is a time as of Date.now().
 *
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: string, deadline?: number }} RunOptions
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export function run(command, args, { cwd, env, log, deadline } = {}) {
  const output = log === undefined ? 'inherit' : openSync(log, 'a')
  // detached: a process group of its own, so that one kill reaches grandchildren too
  const child = spawn(command, args, {
    cwd,
    env: env ?? process.env,
    detached: true,
    stdio: ['ignore', output, output],
  })
  if (output !== 'inherit') closeSync(output)
  running.add(child)

  return new Promise((resolve) => {
    let timedOut = false
    const timer =
      deadline !== undefined &&
      setTimeout(
        () => {
          timedOut = true
          killGroup(child)
        },
        Math.max(0, deadline - Date.now()),
      )
    const finish = (reason) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ ok: reason === undefined, reason })
    }
    child.once('error', (error) => finish(error.message))
    child.once('exit', (code, signal) => {
      if (timedOut) finish('ran out of time')
      else if (signal) finish(`killed by ${signal}`)
      else finish(code === 0 ? undefined : `exit code ${code}`)
    })
  })
}

/**
 * As `run`, but throws when `what` fails; behind its first line the error quotes the log's end.
 *
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export async function must(what, command, args, options = {}) {
  const { ok, reason } = await run(command, args, options)
  if (ok) return
  const tail = options.log ? `\n${lastLines(options.log)}` : ''
  throw new Error(`${what}: ${reason}${tail}`)
}

export function lastLines(file, count = 40) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
}

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // already gone
  }
}
