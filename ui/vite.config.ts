import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = 'http://127.0.0.1:8000'
// The policy of ceap/web/page.py, so that previews fail where the product would.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self' ws: wss:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; manifest-src 'self'"

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: { outDir: 'dist', assetsDir: 'assets', target: 'es2022', chunkSizeWarningLimit: 800 },
  server: {
    proxy: { '/api': server, '/_allauth': server, '/ws': { target: server, ws: true } },
  },
  preview: { headers: { 'Content-Security-Policy': policy } },
  test: {
    environment: 'jsdom',
    setupFiles: 'src/lib/testing.setup.ts',
    css: false,
    isolate: false, // files share one page and its modules: a page for each was three quarters of the time
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 20_000, // other suites run beside it on two cores
  },
})
