/** Moving between pages; what the back button does when there is nothing behind, and the way back after a login. */
import { kept } from './kept'
import { session } from './session'

type Query = Record<string, string | undefined>
const TABS = ['/pages/home/index', '/pages/cases/index', '/pages/wallet/index', '/pages/me/index']

export function address(page: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value as string)}`).join('&')
  return search ? `${page}?${search}` : page
}

const PAGE = /^\/(pages|packages)(\/[a-z]+)+(\?[^#]*)?$/
/** Whether this is the address of a page of ours: never another site, never a script. */
export const isPage = (wanted: unknown): wanted is string => typeof wanted === 'string' && PAGE.test(wanted)

/** A part of an address in plain text; an empty one when it is written wrongly. */
export function plain(part: unknown): string {
  try {
    return decodeURIComponent(String(part ?? ''))
  } catch {
    return ''
  }
}

function here(): string {
  const page = getCurrentPages().at(-1) as unknown as { route?: string; options?: Query; $page?: { fullPath?: string } } | undefined
  if (!page) return TABS[0] as string
  return page.$page?.fullPath ?? address(`/${page.route}`, page.options)
}

const home = (): string => (session.audience.value === 'courier' ? '/packages/courier/parcels' : (TABS[0] as string))

const standing = (): string => `${getCurrentPages().length} ${here()}`
/** The page that is being left until the next one is there, and where to. */
let leaving: { from: string; to: string } | null = null

/** Moves are always made, whoever asks for them; only the same one twice is one. */
function move(to: string, act: () => void): void {
  const from = standing()
  if (leaving?.from === from && leaving.to === to) return
  const mine = { from, to }
  leaving = mine
  setTimeout(() => {
    if (leaving === mine) leaving = null
  }, 400)
  act()
}

/** What a tap asks for; a second tap on a page that is being left asks for nothing, for its page may open twice. */
export function tapped(then: () => void): void {
  if (!leaving || leaving.from !== standing()) then()
}

/** The next page is on the screen. */
export function arrived(): void {
  leaving = null
}

export const navigation = {
  open(page: string, query?: Query): void {
    const url = address(page, query)
    move(url, () => uni.navigateTo({ url }))
  },
  /** Without leaving the present page behind. */
  replace(page: string, query?: Query): void {
    const url = address(page, query)
    move(url, () => uni.redirectTo({ url }))
  },
  tab: (page: string): void => move(page, () => uni.reLaunch({ url: page })),
  back: (): void =>
    move('', () => {
      if (getCurrentPages().length > 1) uni.navigateBack()
      else uni.reLaunch({ url: home() })
    }),
  /** To the login, a courier's or a citizen's, and after it back here or to `wanted`. */
  logIn(wanted?: string): void {
    const from = wanted ?? here()
    const login = from.startsWith('/packages/courier/') ? '/packages/courier/login' : '/pages/login/index'
    if (!from.startsWith(login)) kept.set('after-login', from)
    move(login, () => uni.navigateTo({ url: login }))
  },
  /** Run `then` logged in, else after the login; for buttons that need an account. */
  needLogin(then: () => void): void {
    if (session.isIn.value) then()
    else navigation.logIn()
  },
  /** To where the person was before, if that is a page below `within`. */
  afterLogin(fallback: string, within = '/'): void {
    const wanted = kept.get<unknown>('after-login')
    kept.drop('after-login')
    uni.reLaunch({ url: isPage(wanted) && wanted.startsWith(within) ? wanted : fallback, fail: () => uni.reLaunch({ url: fallback }) })
  },
  /** To a page named by an address from outside, in place of the present one; whatever is no page of ours leads back. */
  follow(wanted: string): void {
    if (!isPage(wanted)) return navigation.back()
    move(wanted, () => uni.redirectTo({ url: wanted, fail: () => uni.reLaunch({ url: wanted, fail: () => navigation.back() }) }))
  },
  /** Everything on the screen belonged to somebody else. */
  startAgain(): void {
    leaving = null
    uni.reLaunch({ url: home() })
  },
  /** An address that leads nowhere. */
  lost: (): void => void uni.reLaunch({ url: '/pages/lost/index' }),
}
