const eslint = require('@eslint/js')
const globals = require('globals')
const tseslint = require('typescript-eslint')

// The layers of lib/, lowest first: none imports from one above it. Files directly in lib/, such as
// errors.ts, are helpers for all of them and lie at the bottom.
const layers = [
  ['gc', 'tracking'],
  ['graph'],
  ['weakref', 'leaks', 'recorder', 'pool', 'async'],
  ['cli', 'index'],
]

const onlyNativeLoadsTheAddon = {
  regex: String.raw`^bindings$|\.node$`,
  message: 'Only lib/native.ts loads the addon: import from there.',
}

const noneOf = (higher) => ({
  regex: String.raw`^\.{1,2}/(?:.*/)?(?:${higher.join('|')})(?:\.[cm]?[jt]s|/.*)?$`,
  message: 'A lower layer never imports a higher one.',
})

const restricted = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })

const layering = layers.map((members, depth) => {
  const higher = layers.slice(depth + 1).flat()
  return {
    files: members.flatMap((name) => [`lib/${name}.{ts,mts}`, `lib/${name}/**/*.ts`]),
    rules: restricted(onlyNativeLoadsTheAddon, ...(higher.length > 0 ? [noneOf(higher)] : [])),
  }
})

module.exports = tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'build/', 'coverage/', '.cache/'] },
  eslint.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs' } },

  {
    files: ['**/*.{ts,mts}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    rules: {
      // A number in a message is what it looks like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // noUncheckedIndexedAccess doubts every index; `!` says that this one was thought about.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },

  { files: ['lib/**/*.{ts,mts}'], rules: { 'max-lines': ['error', 400] } },
  {
    files: ['lib/*.{ts,mts}'],
    rules: restricted(onlyNativeLoadsTheAddon, noneOf(layers.flat())),
  },
  ...layering,
  {
    files: ['lib/native.ts'],
    rules: {
      ...restricted(noneOf(layers.flat())),
      '@typescript-eslint/no-require-imports': ['error', { allow: ['^bindings$'] }],
    },
  },
  {
    files: ['lib/index.{ts,mts}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Program > :not(ExportAllDeclaration, ExportNamedDeclaration[source])',
          message: 'The public face only re-exports.',
        },
      ],
    },
  },

  {
    // Tests hand over what the types forbid, and make classes that only live and die.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)
