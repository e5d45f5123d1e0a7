// One implementation serves both module systems.
export * from './index.js'
