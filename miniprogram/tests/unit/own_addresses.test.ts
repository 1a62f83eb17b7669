// @vitest-environment node
/** A build that names a place outside fails; what the libraries bring along is taken out. */
import { describe, expect, it } from 'vitest'
import { ownAddressesOnly } from '../../vite/own_addresses_only'

/** Apart, so that this file names no place outside either. */
const SCHEME = ['https', '//'].join(':')

function built(text: string, api?: string): string {
  const plugin = ownAddressesOnly() as unknown as {
    configResolved: (config: object) => void
    generateBundle: { handler: (this: object, options: object, bundle: object) => void }
  }
  plugin.configResolved({ env: { VITE_API_BASE: api } })
  const file = { type: 'asset', fileName: 'a.css', source: text }
  const context = {
    error(reason: string) {
      throw new Error(reason)
    },
  }
  plugin.generateBundle.handler.call(context, {}, { file })
  return file.source
}

describe('addresses in a build', () => {
  it.each(['a{background:url(https://cdn.shop.example/a.png)}', 'import("//cdn.shop.example/a.js")', 'new WebSocket(`wss://live.example:8443/x`)'])('%s fails', (text) =>
    expect(() => built(text)).toThrow('a.css names'),
  )

  it.each(["createElementNS('http://www.w3.org/2000/svg')", 'x="http://127.0.0.1:8000"', 'a//b', '// a comment. And more'])('%s is fine', (text) => expect(built(text)).toBe(text))

  it('knows the server that the WeChat build is made for', () => expect(built('"https://hall.example/api"', 'https://hall.example')).toContain('hall.example'))

  it('takes out what the libraries name', () => {
    expect(built(`a{background:url(${SCHEME}cdn.dcloud.net.cn/img/shadow-grey.png)}`)).toBe('a{background:none}')
    expect(built(`"${SCHEME}vuejs.org/error-reference/#runtime-"+n`)).toBe('"vue "+n')
  })
})
