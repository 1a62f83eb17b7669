/** R24, R51, bad input: a face check goes on whatever the network does; a clip is never judged twice, a passed check is never repeated. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Offline } from '@/api/errors'
import type { Part } from '@/api/multipart'
import type { Matter } from '@/packages/identity/matter'
import type { Verification } from '@/stores/proof'

type Answer = Verification | Error
const script = { post: [] as unknown[], get: [] as unknown[], send: [] as Answer[] }
const sent: Part[][] = []

function next<T>(answers: unknown[]): Promise<T> {
  const answer = answers.shift()
  if (answer === undefined) throw new Error('nobody expected this call')
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T)
}

vi.mock('@/api/client', () => ({ api: { get: () => next(script.get), post: () => next(script.post) } }))
vi.mock('@/api/parts', () => ({
  sendParts: (_path: string, parts: Part[]) => {
    sent.push(parts)
    return next(script.send)
  },
}))
// Waiting takes no time here.
vi.stubGlobal('setTimeout', (then: () => void) => queueMicrotask(then))

const { begin, patienceFor, settled, standingOf, submitClip } = await import('@/packages/identity/verification')
const { clipTypeOf, lineAddress, wayOf } = await import('@/packages/identity/capture/ways')
const { arrowOf, breakWords, hintWords } = await import('@/packages/identity/capture/words')
const { troubleOf } = await import('@/packages/identity/capture/camera_trouble')
const { proofFor } = await import('@/stores/proof')

const later = new Date(Date.now() + 170_000).toISOString()
const check = (part: Partial<Verification>): Verification =>
  ({ id: 'v1', state: 'created', nonce: 'n1', key: 'k', outcome: null, allowed_actions: ['capture'], document_sha256: 'sha', coaching: [], expires_at: later, ...part }) as Verification
const passed = check({ state: 'decided', outcome: 'accept', nonce: null, allowed_actions: ['assert'] })
const retry = check({ nonce: 'n2', coaching: ['光线太暗'] })
const running = check({ state: 'capturing', nonce: null, allowed_actions: [] })
const found = { id: 'case', sha256: 'sha', purpose: 'sign_commitment', isForEnterprise: false } as Matter
const clip = new Blob([Uint8Array.from([1, 2, 3])], { type: 'video/webm' })
const refusal = (status: number, code: string) => new ApiError(status, code, '话')

beforeEach(() => {
  for (const answers of Object.values(script)) answers.length = 0
  sent.length = 0
})

describe('handing over a clip', () => {
  it('sends the nonce, that it is no mirror image, and the clip under a name of its kind', async () => {
    script.send = [passed]
    expect(await submitClip('v1', 'n1', clip)).toBe(passed)
    expect(sent[0]!.map((part) => [part.name, part.filename, typeof part.data === 'string' ? part.data : part.data.length])).toEqual([
      ['nonce', undefined, 'n1'],
      ['mirrored', undefined, '0'],
      ['clip', 'clip.webm', 3],
    ])
  })

  it('waits while it is being judged', async () => {
    script.send = [running]
    script.get = [running, passed]
    expect(await submitClip('v1', 'n1', clip)).toBe(passed)
  })

  it('sends again when the request never arrived', async () => {
    script.send = [new Offline(), passed]
    script.get = [check({})]
    expect(await submitClip('v1', 'n1', clip)).toBe(passed)
    expect(sent).toHaveLength(2)
  })

  it('does not send again when only the answer was lost', async () => {
    script.send = [new Offline()]
    script.get = [running, passed]
    expect(await submitClip('v1', 'n1', clip)).toBe(passed)
    expect(sent).toHaveLength(1)
  })

  it('asks for a new one when the nonce is no longer the newest', async () => {
    script.send = [refusal(422, 'identity.nonce_wrong')]
    script.get = [retry]
    expect(await submitClip('v1', 'n1', clip)).toBe(retry)
  })

  it('waits for a busy engine, and gives up in the end', async () => {
    script.send = Array.from({ length: 4 }, () => refusal(503, 'liveness.vision_busy'))
    script.get = Array.from({ length: 3 }, () => check({}))
    await expect(submitClip('v1', 'n1', clip)).rejects.toMatchObject({ code: 'liveness.vision_busy' })
  })

  it('says at once what waiting cannot mend', async () => {
    script.send = [refusal(409, 'identity.verification_expired')]
    await expect(submitClip('v1', 'n1', clip)).rejects.toMatchObject({ code: 'identity.verification_expired' })
    expect(patienceFor(new Error('x'))).toBeNull()
  })
})

describe('beginning', () => {
  it('opens a check for exactly this document', async () => {
    script.get = [[check({ state: 'expired', nonce: null, allowed_actions: ['start_again'] }), check({ document_sha256: 'other' })]]
    script.post = [check({ id: 'v2' })]
    expect((await begin(found, '1')).id).toBe('v2')
  })

  it('takes a check that has passed, from the camera or the counter, instead of another one', async () => {
    script.get = [[retry, passed]]
    expect(await begin(found, '1')).toBe(passed)
  })

  it('goes on with the open one, whose tries count, while there is time for a capture', async () => {
    script.get = [[retry]]
    expect(await begin(found, '1')).toBe(retry)
    const short = check({ expires_at: new Date(Date.now() + 5000).toISOString() })
    script.get = [[short]]
    script.post = [check({ id: 'v2' })]
    expect((await begin(found, '1')).id).toBe('v2')
  })

  it('waits for one that is still being judged', async () => {
    script.get = [[], [running], passed]
    script.post = [refusal(409, 'identity.verification_running') as never]
    expect(await begin(found, '1')).toBe(passed)
  })

  it('learns what became of a capture that broke off', async () => {
    script.get = [running, running, retry]
    expect(await settled('v1')).toBe(retry)
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

describe('which way a phone can go', () => {
  const recorder = { isTypeSupported: (type: string) => type === 'video/webm' }
  const types = ['video/mp4', 'video/webm']

  it('is the stream where there is a line and a secure page, else a clip, else another place', () => {
    expect(wayOf({ WebSocket: {}, crypto: { subtle: {} }, MediaRecorder: recorder }, types, false)).toBe('stream')
    expect(wayOf({ WebSocket: {}, crypto: { subtle: {} }, MediaRecorder: recorder }, types, true)).toBe('clip')
    expect(wayOf({ WebSocket: {}, crypto: {}, MediaRecorder: recorder }, types, false)).toBe('clip')
    expect(wayOf({ crypto: { subtle: {} }, MediaRecorder: recorder }, types, false)).toBe('clip')
    expect(wayOf({ crypto: { subtle: {} } }, types, false)).toBe('none')
    expect(clipTypeOf({ MediaRecorder: recorder }, ['video/mp4'])).toBeNull()
  })

  it('goes to the page’s own house, as safely as the page came', () => {
    expect(lineAddress({ protocol: 'https:', host: 'hall.example' }, '/api/x')).toBe('wss://hall.example/api/x')
    expect(lineAddress({ protocol: 'http:', host: '127.0.0.1:8000' }, '/api/x')).toBe('ws://127.0.0.1:8000/api/x')
  })
})

describe('what is said', () => {
  it('is short for every hint of the hall, and in its own words for one that is not known', () => {
    for (const code of ['NO_FACE', 'MANY_FACES', 'FACE_TOO_SMALL', 'TOO_DARK', 'TOO_BRIGHT', 'BLURRED']) {
      expect(hintWords(code, 'x')).toMatch(/^[\p{Script=Han}，]{4,16}$/u)
    }
    expect(hintWords('NEW_CODE', '请坐下')).toBe('请坐下')
    expect(hintWords(null, '')).toBe('')
  })

  it('points where a mirror points', () => {
    expect([arrowOf('turn_left'), arrowOf('turn_right'), arrowOf('blink')]).toEqual(['←', '→', ''])
  })

  it('tells for every break how to go on, and the way round the camera when it stays dark', () => {
    for (const why of ['unreachable', 'lost', 'silent', 'slow', 'camera', 'stopped'] as const) expect(breakWords(why).text).toMatch(/再/)
    for (const state of ['denied', 'absent', 'unable'] as const) expect(troubleOf(state)!.lines.at(-1)).toContain('不刷脸，预约窗口办理')
    expect([troubleOf('on'), troubleOf('closed')]).toEqual([null, null])
  })
})
