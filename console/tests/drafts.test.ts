import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope } from 'vue'

import { forgetDraftsOfOthers, readDraft, useDraft } from '@/stores/drafts'

const EMPTY = { reason: '', gaps: {} as Record<string, string> }

function draftOf(name: string) {
  return effectScope().run(() => useDraft(name, EMPTY)) as ReturnType<typeof useDraft<typeof EMPTY>>
}

beforeEach(() => sessionStorage.clear())

describe('drafts', () => {
  it('survive the closing of their dialog', () => {
    const scope = effectScope()
    scope.run(() => {
      const { draft } = useDraft('return:1', EMPTY)
      draft.reason = '照片看不清'
      draft.gaps['materials.M03'] = '缺页'
    })
    scope.stop()
    expect(draftOf('return:1').draft).toEqual({ reason: '照片看不清', gaps: { 'materials.M03': '缺页' } })
  })

  it('are gone once sent, and start empty again', () => {
    const { draft, drop } = draftOf('decide:1')
    draft.reason = '材料齐全'
    drop()
    expect(draft.reason).toBe('')
    expect(readDraft('decide:1', EMPTY)).toEqual(EMPTY)
  })

  it('do not share their initial value', () => {
    const one = draftOf('return:1')
    one.draft.gaps['form.name'] = '错'
    expect(draftOf('return:2').draft.gaps).toEqual({})
    expect(EMPTY.gaps).toEqual({})
  })

  it('ignore what cannot be read', () => {
    sessionStorage.setItem('zt.draft.x', '{broken')
    expect(readDraft('x', EMPTY)).toEqual(EMPTY)
  })

  it('stay with their writer: the same person finds them, the next one does not', () => {
    forgetDraftsOfOthers('staff_1')
    draftOf('return:1').draft.reason = '照片看不清'
    expect(forgetDraftsOfOthers('staff_1')).toBe(true)
    expect(readDraft('return:1', EMPTY).reason).toBe('照片看不清')
    expect(forgetDraftsOfOthers('staff_2')).toBe(false)
    expect(readDraft('return:1', EMPTY)).toEqual(EMPTY)
  })
})
