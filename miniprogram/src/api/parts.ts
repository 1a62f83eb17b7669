/** Several files in one request, as the face check wants its frames; everything else goes through `api` or `platform.upload`. */
import { network } from '@/stores/network'
import { serverClock } from '@/stores/clock'
import { session } from '@/stores/session'
import { headersFor, isOurs, newKey } from './client'
import { ApiError, Offline, passedOn } from './errors'
import { multipart, type Part } from './multipart'
import { open, send } from './transport'

const PATIENCE = 60000

export async function sendParts<T>(path: string, parts: Part[]): Promise<T> {
  const boundary = `zerotrip-${newKey()}`
  const headers = { ...headersFor(newKey()), 'Content-Type': `multipart/form-data; boundary=${boundary}` }
  const who = session.who()
  try {
    const answer = await send('POST', path, multipart(parts, boundary), headers, PATIENCE)
    network.answered()
    serverClock.learn(answer.headers.date)
    if (session.isNoLonger(who)) throw passedOn()
    return open(answer) as T
  } catch (error) {
    if (error instanceof Offline) network.failed()
    if (error instanceof ApiError && error.status === 401 && isOurs(path, headers)) session.expire()
    throw error
  }
}
