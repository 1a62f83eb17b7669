/** Typed calls to the hall, with patience: reads are repeated, a write keeps its idempotency key over every repeat. */
import { session } from '@/stores/session'
import { network } from '@/stores/network'
import { serverClock } from '@/stores/clock'
import { ApiError, Offline, isBusy, passedOn } from './errors'
import { open, send } from './transport'
import type { BodyOf, DataOf, PathValues, PathsWith, QueryOf } from './types'

export interface Options {
  path?: PathValues
  query?: Record<string, unknown>
  /** Without it a new one is made; pass the same one to repeat a write safely. */
  key?: string
  /** How often a call without an answer is repeated by itself. */
  repeats?: number
}

const PAUSES = [300, 900, 2000]

export function newKey(): string {
  let text = ''
  for (let i = 0; i < 4; i += 1) text += Math.random().toString(36).slice(2, 10).padEnd(8, '0')
  return `${Date.now().toString(36)}-${text}`
}

export function fill(path: string, values: PathValues = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the path ${path} needs ${name}`)
    return encodeURIComponent(value)
  })
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const search = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join('&')
  return search ? `${filled}?${search}` : filled
}

export function headersFor(key?: string): Record<string, string> {
  const headers: Record<string, string> = {}
  const token = session.token()
  if (token) headers.Authorization = `Bearer ${token}`
  if (key) headers['Idempotency-Key'] = key
  return headers
}

/** A refused login is no lost session, and the late answer to an old session does not end the new one. */
export const isOurs = (path: string, sent: Record<string, string>): boolean =>
  !path.startsWith('/api/open/') && Boolean(sent.Authorization) && sent.Authorization === headersFor().Authorization

async function call(method: string, path: string, body: unknown, options: Options): Promise<unknown> {
  const isWrite = method !== 'GET'
  const key = isWrite ? (options.key ?? newKey()) : undefined
  const repeats = options.repeats ?? (isWrite ? 1 : 2)
  const address = fill(path, options.path, options.query)
  const who = session.who()
  for (let turn = 0; ; turn += 1) {
    const headers = headersFor(key)
    try {
      const answer = await send(method, address, isWrite ? (body ?? {}) : undefined, headers)
      network.answered()
      serverClock.learn(answer.headers.date)
      if (session.isNoLonger(who)) throw passedOn()
      return open(answer)
    } catch (error) {
      const isTransient = error instanceof Offline || (isBusy(error) && (error as ApiError).retryAfter <= 2)
      if (error instanceof Offline) network.failed()
      if (error instanceof ApiError && error.status === 401 && isOurs(path, headers)) session.expire()
      if (!isTransient || turn >= repeats) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(turn, PAUSES.length - 1)]))
      if (session.isNoLonger(who)) throw passedOn()
    }
  }
}

export const api = {
  get: <P extends PathsWith<'get'>>(path: P, options: Options & { query?: QueryOf<P, 'get'> } = {}) =>
    call('GET', path, undefined, options as Options) as Promise<DataOf<P, 'get'>>,
  post: <P extends PathsWith<'post'>>(path: P, body?: BodyOf<P, 'post'>, options: Options = {}) =>
    call('POST', path, body, options) as Promise<DataOf<P, 'post'>>,
  put: <P extends PathsWith<'put'>>(path: P, body: BodyOf<P, 'put'>, options: Options = {}) =>
    call('PUT', path, body, options) as Promise<DataOf<P, 'put'>>,
  delete: <P extends PathsWith<'delete'>>(path: P, options: Options = {}) =>
    call('DELETE', path, undefined, options) as Promise<DataOf<P, 'delete'>>,
}
