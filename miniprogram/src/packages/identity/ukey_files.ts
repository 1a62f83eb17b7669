/** What a program beside a U-key leaves in files, as the hall takes it: base64 of DER. Pure. */

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
/** Every certificate, and every signature by ECDSA in DER, begins so. */
const DER_SEQUENCE = 0x30
const MOST_CERTIFICATES = 4

function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** The file as text without white space; an empty one when it is no plain text. */
function textOf(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte > 126)) return ''
  return String.fromCharCode(...bytes)
}

/** The certificates of a file (PEM, DER, or DER in base64), the holder's first; empty when there is none in it. */
export function certificatesIn(bytes: Uint8Array): string[] {
  const text = bytes.length <= 65_536 ? textOf(bytes) : ''
  const inPem = [...text.matchAll(PEM)].map((found) => (found[1] ?? '').replace(/\s/g, ''))
  if (inPem.length) return inPem.slice(0, MOST_CERTIFICATES)
  const plain = text.replace(/\s/g, '')
  if (plain.startsWith('MI') && BASE64.test(plain)) return [plain]
  return bytes[0] === DER_SEQUENCE && bytes.length > 100 ? [base64Of(bytes)] : []
}

/** The signature of a file, as bytes or in base64; empty when it cannot be one. */
export function signatureIn(bytes: Uint8Array): string {
  if (bytes.length < 60 || bytes.length > 2048) return ''
  const plain = textOf(bytes).replace(/\s/g, '')
  if (plain && plain.length % 4 === 0 && BASE64.test(plain)) return plain
  return base64Of(bytes)
}
