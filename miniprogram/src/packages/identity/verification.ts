/** A face check from the phone's side: start, send the frames, wait for the answer, whatever the network does. */
import { api } from '@/api/client'
import { ApiError, Offline } from '@/api/errors'
import { sendParts } from '@/api/parts'
import type { Schemas } from '@/api/types'
import { platform, type LocalFile } from '@/platform'
import { proofFor, verificationsOf, type Verification } from '@/stores/proof'

/** What the person can do next. */
export type Standing = 'accepted' | 'again' | 'counter'

export const standingOf = (now: Verification): Standing => {
  const may = (action: string): boolean => now.allowed_actions.includes(action)
  if (may('assert')) return 'accepted'
  return may('submit_frames') || may('start_again') ? 'again' : 'counter'
}

const look = (id: string): Promise<Verification> => api.get('/api/citizen/verifications/{verification_id}', { path: { verification_id: id } })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const TURN = 1200
const TURNS = 40
const SENDS = 4

const isBeingJudged = (now: Verification): boolean => now.state === 'capturing' && !now.allowed_actions.includes('submit_frames')

async function judged(from: Verification): Promise<Verification> {
  let now = from
  for (let turn = 0; turn < TURNS && isBeingJudged(now); turn += 1) {
    await pause(TURN)
    now = await look(now.id)
  }
  return now
}

/** A new check of this case's commitment, unless the last one (without an answer, or cut off by closing the app) has passed or is still
 * being judged: then that one. */
export async function begin(found: Schemas['CaseView'], consentVersion: string): Promise<Verification> {
  const passed = proofFor(await verificationsOf(found.id), found.commitment_sha256)
  if (passed) return passed
  const body = { purpose: 'sign_commitment', application_id: found.id, document_sha256: found.commitment_sha256, consent_version: consentVersion }
  try {
    return await api.post('/api/citizen/verifications', body)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'identity.verification_running') throw error
    const [latest] = await verificationsOf(found.id)
    if (!latest) throw error
    return judged(latest)
  }
}

async function send(started: Verification, frames: Uint8Array[]): Promise<Verification> {
  const parts = frames.map((data, index) => ({ name: 'frames', filename: `${index}.jpg`, type: 'image/jpeg', data }))
  return sendParts(`/api/citizen/verifications/${encodeURIComponent(started.id)}/frames`, [{ name: 'nonce', data: started.nonce ?? '' }, ...parts])
}

/** How long to wait before looking whether the frames arrived; null when waiting cannot help. */
export function patienceFor(error: unknown): number | null {
  if (error instanceof Offline) return 1500
  if (!(error instanceof ApiError)) return null
  if (error.status === 503) return Math.max(1, error.retryAfter) * 1000
  return ['identity.verification_running', 'identity.nonce_wrong'].includes(error.code) ? 800 : null
}

/** Frames without an answer may have been judged: the nonce tells, and the same frames are sent again only when they were not. */
export async function submit(started: Verification, files: LocalFile[]): Promise<Verification> {
  const frames: Uint8Array[] = []
  for (const file of files) frames.push(await platform.bytes(file))
  for (let turn = 1; ; turn += 1) {
    try {
      return await judged(await send(started, frames))
    } catch (error) {
      const wait = patienceFor(error)
      if (wait === null || turn >= SENDS) throw error
      await pause(wait)
    }
    const now = await judged(await look(started.id))
    if (now.nonce !== started.nonce) return now
  }
}
