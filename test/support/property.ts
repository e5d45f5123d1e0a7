/** How fast-check runs here: the same cases every time. */
export const seeded = { seed: 20_240_601, numRuns: 300 } as const
