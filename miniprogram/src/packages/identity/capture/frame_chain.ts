/** How each frame proves that it belongs to this capture and follows the one before (docs/howto/face-capture.md; RFC 2104, FIPS 180-4). */

/** magic · sequence · milliseconds · prompt · HMAC, before the JPEG. */
export const HEAD_BYTES = 45
const MAGIC = [0x5a, 0x46, 0x31, 0x00]

/** As much of WebCrypto as is used here. */
export type Subtle = Pick<SubtleCrypto, 'digest' | 'importKey' | 'sign'>

/** Bytes of base64url without padding. */
export function fromBase64url(text: string): Uint8Array {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

export class FrameChain {
  private sequence = 0

  private constructor(
    private subtle: Subtle,
    private key: CryptoKey,
    private chain: Uint8Array,
  ) {}

  /** `key`: 32 bytes; `nonce`: as the hall wrote it (ASCII). */
  static async begin(subtle: Subtle, key: Uint8Array, nonce: string): Promise<FrameChain> {
    const mac = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const first = Uint8Array.from(nonce, (letter) => letter.charCodeAt(0))
    return new FrameChain(subtle, mac, new Uint8Array(await subtle.digest('SHA-256', first)))
  }

  /** The message for the next frame: `ms` milliseconds after the first, while prompt `step` was on the screen. One at a time, in order. */
  async seal(ms: number, step: number, jpeg: Uint8Array): Promise<Uint8Array> {
    const signed = new Uint8Array(9)
    const view = new DataView(signed.buffer)
    view.setUint32(0, this.sequence)
    view.setUint32(4, ms)
    view.setUint8(8, step)
    const picture = new Uint8Array(await this.subtle.digest('SHA-256', jpeg))
    this.chain = new Uint8Array(await this.subtle.digest('SHA-256', joined(this.chain, signed, picture)))
    const mac = new Uint8Array(await this.subtle.sign('HMAC', this.key, this.chain))
    this.sequence += 1
    return joined(Uint8Array.from(MAGIC), signed, mac, jpeg)
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
