/** R24, bad input: a face check goes on whatever the network does; frames are never judged twice, a passed check is never repeated. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Offline } from '@/api/errors'
import type { Part } from '@/api/multipart'
import type { Schemas } from '@/api/types'
import type { LocalFile } from '@/platform'
import type { Verification } from '@/stores/proof'

type Answer = Verification | Error
const script = { post: [] as Answer[], get: [] as (Answer | Verification[])[], send: [] as Answer[] }
const sent: Part[][] = []

function next<T>(answers: (T | Error)[]): Promise<T> {
  const answer = answers.shift()
  if (answer === undefined) throw new Error('nobody expected this call')
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
}

vi.mock('@/api/client', () => ({ api: { get: () => next(script.get), post: () => next(script.post) } }))
vi.mock('@/api/parts', () => ({
  sendParts: (_path: string, parts: Part[]) => {
    sent.push(parts)
    return next(script.send)
  },
}))
vi.mock('@/platform', () => ({ platform: { bytes: async (file: LocalFile) => new Uint8Array([file.size]) } }))

// Waiting takes no time here.
vi.stubGlobal('setTimeout', (then: () => void) => queueMicrotask(then))

const { begin, patienceFor, standingOf, submit } = await import('@/packages/identity/verification')
const { proofFor } = await import('@/stores/proof')

const check = (part: Partial<Verification>): Verification =>
  ({ id: 'v1', state: 'created', nonce: 'n1', outcome: null, allowed_actions: ['submit_frames'], document_sha256: 'sha', coaching: [], ...part }) as Verification
const passed = check({ state: 'decided', outcome: 'accept', nonce: null, allowed_actions: ['assert'] })
const retry = check({ nonce: 'n2', coaching: ['光线太暗'] })
const running = check({ state: 'capturing', nonce: null, allowed_actions: [] })
const found = { id: 'case', commitment_sha256: 'sha' } as Schemas['CaseView']
const files = [1, 2].map((size) => ({ size }) as LocalFile)
const refusal = (status: number, code: string) => new ApiError(status, code, '话')

beforeEach(() => {
  for (const answers of Object.values(script)) answers.length = 0
  sent.length = 0
})

describe('sending frames', () => {
  it('sends the nonce and every frame', async () => {
    script.send = [passed]
    expect(await submit(check({}), files)).toBe(passed)
    expect(sent[0]!.map((part) => [part.name, part.filename])).toEqual([['nonce', undefined], ['frames', '0.jpg'], ['frames', '1.jpg']])
    expect(sent[0]![0]!.data).toBe('n1')
  })

  it('waits while they are being judged', async () => {
    script.send = [running]
    script.get = [running, passed]
    expect(await submit(check({}), files)).toBe(passed)
  })

  it('sends again when the request never arrived', async () => {
    script.send = [new Offline(), passed]
    script.get = [check({})]
    expect(await submit(check({}), files)).toBe(passed)
    expect(sent).toHaveLength(2)
  })

  it('does not send again when only the answer was lost', async () => {
    script.send = [new Offline()]
    script.get = [running, passed]
    expect(await submit(check({}), files)).toBe(passed)
    expect(sent).toHaveLength(1)
  })

  it('asks for new frames when the nonce is no longer the newest', async () => {
    script.send = [refusal(422, 'identity.nonce_wrong')]
    script.get = [retry]
    expect(await submit(check({}), files)).toBe(retry)
  })

  it('waits for a busy engine, and gives up in the end', async () => {
    script.send = Array.from({ length: 4 }, () => refusal(503, 'liveness.vision_busy'))
    script.get = Array.from({ length: 3 }, () => check({}))
    await expect(submit(check({}), files)).rejects.toMatchObject({ code: 'liveness.vision_busy' })
  })

  it('says at once what waiting cannot mend', async () => {
    script.send = [refusal(409, 'identity.verification_expired')]
    await expect(submit(check({}), files)).rejects.toMatchObject({ code: 'identity.verification_expired' })
    expect(patienceFor(new Error('x'))).toBeNull()
  })
})

describe('beginning', () => {
  it('opens a check for exactly this document', async () => {
    script.get = [[check({ state: 'expired', nonce: null, allowed_actions: ['start_again'] })]]
    script.post = [check({ id: 'v2' })]
    expect((await begin(found, '1')).id).toBe('v2')
  })

  it('takes a check that has passed, from the camera or the counter, instead of another one', async () => {
    script.get = [[retry, passed]]
    expect(await begin(found, '1')).toBe(passed)
  })

  it('waits for one that is still being judged', async () => {
    script.get = [[], [running], passed]
    script.post = [refusal(409, 'identity.verification_running') as never]
    expect(await begin(found, '1')).toBe(passed)
  })
})

describe('what can be done next', () => {
  it('comes from what the hall allows', () => {
    expect(standingOf(passed)).toBe('accepted')
    expect(standingOf(retry)).toBe('again')
    expect(standingOf(check({ state: 'decided', outcome: 'reject', allowed_actions: ['start_again', 'book_counter'] }))).toBe('again')
    expect(standingOf(check({ state: 'decided', outcome: 'manual_review', allowed_actions: ['book_counter'] }))).toBe('counter')
  })

  it('is no signature for another document, nor with a proof whose time is over', () => {
    expect(proofFor([passed], 'sha')).toBe(passed)
    expect(proofFor([passed], 'other')).toBeNull()
    expect(proofFor([check({ ...passed, document_sha256: null })], null)).toBeNull()
    expect(proofFor([check({ ...passed, state: 'expired', allowed_actions: [] })], 'sha')).toBeNull()
  })
})
