/** The patience of the client: what is repeated, what is not, and what a lost session, a lost answer or a foreign page does. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone, good, refused } from './parts/phone'

let phone: Phone
let client: typeof import('@/api/client')
let errors: typeof import('@/api/errors')
let stores: { session: typeof import('@/stores/session').session; kept: typeof import('@/stores/kept').kept; network: typeof import('@/stores/network').network; clock: typeof import('@/stores/clock').serverClock }

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-23T01:00:00Z') })
  vi.resetModules()
  phone = new Phone()
  client = await import('@/api/client')
  errors = await import('@/api/errors')
  stores = {
    session: (await import('@/stores/session')).session,
    kept: (await import('@/stores/kept')).kept,
    network: (await import('@/stores/network')).network,
    clock: (await import('@/stores/clock')).serverClock,
  }
})

/** The result once all waiting is over. */
async function over<T>(work: Promise<T>): Promise<{ value?: T; error?: unknown }> {
  const settled = work.then((value) => ({ value }), (error: unknown) => ({ error }))
  await vi.advanceTimersByTimeAsync(10_000)
  return settled
}

describe('reading', () => {
  it('is tried again when the signal was lost, and the banner goes', async () => {
    phone.network = (_sent, turn) => (turn < 3 ? 'lost' : good([1]))
    const asked = client.api.get('/api/courier/parcels')
    await vi.advanceTimersByTimeAsync(350)
    expect(stores.network.isOffline.value).toBe(true)
    expect((await over(asked)).value).toEqual([1])
    expect(phone.sent).toHaveLength(3)
    expect(stores.network.isOffline.value).toBe(false)
  })

  it('gives up after three tries and says that there is no signal', async () => {
    const { error } = await over(client.api.get('/api/courier/parcels'))
    expect(error).toBeInstanceOf(errors.Offline)
    expect(phone.sent).toHaveLength(3)
    expect(errors.explain(error).canRetry).toBe(true)
  })

  it('carries no idempotency key and no body', async () => {
    phone.network = () => good([])
    await over(client.api.get('/api/courier/parcels'))
    expect(phone.keys()).toEqual([undefined])
    expect(phone.sent[0]!.data).toBeUndefined()
  })

  it('is not tried again when the hall said no', async () => {
    phone.network = () => refused(404, 'request.not_found')
    const { error } = await over(client.api.get('/api/courier/parcels/{parcel_id}', { path: { parcel_id: 'a b/c' } }))
    expect(phone.sent.map((one) => one.url)).toEqual(['/api/courier/parcels/a%20b%2Fc'])
    expect(errors.isUnknown(error)).toBe(true)
  })
})

describe('writing', () => {
  it('keeps its key over the repeat', async () => {
    phone.network = (_sent, turn) => (turn === 1 ? 'lost' : good({ ok: true }))
    await over(client.api.post('/api/courier/handoffs', { waybill_no: '1200000000001', payload: 'x' }))
    const [first, second] = phone.keys()
    expect(phone.sent).toHaveLength(2)
    expect(first).toBeTruthy()
    expect(second).toBe(first)
    expect(phone.sent[1]!.data).toEqual({ waybill_no: '1200000000001', payload: 'x' })
  })

  it('has another key the next time, unless it is given one', async () => {
    phone.network = () => good({})
    const body = { waybill_no: '1200000000001', payload: 'x' }
    await over(client.api.post('/api/courier/handoffs', body))
    await over(client.api.post('/api/courier/handoffs', body))
    await over(client.api.post('/api/courier/handoffs', body, { key: 'mine' }))
    const keys = phone.keys()
    expect(new Set(keys).size).toBe(3)
    expect(keys[2]).toBe('mine')
  })

  it('is never repeated by itself where each try counts', async () => {
    await over(client.api.post('/api/courier/parcels/{parcel_id}/deliver', { code: '123456' }, { path: { parcel_id: 'p' }, repeats: 0 }))
    expect(phone.sent).toHaveLength(1)
  })

  it('waits for a busy server that names a short time, and not for one that names a long one', async () => {
    phone.network = (_sent, turn) => (turn === 1 ? refused(503, 'system.busy', {}, { 'Retry-After': '1' }) : good({}))
    expect((await over(client.api.post('/api/courier/logout'))).error).toBeUndefined()
    phone.sent = []
    phone.network = () => refused(429, 'request.too_many', {}, { 'Retry-After': '40' })
    const { error } = await over(client.api.post('/api/courier/logout'))
    expect(phone.sent).toHaveLength(1)
    expect((error as InstanceType<typeof errors.ApiError>).retryAfter).toBe(40)
  })

  it('makes keys that are long and never the same', () => {
    const keys = Array.from({ length: 2000 }, () => client.newKey())
    expect(new Set(keys).size).toBe(2000)
    expect(Math.min(...keys.map((key) => key.length))).toBeGreaterThan(32)
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(64)
  })
})

