const mebibyte = 2 ** 20

/** Leaves about so much garbage in the heap, in arrays of 1 KB. */
export function makeHeapGarbage(bytes: number): void {
  const held: unknown[] = []
  for (let made = 0; made < bytes; made += 1024) held.push(new Array(124).fill(made))
  if (held.length === 0) throw new Error('nothing was made')
}

/** Leaves so much garbage outside the heap, in buffers of `size` bytes. */
export function makeBufferGarbage(bytes: number, size = mebibyte): void {
  const held: Buffer[] = []
  for (let made = 0; made < bytes; made += size) held.push(Buffer.alloc(size, 1))
  if (held.length === 0) throw new Error('nothing was made')
}

/**
 * Blocks the event loop for so long and allocates, with up to `kept` objects alive at a time; at least
 * half a million objects, so that there are collections however slow the machine is just now.
 */
export function allocateFor(ms: number, kept = 50_000): void {
  let held: unknown[] = []
  const end = performance.now() + ms
  for (let round = 0; round < 500 || performance.now() < end; round++) {
    for (let i = 0; i < 1000; i++) held.push({ made: [i, i + 1] })
    if (held.length > kept) held = []
  }
}
