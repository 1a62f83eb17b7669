/** R52: whatever form a program beside a U-key gives its files, the hall gets base64 of DER; other files are noticed before they are sent. */
import { describe, expect, it } from 'vitest'
import { certificatesIn, signatureIn } from '@/packages/identity/ukey_files'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0))
const der = Uint8Array.from({ length: 300 }, (_, index) => (index === 0 ? 0x30 : index % 256))
const base64 = btoa(String.fromCharCode(...der))
const pem = (content: string): string => `-----BEGIN CERTIFICATE-----\n${content.replace(/(.{64})/g, '$1\r\n')}\n-----END CERTIFICATE-----\n`

describe('certificates', () => {
  it('are read as PEM, one or a chain of at most four', () => {
    expect(certificatesIn(bytes(pem(base64)))).toEqual([base64])
    expect(certificatesIn(bytes(`subject=x\n${pem(base64).repeat(6)}`))).toHaveLength(4)
  })

  it('are read as DER and as its base64', () => {
    expect(certificatesIn(der)).toEqual([base64])
    const text = `MI${base64.slice(2)}`
    expect(certificatesIn(bytes(`${text}\n`))).toEqual([text])
  })

  it('are not seen in other files', () => {
    for (const other of [bytes(''), bytes('nothing'), bytes('<img src=x>'), Uint8Array.from([0x30, 1]), Uint8Array.from({ length: 200 }, () => 0xff)]) expect(certificatesIn(other)).toEqual([])
  })
})

describe('a signature', () => {
  it('is read as bytes and as base64', () => {
    expect(signatureIn(der.slice(0, 71))).toBe(btoa(String.fromCharCode(...der.slice(0, 71))))
    expect(signatureIn(bytes(`${base64.slice(0, 96)}\n`))).toBe(base64.slice(0, 96))
  })

  it('is neither tiny nor huge', () => {
    expect(signatureIn(bytes('short'))).toBe('')
    expect(signatureIn(new Uint8Array(5000))).toBe('')
  })
})
