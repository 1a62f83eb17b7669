/** What a courier's scanner makes of a code, and the list he works through. */
import { describe, expect, it } from 'vitest'
import { isCallable, readScanned, waybillOf } from '@/packages/courier/codes'
import { grouped } from '@/packages/courier/grouping'

const PAYLOAD = `ZT1.hc.parcel_01m82jakf71f7wdb9v25555mvm.59673217.0a1b2c3d.${'A'.repeat(43)}${'_-'.repeat(21)}x`

describe('scanning', () => {
  it.each([PAYLOAD, ` ${PAYLOAD}\n`])('knows the hall’s code', (text) => expect(readScanned(text)).toEqual({ kind: 'handoff', payload: PAYLOAD }))

  it.each(['1200000239068', ' 1200 0002 39068 ', '1200-0002-39068'])('knows a waybill as it is printed: %j', (text) =>
    expect(readScanned(text)).toEqual({ kind: 'waybill', number: '1200000239068' }),
  )

  it('writes a waybill of letters and figures in capitals', () => expect(waybillOf('ea123456789cn')).toBe('EA123456789CN'))

  it.each(['', '12345', 'https://pay.example/abc', 'ABCDEFGHIJ', '<b>1200000239068</b>', '1'.repeat(33), 'ZT1.hc.'])('takes %j for neither', (text) =>
    expect(readScanned(text)).toEqual({ kind: 'other' }),
  )

  it('calls full numbers only', () => {
    expect(['19900000001', '028-12345678', '+8619900000001'].every(isCallable)).toBe(true)
    expect(['199****0001', '****', ''].some(isCallable)).toBe(false)
  })
})

describe('the list', () => {
  const row = (state_label: string, ...allowed_actions: string[]) => ({ state_label, allowed_actions })

  it('puts what is still to do before what is over, one group a state', () => {
    const rows = [row('已送达'), row('派送中', 'deliver'), row('快递员已接收', 'start_delivery'), row('派送中', 'deliver'), row('已退回')]
    const found = grouped(rows)
    expect(found.open.map((group) => [group.label, group.rows.length])).toEqual([['派送中', 2], ['快递员已接收', 1]])
    expect(found.over.map((group) => group.label)).toEqual(['已送达', '已退回'])
    expect(found.toDo).toBe(3)
  })

  it('may be empty', () => expect(grouped([])).toEqual({ open: [], over: [], toDo: 0 }))
})
