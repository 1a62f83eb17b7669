import { describe, expect, it } from 'vitest'
import { fileName, kindsOf, mediaType, refusal } from '@/stores/file_rules'

const PAPERS = ['application/pdf', 'image/jpeg', 'image/png']
const PHOTOS = ['image/jpeg', 'image/png']
const MB = 1024 * 1024

describe('a file is judged before it is sent', () => {
  it.each([
    ['a contract in Word', { name: '合同.docx', size: MB, type: '' }, PAPERS, '照片或 PDF 文件'],
    ['a PDF where a photograph is wanted', { name: 'a.pdf', size: MB, type: 'application/pdf' }, PHOTOS, '这里要照片，'],
    ['a PDF that is too large', { name: 'a.pdf', size: 11 * MB, type: 'application/pdf' }, PAPERS, '11.0 MB，最大只能 10.0 MB'],
    ['an empty file', { name: 'a.jpg', size: 0, type: 'image/jpeg' }, PAPERS, '空的'],
  ])('%s', (_what, file, accepts, words) => {
    expect(refusal(file, accepts, 10 * MB, false)).toContain(words)
  })

  it('a 20 MB photograph and one of a rare kind get a chance to be shrunk first', () => {
    const photo = { name: 'a.jpg', size: 20 * MB, type: 'image/jpeg' }
    const rare = { name: 'a.heic', size: MB, type: '' }
    expect([photo, rare].map((file) => refusal(file, PHOTOS, 10 * MB, false))).toEqual(['', ''])
    expect(refusal(photo, PHOTOS, 10 * MB, true)).toContain('20.0 MB')
    expect(refusal(rare, PHOTOS, 10 * MB, true)).toContain('打不开')
  })

  it('a good file passes', () => {
    expect(refusal({ name: 'a.PDF', size: MB, type: '' }, PAPERS, 10 * MB, true)).toBe('')
  })
})

it('kinds in words', () => {
  expect([kindsOf(PAPERS), kindsOf(PHOTOS), kindsOf(['application/pdf'])]).toEqual(['照片或 PDF 文件', '照片', 'PDF 文件'])
  expect(mediaType({ name: 'x.JPG', size: 1, type: '' })).toBe('image/jpeg')
})

it('names that say nothing are not shown', () => {
  expect(fileName('tmp_8f3a9c.jpg', 'image/jpeg')).toBe('照片')
  expect(fileName('IMG_20261122.jpg', 'image/jpeg')).toBe('照片')
  expect(fileName('租赁合同.pdf', 'application/pdf')).toBe('租赁合同.pdf')
  expect(fileName(`${'长'.repeat(80)}.pdf`, 'application/pdf')).toBe('文件')
})
