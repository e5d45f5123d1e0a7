import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/fixture.js'

const prelude = `
  const { ref, finalize, onError } = require('heapscope/weakref')
  const { collect } = require('heapscope')
  const say = (text) => console.log(text)
  const target = {}
`

describe('at the end of the process', () => {
  it('W77: finalizers run newest first, with those made meanwhile; errors do not matter', async () => {
    const { code, stdout, stderr } = await runProgram(`${prelude}
      finalize(target, say, 'f1')
      finalize(target, say, 'f2').atExit = false
      finalize(target, () => {
        finalize(target, say, 'g1')
        say('f3 error')
        throw new Error('from f3')
      })
      finalize(target, say, 'f4')`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'f4\nf3 error\ng1\nf1\n' })
    expect(stderr).toContain('Error: from f3')
  })

  it('W77: an error goes to the hook where there is one', async () => {
    const { stdout, stderr } = await runProgram(`${prelude}
      onError((error, source) => say(error.message + ' of ' + source))
      finalize(target, () => { throw new Error('mine') })`)
    expect({ stdout, stderr }).toEqual({ stdout: 'mine of Finalizer (done)\n', stderr: '' })
  })

  it('W78: they run on process.exit too, and its code stays', async () => {
    const { code, stdout } = await runProgram(`${prelude}
      finalize(target, say, 'ran')
      process.exit(3)`)
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'ran\n' })
  })

  it('W78: a callback that ends the process keeps no other from being told', async () => {
    const { code, stdout } = await runProgram(`${prelude}
      globalThis.refs = []
      for (let i = 0; i < 3; i++) {
        const mortal = {}
        refs.push(ref(mortal, () => {
          say(i)
          if (i === 1) process.exit(3)
        }))
      }
      setImmediate(() => collect())
      setInterval(() => {}, 1000)`)
    expect(code).toBe(3)
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual(['0', '1', '2'])
  })

  it('W79: none run when it is killed', async () => {
    const { signal, stdout } = await runProgram(`${prelude}
      finalize(target, say, 'ran')
      process.kill(process.pid, 'SIGKILL')
      setInterval(() => {}, 1000)`)
    expect({ signal, stdout }).toEqual({ signal: 'SIGKILL', stdout: '' })
  })

  it('W79: none run in a worker that is terminated; they do in one that ends', async () => {
    const { code, stdout, stderr } = await runProgram(`
      const { Worker } = require('node:worker_threads')
      const start = (rest) => new Worker(\`
        const { finalize } = require('heapscope/weakref')
        const { writeSync } = require('node:fs')
        globalThis.target = {}
        finalize(target, (text) => writeSync(1, text), \${JSON.stringify(rest)} + ' ran\\\\n')
        require('node:worker_threads').parentPort.postMessage(0)
        if (\${rest === 'terminated'}) setInterval(() => {}, 1000)\`, { eval: true })
      const terminated = start('terminated')
      terminated.once('message', async () => {
        await terminated.terminate()
        start('ended')
      })`)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'ended ran\n', stderr: '' })
  })

  it('W81: asynchronous ones are awaited when the loop has run empty, newest first', async () => {
    const { code, stdout } = await runProgram(`${prelude}
      const slow = async (text) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        say(text)
      }
      finalize(target, say, 'last')
      finalize.with({ phase: 'beforeExit' }, target, slow, 'first')
      finalize.with({ phase: 'beforeExit' }, target, slow, 'second')`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'second\nfirst\nlast\n' })
  })

  it('says on stderr which asynchronous ones did not run behind one that never ends', async () => {
    const { stdout, stderr } = await runProgram(`${prelude}
      finalize.with({ phase: 'beforeExit' }, target, say, 'oldest')
      finalize.with({ phase: 'beforeExit' }, target, say, 'older')
      finalize.with({ phase: 'beforeExit' }, target, () => new Promise(() => {}))
      finalize(target, say, 'exit')`)
    expect({ stdout, stderr }).toEqual({
      stdout: 'exit\n',
      stderr:
        'heapscope: an asynchronous finalizer was not done at the exit, and 2 more did not run\n',
    })
  })

  it('W82: a bare registry of the language says nothing', async () => {
    const { stdout } = await runProgram(`
      const registry = new FinalizationRegistry((text) => console.log(text))
      ;(() => registry.register({}, 'never'))()`)
    expect(stdout).toBe('')
  })

  it('deaths that were found are still told', async () => {
    const { stdout } = await runProgram(`${prelude}
      const kept = []
      setImmediate(() => {
        ;(() => kept.push(ref({}, () => say('told'))))()
        collect()
        process.exit()
      })`)
    expect(stdout).toBe('told\n')
  })

  it('nothing of ours keeps it alive', async () => {
    const { code, stdout } = await runProgram(`${prelude}
      globalThis.kept = ref(target, () => {})
      say('done')`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' })
  })
})
