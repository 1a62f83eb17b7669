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

describe('opening', () => {
  it('opens a page once however quickly it is tapped', () => {
    go.navigation.open('/packages/apply/guide', { code: 'A 1', none: undefined })
    go.navigation.open('/packages/apply/guide', { code: 'A 1' })
    go.navigation.replace('/packages/apply/scenario')
    expect(phone.moves).toEqual(['navigateTo /packages/apply/guide?code=A%201'])
  })

  it('takes a tap on the next page at once', () => {
    go.navigation.open('/packages/apply/guide')
    phone.pages.push({ route: 'packages/apply/guide' })
    go.navigation.open('/packages/apply/scenario')
    expect(phone.moves).toHaveLength(2)
  })

  it('takes a tap on the same page opened once more, as after giving the real name on the way', () => {
    phone.pages = [{ route: 'pages/home/index' }, { route: 'packages/apply/join' }]
    go.navigation.open('/packages/identity/declare')
    phone.pages.push({ route: 'packages/apply/join' })
    go.navigation.replace('/packages/case/progress')
    expect(phone.moves).toHaveLength(2)
  })

  it('takes another tap at once after coming back', () => {
    go.navigation.open('/packages/apply/guide')
    go.navigation.back()
    go.navigation.open('/packages/apply/scenario')
    expect(phone.moves).toHaveLength(3)
  })

  it('may open the same page again a little later', () => {
    go.navigation.open('/packages/apply/guide')
    vi.advanceTimersByTime(500)
    go.navigation.open('/packages/apply/guide')
    expect(phone.moves).toHaveLength(2)
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
