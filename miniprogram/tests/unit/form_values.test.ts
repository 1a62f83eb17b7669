import { describe, expect, it } from 'vitest'
import { emptyParts, isWhole, NOWHERE, trimmed } from '@/packages/apply/delivery'
import { asked } from '@/packages/apply/corrections'
import { grouped, inWords, toText, toValue, type FormField } from '@/packages/apply/values'

const field = (type: FormField['type'], more: Partial<FormField> = {}): FormField => ({
  name: type,
  label: type,
  type,
  is_required: true,
  required_if: null,
  shown_if: null,
  min: null,
  max: null,
  pattern: null,
  pattern_hint: '',
  choices: [],
  unit: '',
  help: '',
  group: '',
  ...more,
})

describe('what people type becomes what the hall stores', () => {
  it.each([
    ['number', '８６ 平方米', 86],
    ['number', '1,200.5', 1200.5],
    ['number', '十个', '十个'],
    ['money', '50万', 50000000],
    ['money', '12.34', 1234],
    ['money', '一百', '一百'],
    ['uscc', ' 91519900ma6cxew190 ', '91519900MA6CXEW190'],
    ['id_number', '51010419920315001x', '51010419920315001X'],
    ['phone', '199 0000 0001', '19900000001'],
    ['bool', 'true', true],
    ['bool', 'false', false],
    ['text', '<b>𠮷</b> 面馆', '<b>𠮷</b> 面馆'],
    ['text', '   ', null],
    ['date', '2029-06-30', '2029-06-30'],
  ] as const)('%s %s', (type, typed, stored) => {
    expect(toValue({ type }, typed)).toBe(stored)
  })

  it('and back, so that nothing is lost on the way', () => {
    expect(toText({ type: 'money' }, 50000000)).toBe('500000')
    expect(toText({ type: 'money' }, 1234)).toBe('12.34')
    expect(toText({ type: 'money' }, '一百')).toBe('一百')
    expect(toText({ type: 'number' }, 0)).toBe('0')
    expect(toText({ type: 'bool' }, false)).toBe('false')
    expect(toText({ type: 'text' }, null)).toBe('')
  })

  it('answers are shown in words', () => {
    expect(inWords(field('bool'), true)).toBe('是')
    expect(inWords(field('number', { unit: '平方米' }), 86)).toBe('86 平方米')
    expect(inWords(field('choice', { choices: [{ value: 'rent', label: '租用' }] }), 'rent')).toBe('租用')
  })

  it('groups keep the order in which they first occur', () => {
    const fields = [field('text', { group: '主体' }), field('date', { group: '场所' }), field('phone', { group: '主体' })]
    expect(grouped(fields).map((group) => [group.title, group.fields.length])).toEqual([
      ['主体', 2],
      ['场所', 1],
    ])
  })
})

describe('the address', () => {
  const whole = { name: ' 张伟 ', phone: '199-0000 0001', province: '四川省', city: '成都市', county: '锦江区', address: '示例路 8 号' }
  it('is sent only when it is whole', () => {
    expect(isWhole(whole)).toBe(true)
    expect(isWhole({ ...whole, city: ' ' })).toBe(false)
    expect(Object.keys(emptyParts({ ...whole, city: '' }))).toEqual(['city'])
    expect(Object.keys(emptyParts(NOWHERE))).toHaveLength(6)
  })
  it('is tidied on the way', () => {
    expect(trimmed(whole)).toMatchObject({ name: '张伟', phone: '19900000001' })
  })
})

it('only the corrections of the last round are asked for (R24)', () => {
  const gap = (round: number, subject: string) => ({ round, subject, label: subject, reason: '请改' })
  expect(asked([gap(1, 'form.a'), gap(2, 'form.b')]).map((one) => one.subject)).toEqual(['form.b'])
  expect(asked([])).toEqual([])
})
