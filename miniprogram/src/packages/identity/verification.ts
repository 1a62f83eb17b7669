/** A face check between phone and hall: begin one or go on with it, hand over a clip, learn what became of it, whatever the network does. */
import { api } from '@/api/client'
import { ApiError, Offline } from '@/api/errors'
import { sendParts } from '@/api/parts'
import type { Schemas } from '@/api/types'
import { serverClock } from '@/stores/clock'
import { verificationsOf, type Verification } from '@/stores/proof'
import { proofAmong, type Matter } from './matter'

/** What the person can do next. */
export type Standing = 'accepted' | 'again' | 'counter'

export const standingOf = (now: Verification): Standing => {
  const may = (action: string): boolean => now.allowed_actions.includes(action)
  if (may('assert')) return 'accepted'
  return may('capture') || may('start_again') ? 'again' : 'counter'
}

const look = (id: string): Promise<Verification> => api.get('/api/citizen/verifications/{verification_id}', { path: { verification_id: id } })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const TURN = 1200
const TURNS = 66
const SENDS = 4
/** A capture takes at most this long from its first word to its last. */
const ENOUGH_MS = 30_000

const isBeingJudged = (now: Verification): boolean => now.state === 'capturing' && !now.allowed_actions.includes('capture')

/** The verification once nobody judges it any more. */
export async function judged(from: Verification): Promise<Verification> {
  let now = from
  for (let turn = 0; turn < TURNS && isBeingJudged(now); turn += 1) {
    await pause(TURN)
    now = await look(now.id)
  }
  return now
}

/** What became of a capture whose end this phone did not hear. */
export const settled = async (id: string): Promise<Verification> => judged(await look(id))

const hasTime = (one: Verification): boolean => Date.parse(one.expires_at) - serverClock.now() > ENOUGH_MS

/** The open check with tries left, else a new one for this matter; the last one instead if it has passed or is still judged. */
export async function begin(matter: Matter, consentVersion: string): Promise<Verification> {
  const all = await verificationsOf(matter.id)
  const passed = proofAmong(matter, all)
  if (passed) return passed
  const open = all.find((one) => one.document_sha256 === matter.sha256 && one.allowed_actions.includes('capture') && hasTime(one))
  if (open) return open
  const body = { purpose: matter.purpose, application_id: matter.id, document_sha256: matter.sha256, consent_version: consentVersion }
  try {
    return await api.post('/api/citizen/verifications', body)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'identity.verification_running') throw error
    const [latest] = await verificationsOf(matter.id)
    if (!latest) throw error
    return judged(latest)
  }
}

export const askClip = (id: string): Promise<Schemas['ClipChallengeView']> =>
  api.post('/api/citizen/verifications/{verification_id}/clip-challenge', undefined, { path: { verification_id: id } })

/** How long to wait before looking whether the clip arrived; null when waiting cannot help. */
export function patienceFor(error: unknown): number | null {
  if (error instanceof Offline) return 1500
  if (!(error instanceof ApiError)) return null
  if (error.status === 503) return Math.max(1, error.retryAfter) * 1000
  return ['identity.verification_running', 'identity.nonce_wrong'].includes(error.code) ? 800 : null
}

/** A clip without an answer may have been judged: the nonce tells, and the same clip is sent again only when it was not. */
export async function submitClip(id: string, nonce: string, clip: Blob): Promise<Verification> {
  const parts = [
    { name: 'nonce', data: nonce },
    { name: 'mirrored', data: '0' },
    { name: 'clip', filename: clip.type.includes('mp4') ? 'clip.mp4' : 'clip.webm', type: clip.type, data: new Uint8Array(await clip.arrayBuffer()) },
  ]
  for (let turn = 1; ; turn += 1) {
    try {
      return await judged(await sendParts<Verification>(`/api/citizen/verifications/${encodeURIComponent(id)}/clip`, parts))
    } catch (error) {
      const wait = patienceFor(error)
      if (wait === null || turn >= SENDS) throw error
      await pause(wait)
    }
    const now = await settled(id)
    if (now.nonce !== nonce) return now
  }
}
