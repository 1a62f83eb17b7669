import { describe, expect, test } from 'vitest'
import { ending, reason, relation, viewer } from '@/packages/person/words'
import { ENDLESS, lastDay } from '@/stores/validity'

describe('words of a person’s standing', () => {
  test.each([
    ['2030-01-09', '2030年1月9日'],
    [ENDLESS, '长期有效'],
    [null, '没有填写'],
    [undefined, '没有填写'],
  ])('a document until %s', (until, said) => expect(lastDay(until)).toBe(said))

  test('a word that is not known here is still shown as something true', () => {
    expect([relation('godparent'), viewer('auditor'), reason('new_reason'), ending('moved')]).toEqual(['监护人', '工作人员', '查证', '登记已经结束。'])
    expect([relation('parent'), viewer('supervisor'), reason('court_order')]).toEqual(['爸爸或妈妈', '监督人员', '法院要求调取'])
  })
})
