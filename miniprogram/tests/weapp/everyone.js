'use strict'
// The pages of one kind of person at the moment that WEAPP_MOMENT names: each mounts, is filled by the hall and complains of nothing.
const { start, open } = require('./mount')
const pages = require('./pages')

const { ids, sessions } = JSON.parse(process.env.WEAPP_STATE)

/** A skeleton that nothing replaced (pages of a document further down the screen aside), or the box that says what went wrong. */
const UNFINISHED = /--z-skeleton(?! [\w-]*z-pages-blank)|--z-problem/

function mountsFor(who) {
  const rows = pages[process.env.WEAPP_MOMENT].filter((row) => row.who === who)
  if (rows.length === 0) return test(`no page for a ${who} now`, () => undefined)
  beforeAll(() => start(sessions[who] ?? null))
  test.each(rows)('$route', async ({ route, query, shows }) => {
    const seen = await open(route, query(ids))
    expect(seen.complaints).toEqual([])
    expect(seen.html).not.toMatch(UNFINISHED)
    expect(seen.text.replace(/\s/g, '')).toMatch(/\p{Script=Han}{2,}/u)
    expect(seen.text).toMatch(shows)
    expect(seen.moves).toEqual([])
  })
}

module.exports = { mountsFor }
