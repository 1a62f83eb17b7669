import uni from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'
import { ownAddressesOnly } from './vite/own_addresses_only'

// vite-plugin-uni is CommonJS: its default export arrives wrapped when the configuration is an ES module.
const plugin = ((uni as unknown as { default?: typeof uni }).default ?? uni) as typeof uni
const backend = process.env.ZT_DEV_BACKEND ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [plugin(), ownAddressesOnly()],
  build: { sourcemap: false, assetsInlineLimit: 2048 },
  server: { proxy: { '/api': backend, '/v': backend, '/static': backend } },
})
