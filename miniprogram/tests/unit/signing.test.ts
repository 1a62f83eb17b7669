/** R82, bad input: a signature is given once; what was read and written survives a killed app and is void for another document. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Offline } from '@/api/errors'
import type { Schemas } from '@/api/types'
import type { Verification } from '@/stores/proof'

const calls: { path: string; body: unknown; key?: string }[] = []
let lost = 0
vi.mock('@/api/client', () => ({
  api: {
    post: async (path: string, body: unknown, options: { key?: string }) => {
      calls.push({ path, body, key: options.key })
      if (path.endsWith('/assertion')) return { assertion: `token-${calls.length}`, expires_at: '' }
      if (lost > 0) {
        lost -= 1
        throw new Offline()
      }
      return { my_signature: 'requested' }
    },
  },
}))
const storage = new Map<string, unknown>()
vi.stubGlobal('uni', {
  getStorageSync: (name: string) => storage.get(name) ?? '',
  setStorageSync: (name: string, value: unknown) => void storage.set(name, value),
  removeStorageSync: (name: string) => void storage.delete(name),
  getStorageInfoSync: () => ({ keys: [...storage.keys()] }),
})

const { Giving, afterRefusal } = await import('@/packages/signing/giving')
const { begun, forget, keep, recall } = await import('@/packages/signing/keeping')

const found = { id: 'case', consent_version: 'c1' } as Schemas['CaseView']
const proof = { id: 'v1' } as Verification
const progress = { ...begun('sha'), seconds: 9.5, strokes: [[[1, 2, 3, 0.5]]] as never }

beforeEach(() => {
  calls.length = 0
  storage.clear()
  lost = 0
})

describe('giving a signature', () => {
  it('fetches the assertion and uses it at once, with how the document was read', async () => {
    await new Giving().give('k1', found, proof, progress, true)
    expect(calls.map((call) => call.path.split('/').at(-1))).toEqual(['assertion', 'signature'])
    expect(calls[1]!.body).toEqual({
      assertion: 'token-1',
      signature: { strokes: [[[1, 2, 3, 0.5]]], consent_version: 'c1', dwell_seconds: 9.5, is_scrolled_to_end: true },
    })
  })

  it('repeats an unanswered request word for word under the same key', async () => {
    const giving = new Giving()
    lost = 1
    await expect(giving.give('k1', found, proof, progress, true)).rejects.toBeInstanceOf(Offline)
    await giving.give('k1', found, proof, progress, true)
    expect(calls.filter((call) => call.path.endsWith('/assertion'))).toHaveLength(1)
    expect(calls[2]).toEqual(calls[1])
  })

  it('asks for a fresh assertion under a new key', async () => {
    const giving = new Giving()
    await giving.give('k1', found, proof, progress, true)
    await giving.give('k2', found, proof, progress, true)
    expect(calls.filter((call) => call.path.endsWith('/assertion'))).toHaveLength(2)
  })
})

describe('after a refusal', () => {
  const way = (code: string) => afterRefusal(new ApiError(409, code, '话'))
  it('knows the way on', () => {
    expect(way('identity.not_accepted')).toBe('prove_again')
    expect(way('identity.assertion_used')).toBe('prove_again')
    expect(way('esign.already_signed')).toBe('signed')
    expect(way('esign.read_first')).toBe('read_again')
    expect(way('request.conflict')).toBe('look_again')
    expect(way('internal.error')).toBeNull()
    expect(afterRefusal(new Offline())).toBeNull()
  })
})

describe('what is kept on the phone', () => {
  it('comes back for the same document, and is gone once signed', () => {
    keep('case', { ...progress, read: [1, 2] })
    expect(recall('case', 'sha')).toMatchObject({ isChanged: false, progress: { read: [1, 2], seconds: 9.5 } })
    forget('case')
    expect(recall('case', 'sha').progress).toEqual(begun('sha'))
  })

  it('is void for another document, and says so when something had been read', () => {
    keep('case', { ...progress, read: [1] })
    expect(recall('case', 'new')).toEqual({ progress: begun('new'), isChanged: true })
    keep('case', progress)
    expect(recall('case', 'new').isChanged).toBe(false)
  })

  it('belongs to the account that wrote it: nobody else on this phone sees the handwriting', async () => {
    const { session } = await import('@/stores/session')
    session.begin('t1', 'citizen', '张伟', 'account_1')
    keep('case', { ...progress, owner: session.owner(), read: [1, 2] })
    storage.set('zt.draft-owner', JSON.stringify('account_2'))
    expect(recall('case', 'sha').progress).toEqual(begun('sha'))
    storage.set('zt.draft-owner', JSON.stringify('account_1'))
    expect(recall('case', 'sha').progress.strokes).toHaveLength(1)
  })
})
