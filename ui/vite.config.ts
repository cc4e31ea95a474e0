import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = 'http://127.0.0.1:8000'
// What the product sends with the page; previews live under it too.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

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
    restoreMocks: true,
    unstubGlobals: true,
  },
})
