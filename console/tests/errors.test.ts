import { describe, expect, it } from 'vitest'

import { ApiError, NETWORK_LOST, asApiError, explain, fromResponse, lost, remedyOf } from '@/api/errors'

function refused(status: number, code: string, headers: Record<string, string> = {}): ApiError {
  const body = { error: { code, message: '话', fields: { a: '乙' }, request_id: 'r1' } }
  return fromResponse(new Response(null, { status, headers }), body)
}

describe('errors', () => {
  it('keeps what the server said', () => {
    const error = refused(422, 'request.invalid')
    expect([error.status, error.code, error.message, error.fields, error.requestId]).toEqual([422, 'request.invalid', '话', { a: '乙' }, 'r1'])
  })

  it('makes a readable error of a page that is not ours', () => {
    const error = fromResponse(new Response('<html>', { status: 502 }), undefined)
    expect(error.code).toBe('client.unreadable')
    expect(explain(error)).toContain('请稍后再试')
  })

  it.each([
    [401, 'auth.required', 'sign_in'],
    [401, 'auth.credentials_wrong', 'fix'],
    [403, 'auth.forbidden', 'none'],
    [404, 'request.not_found', 'reload'],
    [409, 'flow.illegal_move', 'reload'],
    [409, 'relying_party.not_registered', 'register'],
    [403, 'relying_party.not_approved', 'register'],
    [429, 'relying_party.quota_exceeded', 'none'],
    [409, 'case.gap_not_new', 'fix'],
    [422, 'request.invalid', 'fix'],
    [429, 'request.too_many', 'wait'],
    [503, 'internal.unavailable', 'retry'],
    [500, 'something.new', 'retry'],
  ])('%i %s → %s', (status, code, remedy) => {
    expect(remedyOf(refused(status, code))).toBe(remedy)
  })

  it('says how long to wait', () => {
    expect(explain(refused(429, 'request.too_many', { 'Retry-After': '30' }))).toContain('30 秒')
    expect(explain(refused(429, 'request.too_many', { 'Retry-After': '900' }))).toContain('15 分钟')
    expect(explain(refused(429, 'request.too_many'))).toBe('话')
  })

  it('tells lost networks from programming errors', () => {
    expect(remedyOf(lost(NETWORK_LOST))).toBe('retry')
    expect(asApiError(lost(NETWORK_LOST)).code).toBe(NETWORK_LOST)
  })
})
