// Beside each file of the build that shrinks, the same as Brotli; ceap/web/page.py serves it to who takes it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

const files = readdirSync('dist', { recursive: true }).filter((name) => /\.(js|css|html|svg|json)$/.test(name))
if (!files.length) throw new Error('there is nothing to pack: build first')
for (const name of files) writeFileSync(`dist/${name}.br`, brotliCompressSync(readFileSync(`dist/${name}`)))
