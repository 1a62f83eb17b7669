import { fileURLToPath, URL } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

import { pdfResources } from './vite/pdf-resources.js'

/** The backend of `npm run dev`; the built console is served by the backend itself and needs no proxy. */
const backend = process.env.ZT_BACKEND ?? `http://127.0.0.1:${process.env.ZT_PORT ?? '8000'}`

/** What the server sends with every page of the console; `npm run preview` shows the build under the same rules. */
const policy =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
  "script-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

export default defineConfig({
  base: '/console/',
  plugins: [vue(), pdfResources()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: backend, changeOrigin: false } },
  },
  preview: { host: '127.0.0.1', headers: { 'Content-Security-Policy': policy } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    assetsInlineLimit: 0,
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
  },
})
