/** The answers to an item's scenario questions, on the phone until the case is started, and the case that was started with them. */
import { newKey } from '@/api/client'
import { kept } from '@/stores/kept'
import type { Value } from './values'

export type Answers = Record<string, Value>

export const answersOf = (code: string): Answers => kept.get<Answers>(`draft.answers.${code}`) ?? {}
export const keepAnswers = (code: string, answers: Answers): void => kept.set(`draft.answers.${code}`, answers)

interface Start {
  answers: string
  key: string
  caseId: string
}

/** The same answers keep the same idempotency key over a killed app and a login, so that one tap never starts two cases. */
export function startOf(code: string): Start {
  const answers = JSON.stringify(answersOf(code))
  const known = kept.get<Start>(`draft.start.${code}`)
  return known?.answers === answers ? known : keepStart(code, { answers, key: newKey(), caseId: '' })
}

export function started(code: string, caseId: string): void {
  keepStart(code, { ...startOf(code), caseId })
}

/** Another case with the same answers, on purpose. */
export function startAnew(code: string): void {
  kept.drop(`draft.start.${code}`)
}

function keepStart(code: string, start: Start): Start {
  kept.set(`draft.start.${code}`, start)
  return start
}
