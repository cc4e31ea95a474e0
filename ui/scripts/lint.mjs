// House rules oxlint cannot say: borders between folders, size of a component file, no outside origins.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAX_TSX_LINES = 250
const REACHES = { lib: ['lib'], ui: ['lib', 'ui'], features: ['lib', 'ui', 'features'] }
const IMPORT = /(?:from\s+|import\s*\(?\s*)['"]([^'"]+)['"]/g

/** The complaints about one file; `path` is relative to ui/, with forward slashes. */
export function complaints(path, text) {
  const [, layer, feature] = path.split('/')
  const found = []
  if (path.endsWith('.tsx') && text.split('\n').length > MAX_TSX_LINES)
    found.push(`${path}: ${text.split('\n').length} lines; a component file stops at ${MAX_TSX_LINES}`)
  for (const [, spec] of text.matchAll(IMPORT)) {
    if (/^https?:/.test(spec)) found.push(`${path}: imports from outside: ${spec}`)
    const target = spec.startsWith('@/')
      ? spec.replace('@', 'src')
      : spec.startsWith('.') && posix.join(posix.dirname(path), spec)
    const [root, to, other] = target ? target.split('/') : []
    if (root !== 'src' || !(layer in REACHES)) continue
    if (!REACHES[layer].includes(to)) found.push(`${path}: ${layer}/ may not import ${to}/ (${spec})`)
    if (layer === 'features' && to === 'features' && other !== feature)
      found.push(`${path}: a feature may not import another (${spec}); compose them in app/`)
  }
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.gen.ts'))
    .map((entry) => join(entry.parentPath, entry.name).split(sep).join('/'))
  const found = files.flatMap((path) => complaints(path, readFileSync(path, 'utf8')))
  for (const line of found) console.error(line)
  console.log(`${files.length} files, ${found.length} complaints`)
  process.exit(found.length ? 1 : 0)
}
