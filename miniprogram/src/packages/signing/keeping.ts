/** How far the person is with one document, kept on the phone until it is signed: pages read, time spent, handwriting. */
import type { Stroke } from '@/components/strokes'
import { kept } from '@/stores/kept'
import { session } from '@/stores/session'

export interface Progress {
  /** Of the document; another document starts anew. */
  sha256: string
  /** Whose hand and eyes: the account, also when another tab has let somebody else in meanwhile. */
  owner: string
  read: number[]
  seconds: number
  strokes: Stroke[]
}

/** Under the account too: handwriting of one person never shows for another on the same phone. */
const nameOf = (caseId: string): string => `draft.sign.${session.owner()}.${caseId}`
export const begun = (sha256: string): Progress => ({ sha256, owner: session.owner(), read: [], seconds: 0, strokes: [] })

/** What was kept for exactly this document; `isChanged` when something was kept for an earlier version of it. */
export function recall(caseId: string, sha256: string): { progress: Progress; isChanged: boolean } {
  const found = kept.get<Progress>(nameOf(caseId))
  if (found?.sha256 === sha256) return { progress: { ...begun(sha256), ...found }, isChanged: false }
  return { progress: begun(sha256), isChanged: Boolean(found?.read.length) }
}

export function keep(caseId: string, progress: Progress): void {
  if (progress.owner === session.owner()) kept.set(nameOf(caseId), progress)
}
export const forget = (caseId: string): void => kept.drop(nameOf(caseId))
