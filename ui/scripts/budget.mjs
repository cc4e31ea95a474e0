// What a visitor downloads (Brotli): the shell, all that the first visit loads, and what each lazy route adds.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

const KB = 1024
const LIMITS = { shell: 250 * KB, first: 250 * KB, route: 220 * KB }
const FIRST = ['HomePage', 'Overlays', 'CommandPalette']

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
const shell = closure(all(html, /(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g))
const routes = [...shell].filter((file) => file.endsWith('.js')).flatMap(lazyImports)
const rows = [...new Map(routes)]
  .map(([entry, deps]) => [entry, sum([...closure([entry, ...deps])].filter((file) => !shell.has(file)))])
  .toSorted((a, b) => b[1] - a[1])
const opening = routes.filter(([entry]) => FIRST.some((name) => entry.startsWith(`assets/${name}-`)))
if (opening.length < FIRST.length) throw new Error(`expected lazy chunks ${FIRST.join(', ')}`)
const first = closure([...shell, ...opening.flatMap(([entry, deps]) => [entry, ...deps])])

const report = [
  ['shell', sum(shell), LIMITS.shell],
  ['first route', sum(first), LIMITS.first],
  ...rows.map(([entry, bytes]) => [`+ ${entry.replace('assets/', '')}`, bytes, LIMITS.route]),
]
for (const [name, bytes, limit] of report) {
  const over = bytes > limit ? '  OVER' : ''
  console.log(`${name.padEnd(44)} ${(bytes / KB).toFixed(1).padStart(7)} KB of ${limit / KB}${over}`)
}
process.exit(report.some(([, bytes, limit]) => bytes > limit) ? 1 : 0)
