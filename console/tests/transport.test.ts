import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { StaffProfile } from '@/api/types'

const PROFILE: StaffProfile = {
  staff_id: 'staff_1',
  username: 'chen.jing',
  name: '陈静',
  role: 'clerk',
  department: '中心',
  office_id: 'office_1',
  permissions: ['case.prereview'],
  is_active: true,
}
const PLACE = 'http://localhost/api/clerk/cases'

type Answer = number | 'lost' | { status: number; headers?: Record<string, string> }

let sent: Request[] = []

/** The network: one answer per request, in order. */
function network(...answers: Answer[]): void {
  sent = []
  vi.stubGlobal(
    'fetch',
    vi.fn(async (request: Request) => {
      sent.push(request)
      const answer = answers.shift() ?? 200
      if (answer === 'lost') throw new TypeError('Failed to fetch')
      const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer
      return new Response(JSON.stringify({ data: {} }), { status, headers })
    }),
  )
}

async function load() {
  vi.resetModules()
  const { transport } = await import('@/api/transport')
  const session = await import('@/stores/session')
  const { connection } = await import('@/stores/connection')
  return { transport, connection, ...session }
}

const get = () => new Request(PLACE)
const post = (body: unknown) => new Request(PLACE, { method: 'POST', body: JSON.stringify(body) })
const keys = () => sent.map((request) => request.headers.get('Idempotency-Key'))

beforeEach(() => {
  sessionStorage.clear()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Runs a call to its end, whatever pauses it takes. */
async function finish<T>(call: Promise<T>): Promise<T> {
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  await vi.advanceTimersByTimeAsync(60_000)
  const result = await settled
  if ('error' in result) throw result.error
  return result.value
}

describe('reading', () => {
  it('tries again on a lost network and when the server is away', async () => {
    network('lost', 503, 200)
    const { transport, connection } = await load()
    expect((await finish(transport(get()))).status).toBe(200)
    expect(sent).toHaveLength(3)
    expect(connection.isOffline).toBe(false)
  })

  it('gives up after a while, says so, and marks the connection', async () => {
    network('lost', 'lost', 'lost', 'lost', 'lost', 'lost')
    const { transport, connection } = await load()
    await expect(finish(transport(get()))).rejects.toMatchObject({ code: 'client.network_lost' })
    expect(sent).toHaveLength(5)
    expect(connection.isOffline).toBe(true)
  })

  it('does not repeat what the server refused', async () => {
    network(404)
    const { transport } = await load()
    expect((await finish(transport(get()))).status).toBe(404)
    expect(sent).toHaveLength(1)
  })
})

describe('writing', () => {
  it('is never repeated by itself, and the second try carries the same key', async () => {
    network('lost', 200, 200)
    const { transport } = await load()
    await expect(finish(transport(post({ reason: '甲' })))).rejects.toMatchObject({ code: 'client.network_lost' })
    expect(sent).toHaveLength(1)
    await finish(transport(post({ reason: '甲' })))
    await finish(transport(post({ reason: '甲' })))
    expect(keys()[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys()[1]).toBe(keys()[0])
    expect(keys()[2]).not.toBe(keys()[0])
  })

  it('keeps the key over a reload of the page and an expired session', async () => {
    network(401, 200)
    const first = await load()
    first.begin('t1', PROFILE)
    await finish(first.transport(post({ reason: '甲' })))
    const second = await load()
    second.begin('t2', PROFILE)
    await finish(second.transport(post({ reason: '甲' })))
    expect(keys()[1]).toBe(keys()[0])
  })

  it('takes a new key when the body changed', async () => {
    network(500, 200)
    const { transport } = await load()
    await finish(transport(post({ reason: '甲' })))
    await finish(transport(post({ reason: '乙' })))
    expect(keys()[1]).not.toBe(keys()[0])
  })

  it('takes a new key after a refusal: the work was not done', async () => {
    network(422, 200)
    const { transport } = await load()
    await finish(transport(post({ reason: '甲' })))
    await finish(transport(post({ reason: '甲' })))
    expect(keys()[1]).not.toBe(keys()[0])
  })

  it('sends a double click once', async () => {
    network(200)
    const { transport } = await load()
    const both = Promise.all([transport(post({ reason: '甲' })), transport(post({ reason: '甲' }))])
    const [one, two] = await finish(both)
    expect(sent).toHaveLength(1)
    expect(await one.json()).toEqual(await two.json())
  })
})

describe('the session', () => {
  it('is sent, and a 401 ends it and tells the router', async () => {
    network(200, 401)
    const { transport, begin, session, onExpired } = await load()
    begin('t1', PROFILE)
    const told = vi.fn()
    onExpired(told)
    await finish(transport(get()))
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer t1')
    await finish(transport(get()))
    expect([session.token, session.profile, session.hasExpired]).toEqual(['', null, true])
    expect(told).toHaveBeenCalledOnce()
  })

  it('is not ended by wrong credentials at sign-in', async () => {
    network(401)
    const { transport, session, onExpired } = await load()
    const told = vi.fn()
    onExpired(told)
    await finish(transport(post({ username: 'x' })))
    expect(session.hasExpired).toBe(false)
    expect(told).not.toHaveBeenCalled()
  })
})
