/** One request, one answer: the only place that touches the network for JSON. */
import { ApiError, Offline } from './errors'

export interface Answer {
  status: number
  data: unknown
  headers: Record<string, string>
}

/** The server's address: the browser build is served by it, the WeChat build is told it when it is built. */
// #ifdef MP-WEIXIN
const WEAPP_BASE = (import.meta.env.VITE_API_BASE as string | undefined) || 'http://127.0.0.1:8000'
// #endif
export function baseUrl(): string {
  let base = ''
  // #ifdef MP-WEIXIN
  base = WEAPP_BASE
  // #endif
  return base
}

export function send(method: string, path: string, body: unknown, headers: Record<string, string>, timeout = 20000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    uni.request({
      url: baseUrl() + path,
      method: method as 'GET',
      data: body as never,
      header: headers,
      timeout,
      dataType: 'text',
      success: (found) => resolve({ status: found.statusCode, data: decode(found.data), headers: lower(found.header as object) }),
      fail: () => reject(new Offline()),
    })
  })
}

export function lower(headers: object | undefined): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {})) out[name.toLowerCase()] = String(value)
  return out
}

function decode(data: unknown): unknown {
  if (typeof data !== 'string') return data
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}

/** The `data` of a good answer; ApiError otherwise. A body that is not ours (a proxy's page, a hotel's login) is an ApiError too. */
export function open(answer: Answer): unknown {
  const body = answer.data as { data?: unknown; error?: { code: string; message: string; fields?: Record<string, string>; request_id?: string } } | null
  const isGood = answer.status >= 200 && answer.status < 300
  if (isGood && body !== null && typeof body === 'object' && 'data' in body) return body.data
  const retryAfter = Number(answer.headers['retry-after'] ?? 0) || 0
  const error = body?.error
  if (isGood || typeof error?.message !== 'string') {
    throw new ApiError(isGood ? 502 : answer.status, 'upstream.unreadable', '系统正忙，请稍后再试。', {}, '', retryAfter)
  }
  throw new ApiError(answer.status, error.code, error.message, error.fields ?? {}, error.request_id ?? '', retryAfter)
}
