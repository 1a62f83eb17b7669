import createClient from 'openapi-fetch'

import { fromResponse } from '@/api/errors'
import type { paths } from '@/api/schema'
import { transport } from '@/api/transport'

/** Typed by the server's own description; every call goes through `transport`. */
export const api = createClient<paths>({
  baseUrl: typeof window === 'undefined' ? '' : window.location.origin,
  fetch: transport,
})

interface Answer<T> {
  data?: { data: T }
  error?: unknown
  response: Response
}

/** What the server answered, out of its envelope; throws ApiError. */
export async function data<T>(call: Promise<Answer<T>>): Promise<T> {
  const answer = await call
  if (!answer.response.ok) throw fromResponse(answer.response, answer.error)
  return (answer.data as { data: T }).data
}

/** A call that answers nothing but success; throws ApiError. */
export async function done(call: Promise<{ error?: unknown; response: Response }>): Promise<void> {
  const answer = await call
  if (!answer.response.ok) throw fromResponse(answer.response, answer.error)
}

/** A picture that is asked for with a reason; throws ApiError. */
export async function picture(call: Promise<{ data?: Blob; error?: unknown; response: Response }>): Promise<Blob> {
  const answer = await call
  if (!answer.response.ok || !answer.data) throw fromResponse(answer.response, answer.error)
  return answer.data
}

/** A file (PDF or picture) by its address; throws ApiError. */
export async function file(path: string, signal?: AbortSignal): Promise<Blob> {
  const response = await transport(new Request(new URL(path, window.location.origin), { signal: signal ?? null }))
  if (!response.ok) throw fromResponse(response, await response.json().catch(() => null))
  return response.blob()
}
