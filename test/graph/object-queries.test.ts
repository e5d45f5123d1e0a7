import {
  captureHeapSync,
  objectId,
  referents,
  referrers,
  refCount,
  retainedSize,
  retainingPath,
  sizeOf,
} from 'heapscope'
import { afterEach, expect, test } from 'vitest'

class Letter {
  text = new Array(10_000).fill(1.5)
}

const globals = globalThis as { heapscopeTestLetters?: Map<number, Letter> | undefined }
/** Held by a global Map alone, and by no frame of the test. */
const letter = (): Letter => globals.heapscopeTestLetters!.get(1)!
const post = (): void => {
  globals.heapscopeTestLetters = new Map([[1, new Letter()]])
}
afterEach(() => {
  delete globals.heapscopeTestLetters
})

test('questions about one object are answered by a capture of their own', async () => {
  post()
  expect(await refCount(letter())).toBe(1)
  expect(await sizeOf(letter())).toBeLessThan(100)
  expect(await retainedSize(letter())).toBeGreaterThan(80_000)
  expect((await retainingPath(letter()))!.text).toMatch(
    /^global\.heapscopeTestLetters → Map → \[\d+\] → Letter$/,
  )
  expect((await referents(letter())).map(({ name }) => name)).toContain('text')
  const holders = (await referrers(letter())).filter(({ type }) => type !== 'weak')
  expect(holders.map(({ node }) => node.type)).toEqual(['array'])
  expect(await referents(letter(), { limit: 1 })).toHaveLength(1)
})

test('or by a graph that knows the object', async () => {
  post()
  const graph = captureHeapSync({ objects: { letter: letter() } })
  expect(await retainedSize(letter(), { graph })).toBe(graph.retainedSize(graph.nodeOf(letter())!))
  await expect(sizeOf(new Letter(), { graph })).rejects.toMatchObject({
    code: 'ERR_HEAPSCOPE_NOT_IN_GRAPH',
  })
  expect(graph.info.nodes).toBeGreaterThan(0) // it was not disposed of
})

test('an object that nothing else holds is answered for all the same', async () => {
  expect(await sizeOf(new Letter())).toBeLessThan(100)
  expect(await refCount(new Letter())).toBe(0)
})

test('naming an object changes neither who holds it nor who retains it', async () => {
  post()
  const plain = captureHeapSync()
  const [before] = plain.nodes({ className: 'Letter' })
  const many = (): Record<string, Letter> => {
    const record: Record<string, Letter> = {}
    for (let i = 0; i < 2000; i++) record[`name${i}`] = letter()
    return record
  }
  for (const objects of [() => ({ letter: letter() }), () => [letter()], many]) {
    const graph = captureHeapSync({ objects: objects() as Record<string, Letter> })
    const node = graph.nodeOf(letter())!
    expect(graph.dominator(node)!.className).toBe(plain.dominator(before!)!.className)
    expect(graph.refCount(node)).toBe(1)
    const [path] = await graph.retainingPaths(node)
    expect(path!.text).toMatch(/^global\.heapscopeTestLetters/)
    expect([...graph.referrers(node)].map(({ type }) => type)).not.toContain('property')
  }
})

test('R11: a primitive is a TypeError that names it', async () => {
  await expect(refCount(7 as never)).rejects.toThrow(TypeError)
  await expect(refCount(7 as never)).rejects.toThrow('the number 7')
  await expect(sizeOf({}, { graph: {} as never })).rejects.toThrow(TypeError)
  await expect(sizeOf({}, { objects: {} } as never)).rejects.toThrow(/objects/)
  await expect(referrers({}, { limit: -1 })).rejects.toThrow(RangeError)
})

test('ids of objects grow, stay, and are never given twice', () => {
  const [a, b] = [{}, (): void => {}]
  const first = objectId(a)
  const second = objectId(b)
  expect(second).toBeGreaterThan(first)
  expect(objectId(a)).toBe(first)
  expect(objectId(Symbol('s'))).toBeGreaterThan(second)
  captureHeapSync() // in which V8 forgets its own
  expect(objectId(a)).toBe(first)
  expect(() => objectId(5 as never)).toThrow(TypeError)
  expect(() => objectId('text' as never)).toThrow(TypeError)
})
