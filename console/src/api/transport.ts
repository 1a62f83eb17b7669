import { TIMED_OUT, NETWORK_LOST, lost } from '@/api/errors'
import { isOpen, keyFor, settle } from '@/api/writes'
import { noteReachable, noteUnreachable, pauseUntilOnline } from '@/stores/connection'
import { expire, session } from '@/stores/session'

const BACKOFF_MS = [400, 1000, 2500, 5000]
const TIMEOUT_MS = 30_000
const RETRIED = new Set([502, 503, 504])

/** Double clicks: the same write that is still under way is answered by the first one. */
const underWay = new Map<string, Promise<Response>>()

/** Sends one request. Reading is tried again by itself; writing carries a key and is tried again only when the reader asks. */
export async function transport(request: Request): Promise<Response> {
  const token = session.token
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  const response = request.method === 'GET' ? await read(request) : await write(request)
  if (response.status === 401 && token && session.token === token) expire()
  return response
}

async function read(request: Request): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const pause = BACKOFF_MS[attempt]
    try {
      const response = await once(request.clone())
      if (!RETRIED.has(response.status) || pause === undefined) return response
      await pauseUntilOnline(Math.max(pause, retryAfterMs(response)))
    } catch (error) {
      if (pause === undefined || request.signal.aborted) throw error
      await pauseUntilOnline(pause)
    }
  }
}

async function write(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const body = await request.clone().text()
  const key = keyFor(request.method, pathname, body)
  const same = underWay.get(key)
  if (same) return (await same).clone()
  request.headers.set('Idempotency-Key', key)
  const sending = once(request)
  underWay.set(key, sending)
  try {
    const response = await sending
    if (!isOpen(response.status)) settle(request.method, pathname)
    return response.clone()
  } finally {
    underWay.delete(key)
  }
}

async function once(request: Request): Promise<Response> {
  const limit = new AbortController()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    limit.abort()
  }, TIMEOUT_MS)
  const stop = () => limit.abort()
  request.signal.addEventListener('abort', stop)
  try {
    const response = await fetch(request, { signal: limit.signal })
    noteReachable()
    return response
  } catch (error) {
    if (request.signal.aborted) throw error
    if (isLate) throw lost(TIMED_OUT)
    noteUnreachable()
    throw lost(NETWORK_LOST)
  } finally {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', stop)
  }
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('Retry-After'))
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 10) * 1000 : 0
}
