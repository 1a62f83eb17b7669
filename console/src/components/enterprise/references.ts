/** A number of our own for a request or batch that the enterprise gave none: `20261128-k3f9x2ma`. */
import { today } from '@/components/dates'

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

export function newReference(): string {
  const random = crypto.getRandomValues(new Uint8Array(8))
  return `${today().replaceAll('-', '')}-${Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join('')}`
}

export const REFERENCE = /^[A-Za-z0-9._:/-]{1,56}$/
export const REFERENCE_HINT = '只能用字母、数字和 . _ : / -，最多 56 个。'
