// One implementation serves both module systems, so that both see the same references.
export * from './index.js'
