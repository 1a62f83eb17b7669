import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { stepOf, type NextStep } from '@/stores/steps'

const pages = JSON.parse(readFileSync('src/pages.json', 'utf8')) as { pages: { path: string }[]; subPackages: { root: string; pages: { path: string }[] }[] }
const known = new Set([...pages.pages.map((one) => `/${one.path}`), ...pages.subPackages.flatMap((part) => part.pages.map((one) => `/${part.root}/${one.path}`))])
const step = (action: string | null, section: NextStep['section'] = null): NextStep => ({ title: '', hint: '', action, section })

describe('every step that the hall names leads to a page that exists', () => {
  it.each([
    [step('edit', 'form'), '/packages/apply/form'],
    [step('edit', 'delivery'), '/packages/apply/form'],
    [step('edit', 'materials'), '/packages/apply/materials'],
    [step('edit', 'parties'), '/packages/apply/signers'],
    [step('edit'), '/packages/apply/form'],
    [step('prepare_signing', 'signing'), '/packages/apply/signers'],
    [step('sign', 'signing'), '/packages/identity/consent'],
    [step('submit'), '/packages/signing/sign'],
    [step('reopen'), '/packages/apply/form'],
    [step(null, 'rating'), '/packages/case/rating'],
  ])('%o', (next_step, page) => {
    expect(stepOf({ id: 'case_1', next_step })).toMatchObject({ page, query: { case: 'case_1' } })
    expect(known).toContain(page)
  })

  it('a parcel is followed by its own number', () => {
    expect(stepOf({ id: 'case_1', parcel_id: 'parcel_1', next_step: step(null, 'parcel') })).toMatchObject({ query: { id: 'parcel_1' } })
    expect(stepOf({ id: 'case_1', next_step: step(null, 'parcel') })).toBeNull()
  })

  it('waiting offers no button', () => {
    expect(stepOf({ id: 'case_1', next_step: step(null) })).toBeNull()
  })
})
