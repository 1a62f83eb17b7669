/** multipart/form-data built by hand (RFC 7578): WeChat's own upload sends one file a request, a face check sends several at once. */

export interface Part {
  name: string
  filename?: string
  type?: string
  data: Uint8Array | string
}

export function multipart(parts: Part[], boundary: string): ArrayBuffer {
  const chunks: Uint8Array[] = []
  for (const part of parts) {
    const file = part.filename ? `; filename="${part.filename.replace(/["\r\n\\]/g, '_')}"` : ''
    const type = part.type ? `\r\nContent-Type: ${part.type}` : ''
    chunks.push(utf8(`--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"${file}${type}\r\n\r\n`))
    chunks.push(typeof part.data === 'string' ? utf8(part.data) : part.data, utf8('\r\n'))
  }
  chunks.push(utf8(`--${boundary}--\r\n`))
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole.buffer
}

/** UTF-8 without TextEncoder, which WeChat's engine lacks. */
export function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text)
  const out: number[] = []
  for (let i = 0; i < escaped.length; i += 1) {
    if (escaped[i] === '%') {
      out.push(parseInt(escaped.slice(i + 1, i + 3), 16))
      i += 2
    } else out.push(escaped.charCodeAt(i))
  }
  return new Uint8Array(out)
}