describe('a lost session', () => {
  beforeEach(() => stores.session.begin('old', 'citizen', '张伟'))

  it('ends once, keeps what was typed and leads to the login once', async () => {
    const expired = vi.fn()
    stores.session.whenExpired(expired)
    stores.kept.set('draft.form.case_1', { name: '𠮷祥云' })
    phone.network = () => refused(401, 'auth.required')
    const both = await Promise.all([over(client.api.get('/api/courier/parcels')), over(client.api.get('/api/courier/me'))])
    expect(both.every(({ error }) => errors.isGone(error))).toBe(true)
    expect(expired).toHaveBeenCalledTimes(1)
    expect(stores.session.isIn.value).toBe(false)
    expect(stores.kept.get('draft.form.case_1')).toEqual({ name: '𠮷祥云' })
    expect(phone.sent).toHaveLength(2)
  })

  it('is not what a refused login is', async () => {
    phone.network = () => refused(401, 'auth.courier_unknown')
    await over(client.api.post('/api/open/login/courier', { code: 'c', activation_code: null }))
    expect(stores.session.token()).toBe('old')
  })

  it('is not what a late answer to an earlier session means', async () => {
    phone.network = () => {
      stores.session.begin('new', 'citizen', '张伟')
      return refused(401, 'auth.required')
    }
    await over(client.api.get('/api/courier/me'))
    expect(stores.session.token()).toBe('new')
  })
})

describe('answers that are not the hall’s', () => {
  it.each([
    ['a proxy’s page', { status: 502, body: '<html>Bad gateway</html>' }, 502],
    ['a hotel’s login page', { status: 200, body: '<html>Welcome, please log in</html>' }, 502],
    ['JSON of somebody else', { status: 503, body: { error: 'nope' } }, 503],
    ['nothing', { status: 200, body: '' }, 502],
  ])('%s is a busy system, in words, with a way on', async (_name, reply, status) => {
    phone.network = () => reply
    const { value, error } = await over(client.api.get('/api/courier/parcels'))
    expect(value).toBeUndefined()
    expect(error).toMatchObject({ status, code: 'upstream.unreadable' })
    expect(errors.explain(error)).toMatchObject({ title: '系统正忙', canRetry: true })
  })
})

describe('addresses', () => {
  it('fills the path and leaves out what is not asked', () => {
    expect(client.fill('/a/{id}', { id: '张/伟' }, { q: '餐 饮', page: 2, none: undefined, empty: '' })).toBe('/a/%E5%BC%A0%2F%E4%BC%9F?q=%E9%A4%90%20%E9%A5%AE&page=2')
    expect(() => client.fill('/a/{id}')).toThrow('needs id')
  })

  it('learns the hall’s time from every answer, whatever the phone’s clock says', async () => {
    phone.network = () => good([], { Date: 'Mon, 01 Jan 2035 00:00:00 GMT' })
    await over(client.api.get('/api/courier/parcels'))
    expect(new Date(stores.clock.now()).getUTCFullYear()).toBe(2035)
  })
})
