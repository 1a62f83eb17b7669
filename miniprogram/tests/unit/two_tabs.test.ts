/** Two tabs of one browser share what is stored: neither goes on in the name of somebody who is not there any more. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone, good, refused } from './parts/phone'

vi.mock('@dcloudio/uni-app', () => ({ onHide: () => undefined, onUnload: (react: () => void) => (unload = react) }))

let unload = (): void => undefined
let phone: Phone
let session: typeof import('@/stores/session').session
let client: typeof import('@/api/client')
let errors: typeof import('@/api/errors')
let told: string[]

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetModules()
  phone = new Phone()
  session = (await import('@/stores/session')).session
  client = await import('@/api/client')
  errors = await import('@/api/errors')
  told = []
  session.whenReplaced(() => told.push('replaced'))
  session.whenExpired(() => told.push('expired'))
  session.begin('t1', 'citizen', '张伟', 'account_1')
})

/** What the other tab leaves in the storage. */
function elsewhere(token: string | null, owner: string | null, name = '李娜'): void {
  if (token) phone.storage.set('zt.session', JSON.stringify({ token, audience: 'citizen', name, owner }))
  else phone.storage.delete('zt.session')
  if (owner) phone.storage.set('zt.draft-owner', JSON.stringify(owner))
  else phone.storage.delete('zt.draft-owner')
}
const hasEnded = (error: unknown): boolean => errors.isGone(error)

describe('the session', () => {
  it('stays while nothing has changed', () => {
    expect([session.lookAgain(), told]).toEqual([false, []])
  })

  it('is the other one’s as soon as somebody else has logged in elsewhere', () => {
    elsewhere('t2', 'account_2')
    expect(session.lookAgain()).toBe(true)
    expect([session.token(), session.name.value, session.forgotten.value, told]).toEqual(['t2', '李娜', 1, ['replaced']])
    session.rename('李小娜')
    expect(JSON.parse(phone.storage.get('zt.session') ?? '')).toMatchObject({ token: 't2', owner: 'account_2', name: '李小娜' })
  })

  it('goes on quietly when the same person has logged in once more: nothing is forgotten, no page begins anew', () => {
    elsewhere('t2', 'account_1', '张伟')
    expect(session.lookAgain()).toBe(true)
    expect([session.token(), session.forgotten.value, told]).toEqual(['t2', 0, []])
  })

  it('ends with the one that was logged out elsewhere, and what was typed is forgotten', () => {
    elsewhere(null, null)
    session.lookAgain()
    expect([session.isIn.value, session.forgotten.value, told]).toEqual([false, 1, ['replaced']])
  })

  it('that ran out elsewhere has run out here: to the login, and nothing typed is lost', () => {
    elsewhere(null, 'account_1')
    session.lookAgain()
    expect([session.isIn.value, session.forgotten.value, told]).toEqual([false, 0, ['expired']])
  })

  it('is not ended by the refusal of an earlier one: the newer one of the other tab is taken over', () => {
    elsewhere('t2', 'account_2')
    session.expire()
    expect([session.token(), told, phone.storage.has('zt.session')]).toEqual(['t2', ['replaced'], true])
    session.expire()
    expect([session.isIn.value, told, phone.storage.has('zt.session')]).toEqual([false, ['replaced', 'expired'], false])
  })

  it('holds where nothing can be stored, and never turns into the login of the one before', () => {
    phone.isStorageFull = true
    session.begin('t2', 'citizen', '李娜', 'account_2')
    expect(session.lookAgain()).toBe(false)
    expect([session.token(), phone.storage.has('zt.session'), told]).toEqual(['t2', false, []])
  })
})

describe('what the one before had begun', () => {
  const leave = (): void => {
    elsewhere('t2', 'account_2')
    session.lookAgain()
  }

  it('is answered to nobody else', async () => {
    phone.network = () => {
      leave()
      return good({ name: '张伟' })
    }
    await expect(client.api.get('/api/citizen/me')).rejects.toSatisfy(hasEnded)
    expect(session.token()).toBe('t2')
  })

  it('is not repeated in another name', async () => {
    phone.network = () => 'lost'
    const written = client.api.post('/api/citizen/invitations', { code: 'c' }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(100)
    leave()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await written).toSatisfy(hasEnded)
    expect(phone.sent.map((one) => one.header.Authorization)).toEqual(['Bearer t1'])
  })

  it('is neither sent nor kept by the page that is left', async () => {
    const { useDraft } = await import('@/composables/useDraft')
    const saved: string[] = []
    const draft = useDraft<string>('form', async (value) => void saved.push(value))
    draft.change('张伟的店')
    leave()
    phone.storage.delete('zt.draft.form')
    unload()
    draft.change('张伟的另一家店')
    await vi.advanceTimersByTimeAsync(10_000)
    expect([saved, phone.storage.has('zt.draft.form')]).toEqual([[], false])
  })

  it('leaves no handwriting to the next, however the signing page is left', async () => {
    const { begun, keep, recall } = await import('@/packages/signing/keeping')
    const written = { ...begun('sha'), read: [1], strokes: [{ points: [] }] as never[] }
    keep('case', written)
    expect(recall('case', 'sha').progress.strokes).toHaveLength(1)
    leave()
    for (const name of [...phone.storage.keys()]) if (name.startsWith('zt.draft.')) phone.storage.delete(name)
    keep('case', written)
    expect(recall('case', 'sha').progress).toEqual(begun('sha'))
    expect([...phone.storage.keys()].filter((name) => name.includes('sign'))).toEqual([])
  })

  it('goes on when the same person has a newer login', async () => {
    phone.network = (_sent, turn) => {
      elsewhere('t2', 'account_1', '张伟')
      session.lookAgain()
      return turn === 1 ? 'lost' : good({ name: '张伟' })
    }
    const read = client.api.get('/api/citizen/me')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await read).toEqual({ name: '张伟' })
    expect(phone.sent.map((one) => one.header.Authorization)).toEqual(['Bearer t1', 'Bearer t2'])
  })

  it('is nobody else’s refusal', async () => {
    phone.network = () => {
      leave()
      return refused(401, 'auth.required')
    }
    await client.api.get('/api/citizen/me').catch(() => undefined)
    expect([session.token(), told]).toEqual(['t2', ['replaced']])
  })
})
