// @vitest-environment node
/** RFC 7578 byte by byte, read back by an implementation that is not ours. */
import { describe, expect, it } from 'vitest'
import { multipart, utf8 } from '@/api/multipart'

const asText = (bytes: ArrayBuffer): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

describe('multipart', () => {
  it('has the lines that the standard asks for', () => {
    const sent = multipart([{ name: 'nonce', data: 'abc' }, { name: 'frames', filename: '1.jpg', type: 'image/jpeg', data: new Uint8Array([65, 66]) }], 'edge')
    expect(asText(sent)).toBe(
      '--edge\r\nContent-Disposition: form-data; name="nonce"\r\n\r\nabc\r\n' +
        '--edge\r\nContent-Disposition: form-data; name="frames"; filename="1.jpg"\r\nContent-Type: image/jpeg\r\n\r\nAB\r\n--edge--\r\n',
    )
  })

  it('is read back by the platform’s own parser, rare characters and any byte included', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const body = multipart([{ name: 'name', data: '𠮷祥云 <b>é' }, { name: 'file', filename: '营业执照𠮷.pdf', type: 'application/pdf', data: every }], 'zerotrip-edge')
    const form = await new Response(body, { headers: { 'Content-Type': 'multipart/form-data; boundary=zerotrip-edge' } }).formData()
    const file = form.get('file') as File
    expect(form.get('name')).toBe('𠮷祥云 <b>é')
    expect(file.name).toBe('营业执照𠮷.pdf')
    expect(file.type).toBe('application/pdf')
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(every)
  })

  it('lets no file name break out of its line', () => {
    const sent = asText(multipart([{ name: 'file', filename: 'a"; name="x\r\nX-Evil: 1\\', data: '' }], 'edge'))
    expect(sent.split('\r\n')[1]).toBe('Content-Disposition: form-data; name="file"; filename="a_; name=_x__X-Evil: 1_"')
  })
})

describe('utf8', () => {
  it.each(['', 'plain %41 + &', '零跑办', '𠮷祥云', '👩‍🌾', '\u0000\u007f\u0080\u07ff\u0800\uffff'])('is what the standard encoder makes of %j', (text) => {
    expect(utf8(text)).toEqual(new TextEncoder().encode(text))
  })
})
