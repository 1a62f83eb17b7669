/** Checking a signed result here in the browser, as an enterprise's own system would (RFC 7515, ES256). */
export interface KeySet {
  keys: (JsonWebKey & { kid?: string })[]
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (char) => char.charCodeAt(0))
}

/** Whether one of the published keys made this token's signature; a token of another algorithm is signed by nobody. */
export async function isSignedBy(set: KeySet, token: string): Promise<boolean> {
  const [head = '', body = '', signature = ''] = token.split('.')
  const header = JSON.parse(new TextDecoder().decode(bytesOf(head))) as { alg?: string; kid?: string }
  const key = set.keys.find((one) => one.kid === header.kid)
  if (header.alg !== 'ES256' || !key) return false
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const { kty, crv, x, y } = key
  const known = await crypto.subtle.importKey('jwk', { kty, crv, x, y } as JsonWebKey, curve, false, ['verify'])
  const signed = new TextEncoder().encode(`${head}.${body}`)
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, known, bytesOf(signature), signed)
}
