/** Times as people say them: Beijing time whatever the phone's zone is, by the hall's clock whatever the phone's clock is. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { serverClock } from '@/stores/clock'
import { clock, day, moment, size, yuan } from '@/stores/words'

const NOW = Date.parse('2026-11-23T01:00:00Z')

describe('words', () => {
  it.each(['Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Kiritimati'])('says Beijing time on a phone in %s', (zone) => {
    vi.stubEnv('TZ', zone)
    expect(moment('2026-11-22T20:05:00Z', NOW)).toBe('11月23日 04:05')
    expect(day('2026-11-22T16:00:00Z')).toBe('2026年11月23日')
    expect(day('2026-11-22')).toBe('2026年11月22日')
    expect(clock('2026-11-23T01:00:00Z')).toBe('09:00')
    vi.unstubAllEnvs()
  })

  it('names the year when it is another one, by Beijing’s new year', () => {
    expect(moment('2025-12-31T15:59:00Z', NOW)).toBe('2025年12月31日 23:59')
    expect(moment('2025-12-31T16:00:00Z', NOW)).toBe('1月1日 00:00')
  })

  it.each([null, undefined, '', 'not a time'])('says nothing of %j', (text) => {
    expect(moment(text, NOW)).toBe('')
    expect(day(text)).toBe('')
  })

  it('says sizes and prices', () => {
    expect([size(1), size(2048), size(10 * 1024 * 1024)]).toEqual(['1 KB', '2 KB', '10.0 MB'])
    expect([yuan(0), yuan(1000), yuan(1050)]).toEqual(['不收费', '10 元', '10.50 元'])
  })
})

describe('the hall’s clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2019-01-01T00:00:00Z') }))
  afterEach(() => void vi.useRealTimers())

  it('is right on a phone that is years off, and goes on running', () => {
    serverClock.learn('Mon, 23 Nov 2026 01:00:00 GMT')
    expect(serverClock.now()).toBe(NOW)
    vi.advanceTimersByTime(60_000)
    expect(serverClock.now()).toBe(NOW + 60_000)
  })

  it('is not led astray by an answer without a time', () => {
    serverClock.learn('Mon, 23 Nov 2026 01:00:00 GMT')
    serverClock.learn(undefined)
    serverClock.learn('yesterday')
    expect(serverClock.now()).toBe(NOW)
  })
})
