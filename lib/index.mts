// One implementation serves both module systems, so that both see the same tracked classes.
export * from './index.js'
