import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))

/** Chinese character maps (mainland, Hong Kong, Taiwan): fonts that a file only names, as office software writes them. */
const CHINESE = /^(Adobe-GB1|Adobe-CNS1|GB|UniGB|UniCNS|B5|ET|HK|CNS)/
const FOLDERS = [
  ['cmaps', 'cmaps', (name) => CHINESE.test(name) && name.endsWith('.bcmap')],
  ['standard_fonts', 'fonts', (name) => /\.(pfb|ttf)$/.test(name)],
  ['wasm', 'decoders', (name) => name === 'openjpeg_nowasm_fallback.js'],
]

function resources() {
  return FOLDERS.flatMap(([from, to, wanted]) =>
    readdirSync(join(root, from))
      .filter(wanted)
      .map((name) => ({ address: `pdf/${to}/${name}`, path: join(root, from, name) })),
  )
}

/** What pdf.js asks for by address: character maps, the 14 standard fonts, the JPEG 2000 decoder. From the package, never from a CDN. */
export function pdfResources() {
  return {
    name: 'pdf-resources',
    generateBundle() {
      for (const { address, path } of resources()) {
        this.emitFile({ type: 'asset', fileName: address, source: readFileSync(path) })
      }
    },
    configureServer(server) {
      const known = new Map(resources().map(({ address, path }) => [`/console/${address}`, path]))
      server.middlewares.use((request, response, next) => {
        const path = known.get(request.url?.split('?')[0] ?? '')
        if (!path || !existsSync(path)) return next()
        response.setHeader('Content-Type', path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream')
        createReadStream(path).pipe(response)
      })
    },
  }
}
