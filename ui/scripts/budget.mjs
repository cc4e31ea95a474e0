// What a visitor downloads (Brotli): for the sign-in form, for Home, and what each lazy route adds to a page.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

const KB = 1000 // as benchmarks/f14_page.py counts, which measures the first line in a browser
const LIMITS = { signIn: 250 * KB, home: 256 * KB, route: 225 * KB }
const SIGN_IN = ['LoginPage']
const HOME = ['Guarded', 'HomePage', 'Overlays']

const read = (file) => readFileSync(`dist/${file}`)
const sizes = new Map()
const size = (file) => sizes.get(file) ?? sizes.set(file, brotliCompressSync(read(file)).length).get(file)
const sum = (files) => [...files].reduce((total, file) => total + size(file), 0)
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1])

const source = (file) => read(file).toString()
const staticImports = (file) =>
  file.endsWith('.js') ? all(source(file), /(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g).map((name) => `assets/${name}`) : []

/** `files` and everything they import statically. */
function closure(files, seen = new Set()) {
  for (const file of files) if (!seen.has(file)) closure(staticImports(file), seen.add(file))
  return seen
}

/** Each lazily imported file of `file`, with what Vite preloads for it (styles included). */
function lazyImports(file) {
  const text = source(file)
  const table = all(text, /m\.f=\[([^\]]*)\]/g).flatMap((list) => all(list, /["'`]([^"'`]+)["'`]/g))
  const calls = text.matchAll(/import\(["'`]\.\/([^"'`]+\.js)["'`]\)(?:[^[\]]{0,60}__vite__mapDeps\(\[([\d,]*)\]\))?/g)
  return [...calls].map(([, name, deps = '']) => [
    `assets/${name}`,
    deps.split(',').filter(Boolean).map((index) => table[index]),
  ])
}

const html = source('index.html')
const shell = closure(['index.html', ...all(html, /(?:src|href)="\/(assets\/[^"]+\.(?:js|css|svg))"/g)])
const lazy = (files) => [...files].filter((file) => file.endsWith('.js')).flatMap(lazyImports)

/** What is loaded when these lazy chunks are shown, styles included. */
function opened(names) {
  const files = new Set(shell)
  for (const name of names) {
    const found = lazy(files).find(([entry]) => entry.startsWith(`assets/${name}-`))
    if (!found) throw new Error(`expected the lazy chunk ${name}`)
    closure([found[0], ...found[1]], files)
  }
  return files
}

const guarded = opened(['Guarded'])
const rows = [...new Map(lazy(guarded))]
  .map(([entry, deps]) => [entry, sum([...closure([entry, ...deps])].filter((file) => !guarded.has(file)))])
  .toSorted((a, b) => b[1] - a[1])

const report = [
  ['until the sign-in form can be used', sum(opened(SIGN_IN)), LIMITS.signIn],
  ['Home, without a sign-in before', sum(opened(HOME)), LIMITS.home],
  ...rows.map(([entry, bytes]) => [`+ ${entry.replace('assets/', '')}`, bytes, LIMITS.route]),
]
for (const [name, bytes, limit] of report) {
  const over = bytes > limit ? '  OVER' : ''
  console.log(`${name.padEnd(44)} ${(bytes / KB).toFixed(1).padStart(7)} KB of ${limit / KB}${over}`)
}
process.exit(report.some(([, bytes, limit]) => bytes > limit) ? 1 : 0)
