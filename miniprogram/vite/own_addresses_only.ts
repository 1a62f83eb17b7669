import type { Plugin } from 'vite'

/** What the libraries bring along: a picture from a far server, and links to documentation in messages to developers. */
const REPLACED: [RegExp, string][] = [
  [/url\((["']?)https?:\/\/cdn\.dcloud\.net\.cn\/[^)]*\)/g, 'none'],
  [/https:\/\/vuejs\.org\/error-reference\/#runtime-/g, 'vue '],
  [/https:\/\/uniapp\.dcloud\.net\.cn\/[\w./-]*/g, ''],
]
/** Names of XML languages, and the server on this machine that a WeChat build talks to unless it is told another. */
const NEVER_FOREIGN = /^(www\.w3\.org|127\.0\.0\.1)$/
const ADDRESS = /(?:\b(?:https?|wss?):)?\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[:/"'`)\s?#\\]|$)/gi

/** Nothing that is built may name, let alone fetch, a place outside. A build that does so fails. */
export function ownAddressesOnly(): Plugin {
  let own = ''
  return {
    name: 'own-addresses-only',
    enforce: 'post',
    configResolved(config) {
      const api = config.env.VITE_API_BASE as string | undefined
      own = api ? new URL(api).hostname : ''
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          const text = file.type === 'chunk' ? file.code : typeof file.source === 'string' ? file.source : ''
          const plain = REPLACED.reduce((left, [pattern, put]) => left.replace(pattern, put), text)
          const foreign = [...plain.matchAll(ADDRESS)].map((found) => found[1] as string).filter((host) => host !== own && !NEVER_FOREIGN.test(host))
          if (foreign.length) this.error(`${file.fileName} names ${[...new Set(foreign)].join(', ')}: see vite/own_addresses_only.ts`)
          if (plain === text) continue
          if (file.type === 'chunk') file.code = plain
          else file.source = plain
        }
      },
    },
  }
}
