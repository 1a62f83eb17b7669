import { beforeEach, describe, expect, it } from 'vitest'

import type { Batch } from '@/api/types'
import { progressText } from '@/components/enterprise/progress'
import { REFERENCE, newReference } from '@/components/enterprise/references'
import { cleanNumber, isRightNumber, readTable, textOf, wrongOf } from '@/components/enterprise/subjects'
import { forgetPeople, keepLinks, peopleOf, takeLinks } from '@/stores/people'

const LI = '500103199807220025'
const ZHANG = '51010419920315001X'

describe('numbers', () => {
  it.each([
    [LI, true],
    ['51010419920315001x', true],
    [' ５１０１０４１９９２０３１５００１Ｘ', true],
    ['500103199807220026', false],
    ['5001031998', false],
    ['', false],
    ['XYZ123456789012', true],
  ])('%s → %s', (number, isRight) => expect(isRightNumber(number)).toBe(isRight))

  it('are sent as documents write them', () => expect(cleanNumber(' 5101 0419920315001x ')).toBe(ZHANG))
})

describe('a table', () => {
  it('is read with commas, tabs, titles in any order, quotes and a byte order mark', () => {
    expect(readTable(`\ufeff姓名,身份证号码,身份\r\n李娜,${LI},法定代表人\r\n"张,伟",${ZHANG}\r\n\r\n`)).toEqual({
      rows: [
        { name: '李娜', number: LI, role: 'legal_person' },
        { name: '张,伟', number: ZHANG, role: 'shareholder' },
      ],
      wrong: [],
    })
    expect(readTable(`身份证号\t身份\t姓名\n${LI}\t股东\t李娜`).rows).toEqual([{ name: '李娜', number: LI, role: 'shareholder' }])
    expect(readTable(`李娜，${LI}，法人`).rows).toEqual([{ name: '李娜', number: LI, role: 'legal_person' }])
  })

  it('says what is wrong by the line that the reader sees', () => {
    const table = ['姓名,身份证号码,身份', `李娜,${LI},董事`, ',5.00103E+17,股东', '', `张伟,${ZHANG.replace('X', '1')},股东`, `李娜,${LI},股东`].join('\n')
    expect(readTable(table).wrong.map((one) => [one.line, one.text.slice(0, 10)])).toEqual([
      [2, '身份写的是“董事”，'],
      [3, '请填写姓名。'],
      [3, '身份证号码被表格软件'],
      [5, '身份证号码不对，请核'],
      [6, '和第 2 行是同一个'],
    ])
  })

  it('has a hundred people at most, and may be empty', () => {
    const many = Array.from({ length: 101 }, (_, place) => `人${place},${LI},股东`).join('\n')
    expect(readTable(many).wrong.some((one) => one.line === 101 && one.text.includes('一批最多 100 人'))).toBe(true)
    expect(readTable('\n \n').rows).toEqual([])
  })

  it('may come in the Chinese code page of Excel', () => {
    expect(textOf(new TextEncoder().encode('姓名').buffer as ArrayBuffer)).toBe('姓名')
    expect(textOf(new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb]).buffer)).toBe('姓名')
  })
})

describe('rows', () => {
  it('that are blank are nothing, and the same person may have two roles', () => {
    const rows = [
      { name: '李娜', number: LI, role: 'shareholder' as const },
      { name: ' ', number: '', role: 'shareholder' as const },
      { name: '李娜', number: LI, role: 'legal_person' as const },
    ]
    expect(wrongOf(rows).size).toBe(0)
    expect([...wrongOf([...rows, rows[0]!]).keys()]).toEqual([3])
  })
})

describe('what is kept in memory', () => {
  beforeEach(() => {
    sessionStorage.clear()
    forgetPeople()
  })

  it('belongs to one person and is in no storage', () => {
    peopleOf('a').rows[0]!.name = '李娜'
    expect(peopleOf('a').rows[0]?.name).toBe('李娜')
    expect(peopleOf('b').rows[0]?.name).toBe('')
    expect(JSON.stringify(sessionStorage)).not.toContain('李娜')
  })

  it('gives links once', () => {
    keepLinks([{ request: { id: 'r' }, invitation_url: 'http://127.0.0.1/1' }, { request: { id: 's' }, invitation_url: null }])
    expect([...takeLinks()]).toEqual([['r', 'http://127.0.0.1/1']])
    expect(takeLinks().size).toBe(0)
  })
})

it('references of our own are ones that the server takes', () => {
  expect(newReference()).toMatch(REFERENCE)
  expect(newReference()).not.toBe(newReference())
})

it('progress is worded', () => {
  const batch = { total: 4, counts: { verified: 1, declined: 1, failed: 1, invited: 1 } } as unknown as Batch
  expect(progressText(batch)).toBe('4 人：1 人通过，2 人没有通过，1 人还在等')
})
