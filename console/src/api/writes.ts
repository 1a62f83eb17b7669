/**
 * One Idempotency-Key per logical write. The key of a write is kept until the server has given its answer, through lost networks,
 * second clicks and reloads of the page, so that trying again can never do the work twice.
 */

const PREFIX = 'zt.write.'

interface Pending {
  key: string
  body: string
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A short fingerprint of the body: it is compared, never reversed; the body itself may be personal data and is not stored. */
export function fingerprint(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  return `${(high >>> 0).toString(16)}${(low >>> 0).toString(16)}.${text.length}`
}

/** The key for this write: the one of an earlier, unanswered try with the same body, else a new one. */
export function keyFor(method: string, path: string, body: string): string {
  const slot = `${PREFIX}${method} ${path}`
  const mark = fingerprint(body)
  const kept = sessionStorage.getItem(slot)
  if (kept) {
    const pending = JSON.parse(kept) as Pending
    if (pending.body === mark) return pending.key
  }
  const key = newKey()
  sessionStorage.setItem(slot, JSON.stringify({ key, body: mark } satisfies Pending))
  return key
}

/** The server answered for good: the next write to this place is another one. */
export function settle(method: string, path: string): void {
  sessionStorage.removeItem(`${PREFIX}${method} ${path}`)
}

/** Whether an answer with this status leaves open what happened, so that the same write may be tried again. */
export function isOpen(status: number): boolean {
  return status === 0 || status === 401 || status === 429 || status >= 500
}
