/** Moving about: no page twice from a double tap, a way back from everywhere, and home again after a login. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone } from './parts/phone'

let phone: Phone
let go: typeof import('@/stores/navigation')
let session: typeof import('@/stores/session').session

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetModules()
  phone = new Phone()
  go = await import('@/stores/navigation')
  session = (await import('@/stores/session')).session
})

describe('a tap', () => {
  const GUIDE = '/packages/apply/guide'
  const tap = (page: string): void => go.tapped(() => go.navigation.open(page))

  it('opens a page once however quickly it is repeated, there or anywhere on the page that is being left', () => {
    tap(GUIDE)
    tap(GUIDE)
    go.tapped(() => go.navigation.tab('/pages/cases/index'))
    go.tapped(() => go.navigation.back())
    go.tapped(() => go.navigation.logIn())
    expect(phone.moves).toEqual([`navigateTo ${GUIDE}`])
  })

  it('counts at once on the next page', () => {
    tap(GUIDE)
    phone.pages.push({ route: 'packages/apply/guide' })
    tap('/packages/apply/scenario')
    expect(phone.moves).toHaveLength(2)
  })

  it('counts at once on the same page opened once more, as after giving the real name on the way', () => {
    phone.pages = [{ route: 'pages/home/index' }, { route: 'packages/apply/join' }]
    tap('/packages/identity/declare')
    phone.pages.push({ route: 'packages/apply/join' })
    tap('/packages/case/progress')
    expect(phone.moves).toHaveLength(2)
  })

  it('counts at once after coming back, by our button or the phone’s own', () => {
    phone.pages.push({ route: 'packages/apply/guide' })
    go.tapped(() => go.navigation.back())
    go.tapped(() => go.navigation.back())
    phone.pages.pop()
    tap(GUIDE)
    go.arrived()
    tap(GUIDE)
    expect(phone.moves).toEqual(['navigateBack', `navigateTo ${GUIDE}`, `navigateTo ${GUIDE}`])
  })

  it('counts again a little later, if nothing came of the first', () => {
    tap(GUIDE)
    vi.advanceTimersByTime(500)
    tap(GUIDE)
    expect(phone.moves).toHaveLength(2)
  })

  it('that moves nowhere is never a second one', () => {
    const then = vi.fn()
    go.tapped(then)
    go.tapped(then)
    expect(then).toHaveBeenCalledTimes(2)
  })
})

describe('a move of the page itself', () => {
  it.each([
    ['replace', () => go.navigation.replace('/packages/signing/sign', { case: 'A 1', none: undefined }), 'redirectTo /packages/signing/sign?case=A%201'],
    ['open', () => go.navigation.open('/packages/identity/declare'), 'navigateTo /packages/identity/declare'],
    ['tab', () => go.navigation.tab('/pages/cases/index'), 'reLaunch /pages/cases/index'],
    ['back', () => go.navigation.back(), 'navigateBack'],
    ['follow', () => go.navigation.follow('/packages/apply/form'), 'redirectTo /packages/apply/form'],
    ['login', () => go.navigation.logIn(), 'navigateTo /pages/login/index'],
  ])('is made after an answer although somebody has just tapped: %s', async (_name, move, made) => {
    phone.pages.push({ route: 'packages/identity/ukey' })
    const written = Promise.resolve().then(move)
    go.tapped(() => go.navigation.open('/packages/identity/counter'))
    await written
    expect(phone.moves).toEqual(['navigateTo /packages/identity/counter', made])
    go.tapped(() => go.navigation.open('/packages/identity/counter'))
    expect(phone.moves).toHaveLength(2)
  })

  it('asked for twice is one', () => {
    go.navigation.replace('/packages/identity/camera')
    go.navigation.replace('/packages/identity/camera')
    expect(phone.moves).toEqual(['redirectTo /packages/identity/camera'])
  })
})

describe('going back', () => {
  it('goes to the page before', () => {
    phone.pages.push({ route: 'packages/apply/guide' })
    go.navigation.back()
    expect(phone.moves).toEqual(['navigateBack'])
  })

  it.each([
    ['citizen', '/pages/home/index'],
    ['courier', '/packages/courier/parcels'],
  ] as const)('leads a %s home where there is nothing behind', (audience, home) => {
    session.begin('t', audience, '某人')
    phone.pages = [{ route: 'packages/case/progress' }]
    go.navigation.back()
    expect(phone.moves).toEqual([`reLaunch ${home}`])
  })
})

describe('logging in', () => {
  it('comes back to where it was asked for', () => {
    phone.pages = [{ route: 'packages/apply/form', options: { case: 'case_1' } }]
    go.navigation.logIn()
    go.navigation.afterLogin('/pages/home/index')
    expect(phone.moves).toEqual(['navigateTo /pages/login/index', 'reLaunch /packages/apply/form?case=case_1'])
    go.navigation.afterLogin('/pages/home/index')
    expect(phone.moves.at(-1)).toBe('reLaunch /pages/home/index')
  })

  it('never comes back to the login itself', () => {
    phone.pages = [{ route: 'pages/login/index' }]
    go.navigation.logIn()
    go.navigation.afterLogin('/pages/home/index')
    expect(phone.moves.at(-1)).toBe('reLaunch /pages/home/index')
  })

  it('is the courier’s own for a courier', () => {
    phone.pages = [{ route: 'packages/courier/door', options: { id: 'parcel_1' } }]
    go.navigation.logIn()
    expect(phone.moves).toEqual(['navigateTo /packages/courier/login'])
  })

  it('leads a courier only to pages for couriers', () => {
    for (const [wanted, place] of [['/packages/courier/door?id=p', '/packages/courier/door?id=p'], ['/packages/apply/form', '/packages/courier/parcels'], [7, '/packages/courier/parcels']]) {
      phone.storage.set('zt.after-login', JSON.stringify(wanted))
      go.navigation.afterLogin('/packages/courier/parcels', '/packages/courier/')
      expect(phone.moves.at(-1)).toBe(`reLaunch ${place}`)
    }
  })

  it('is asked for only from who is not in', () => {
    const then = vi.fn()
    go.navigation.needLogin(then)
    expect(then).not.toHaveBeenCalled()
    session.begin('t', 'citizen', '张伟')
    go.navigation.needLogin(then)
    expect(then).toHaveBeenCalledTimes(1)
  })
})

describe('addresses from outside', () => {
  const hostile = ['//evil.example/p', 'https://evil.example', 'javascript:alert(1)', '/packages/../x', '/pages/home/index#x', 'pages/home/index', '/private', '', null, 7]

  it('are followed only to pages of ours', () => {
    expect(['/pages/home/index', '/packages/apply/join?code=A%201'].every(go.isPage)).toBe(true)
    expect(hostile.filter(go.isPage)).toEqual([])
  })

  it('lead home after a login when they are nonsense', () => {
    for (const wanted of [...hostile, { startsWith: 1 }, ['/pages/home/index']]) {
      phone.storage.set('zt.after-login', JSON.stringify(wanted))
      phone.moves = []
      go.navigation.afterLogin('/pages/home/index')
      expect(phone.moves).toEqual(['reLaunch /pages/home/index'])
      expect(phone.storage.has('zt.after-login')).toBe(false)
    }
  })

  it('lead back from a page that was told to go on to nonsense', () => {
    phone.pages.push({ route: 'packages/identity/declare' })
    go.navigation.follow('//evil.example/p')
    go.navigation.follow('/packages/apply/join?code=A')
    expect(phone.moves).toEqual(['navigateBack', 'redirectTo /packages/apply/join?code=A'])
  })

  it('may be written wrongly without harm', () => {
    expect([go.plain('%25'), go.plain('%'), go.plain('%E0%A4%A'), go.plain(undefined), go.plain('A%201')]).toEqual(['%', '', '', '', 'A 1'])
  })
})
