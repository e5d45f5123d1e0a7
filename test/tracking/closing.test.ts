import { trackClass, tracker } from 'heapscope'
import { describe, expect, it } from 'vitest'
import { keepAlive, makeAndDrop } from '../support/instances.js'
import { settle } from '../support/settle.js'

const counts = (cls: any) => {
  const { created, live, active, closed, pendingDeletion } = tracker.stats(cls)
  return { created, live, active, closed, pendingDeletion }
}

describe('an instance is closed', () => {
  it('T2: at the end of a using block', () => {
    const File = trackClass(
      class File {
        [Symbol.dispose](): void {}
      },
    )
    const held: object[] = []
    {
      using file = new File()
      held.push(file)
      expect(tracker.metadata(file)).toMatchObject({ isActive: true, closedAt: null })
      expect(counts(File)).toMatchObject({ active: 1, closed: 0 })
    }
    expect(counts(File)).toEqual({ created: 1, live: 1, active: 0, closed: 1, pendingDeletion: 1 })
    const { isActive, closedAt } = tracker.metadata(held[0]!)!
    expect(isActive).toBe(false)
    expect(new Date(closedAt!).toISOString()).toBe(closedAt)
  })

  it('T3: once by a using block whose body throws, with the error unchanged', () => {
    const calls: string[] = []
    const File = trackClass(
      class File {
        [Symbol.dispose](): void {
          calls.push('closed')
        }
      },
    )
    const error = new Error('from the body')
    expect(() => {
      using _file = new File()
      throw error
    }).toThrow(error)
    expect(calls).toEqual(['closed'])
    expect(counts(File)).toMatchObject({ closed: 1, active: 0 })
  })

  it('at the end of an await using block', async () => {
    const Connection = trackClass(
      class Connection {
        open = true
        async [Symbol.asyncDispose](): Promise<void> {
          await Promise.resolve()
          this.open = false
        }
      },
    )
    const held: InstanceType<typeof Connection>[] = []
    {
      await using connection = new Connection()
      held.push(connection)
    }
    expect(held[0]!.open).toBe(false)
    expect(counts(Connection)).toMatchObject({ closed: 1, active: 0, live: 1 })
  })

  it('by its own close, which gets its arguments and whose result passes through', () => {
    const Socket = trackClass(
      class Socket {
        state = 'open'
        close(reason: string, code = 1): string {
          this.state = 'closed'
          return `${reason} ${code}`
        }
      },
    )
    const socket = new Socket()
    expect(socket.close('done', 7)).toBe('done 7')
    expect(socket.state).toBe('closed')
    expect(counts(Socket)).toMatchObject({ closed: 1, active: 0 })
    expect([socket.close.name, socket.close.length]).toEqual(['close', 1])
    expect(Object.keys(Socket.prototype)).toEqual([])
  })

  it('by an asynchronous close, whose promise is handed on', async () => {
    const Channel = trackClass(
      class Channel {
        async close(fail: boolean): Promise<string> {
          if (fail) throw new Error('refused')
          return 'closed'
        }
      },
    )
    const [one, other] = [new Channel(), new Channel()]
    await expect(one.close(false)).resolves.toBe('closed')
    await expect(other.close(true)).rejects.toThrow('refused')
    expect(counts(Channel)).toMatchObject({ closed: 2, active: 0 })
  })

  it('by tracker.close, which calls nothing of its own', () => {
    let called = 0
    const Handle = trackClass(
      class Handle {
        close(): void {
          called++
        }
      },
    )
    const handle = new Handle()
    tracker.close(handle)
    expect([called, counts(Handle).closed]).toEqual([0, 1])
    handle.close()
    expect([called, counts(Handle).closed]).toEqual([1, 1])
  })

  it('by tracker.close from its own close, as much as by either', () => {
    const Pool = trackClass(
      class Pool {
        close(): void {
          tracker.close(this)
        }
      },
    )
    const pool = new Pool()
    pool.close()
    expect(counts(Pool)).toMatchObject({ closed: 1, pendingDeletion: 1 })
  })

  it('by tracker.close also where its class has no close, and metadata tells of it', () => {
    const Plain = trackClass(class Plain {})
    const plain = new Plain()
    tracker.close(plain)
    tracker.close(plain)
    expect(counts(Plain)).toMatchObject({ closed: 1, active: 0, live: 1, pendingDeletion: 1 })
    expect(tracker.metadata(plain)).toMatchObject({ id: 1, isActive: false })
  })

  it('T5: by a close of its own that throws, and the error passes through', () => {
    const Stubborn = trackClass(
      class Stubborn {
        close(): void {
          throw new Error('will not')
        }
      },
    )
    const stubborn = new Stubborn()
    expect(() => stubborn.close()).toThrow('will not')
    expect(counts(Stubborn)).toMatchObject({ closed: 1, active: 0 })
    expect(tracker.metadata(stubborn)?.isActive).toBe(false)
  })

  it('T6: once, however often it is closed; its own close runs each time', () => {
    let called = 0
    const Twice = trackClass(
      class Twice {
        close(): void {
          called++
        }
        [Symbol.dispose](): void {
          this.close()
        }
      },
    )
    const twice = new Twice()
    twice.close()
    const { closedAt } = tracker.metadata(twice)!
    twice.close()
    twice[Symbol.dispose]()
    tracker.close(twice)
    expect(called).toBe(3)
    expect(counts(Twice)).toMatchObject({ closed: 1, active: 0, pendingDeletion: 1 })
    expect(tracker.metadata(twice)?.closedAt).toBe(closedAt)
  })

  it('T11: but still referenced is pending deletion, until it is collected', async () => {
    const Session = trackClass(
      class Session {
        close(): void {}
      },
    )
    const held: object[] = []
    makeAndDrop(1, () => {
      const session = new Session()
      session.close()
      held.push(session)
    })
    await settle()
    expect(counts(Session)).toMatchObject({ live: 1, active: 0, closed: 1, pendingDeletion: 1 })
    held.length = 0
    await settle(() => tracker.stats(Session).live === 0)
    expect(counts(Session)).toMatchObject({ live: 0, active: 0, closed: 1, pendingDeletion: 0 })
    expect(tracker.stats(Session)).toMatchObject({ collected: 1, collectedUnclosed: 0 })
  })

  it('T7: tracker.enter and assertOpen refuse it then, naming class and id', () => {
    const Door = trackClass(
      class Door {
        close(): void {}
      },
    )
    const [, door] = [new Door(), new Door()]
    tracker.assertOpen(door)
    {
      using entered = tracker.enter(door)
      expect(entered.instance).toBe(door)
    }
    const closed = expect.objectContaining({
      name: 'HeapscopeError',
      code: 'ERR_HEAPSCOPE_ALREADY_CLOSED',
      message: 'Door#2 is closed already',
    })
    expect(() => tracker.enter(door)).toThrow(closed)
    expect(() => tracker.assertOpen(door)).toThrow(closed)
    expect(counts(Door)).toMatchObject({ closed: 1, active: 1 })
  })

  it('T2: by tracker.enter at the end of the block, where it has no close of its own', () => {
    const Task = trackClass(class Task {})
    const task = new Task()
    {
      using _entered = tracker.enter(task)
      expect(counts(Task)).toMatchObject({ active: 1, closed: 0 })
    }
    expect(counts(Task)).toMatchObject({ active: 0, closed: 1 })
    keepAlive(task)
  })
})
