/** Any browser: files are Blobs, the camera is getUserMedia (in LiveCheck and ZScanner), login chooses a sandbox person. */
import { ApiError, Offline } from '@/api/errors'
import { lower } from '@/api/transport'
import { dropFile, keepFile, keptFile } from './browser_files'
import type { LocalFile, Platform } from './types'

const LONGEST_EDGE = 2560
const KNOWN = ['image/jpeg', 'image/png']

function local(blob: Blob, name: string): LocalFile {
  return { path: URL.createObjectURL(blob), name, size: blob.size, type: blob.type, blob }
}

function pick(count: number, accepts: string[]): Promise<LocalFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = accepts.join(',')
    input.multiple = count > 1
    input.style.display = 'none'
    input.onchange = () => {
      resolve(Array.from(input.files ?? []).slice(0, count).map((file) => local(file, file.name)))
      input.remove()
    }
    input.oncancel = () => {
      resolve([])
      input.remove()
    }
    document.body.append(input)
    input.click()
  })
}

async function shrink(file: LocalFile, maxBytes: number): Promise<LocalFile> {
  if (!file.type.startsWith('image/') || !file.blob) return file
  const picture = await createImageBitmap(file.blob, { imageOrientation: 'from-image' }).catch(() => null)
  if (!picture) return file
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height))
  if (scale === 1 && file.size <= maxBytes && KNOWN.includes(file.type)) return file
  const canvas = document.createElement('canvas')
  let edge = scale
  for (const quality of [0.85, 0.75, 0.65, 0.55]) {
    canvas.width = Math.max(1, Math.round(picture.width * edge))
    canvas.height = Math.max(1, Math.round(picture.height * edge))
    const pen = canvas.getContext('2d')
    if (!pen) return file
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    if (blob && blob.size <= maxBytes) return local(blob, file.name.replace(/\.\w+$/, '') + '.jpg')
    edge *= 0.8
  }
  return file
}

async function fetched(path: string, headers: Record<string, string>): Promise<Blob> {
  const answer = await fetch(path, { headers }).catch(() => {
    throw new Offline()
  })
  if (answer.status === 401) throw new ApiError(401, 'auth.required', '登录已失效，请重新登录。')
  if (!answer.ok) throw new Offline()
  return answer.blob()
}

let awake: Promise<WakeLockSentinel | null> = Promise.resolve(null)

/** A browser that cannot, or does not want to (low battery), lets the screen go dark: nothing is lost. */
function keepScreenOn(isOn: boolean): void {
  awake = awake.then(async (held) => {
    await held?.release().catch(() => undefined)
    return isOn ? ((await navigator.wakeLock?.request('screen').catch(() => null)) ?? null) : null
  })
}

export const browser: Platform = {
  name: 'browser',
  canScanNatively: false,
  loginCode: () => Promise.resolve(null),
  choose: pick,
  shrink,
  bytes: async (file) => new Uint8Array(await (file.blob ?? (await (await fetch(file.path)).blob())).arrayBuffer()),
  keepFile,
  keptFile,
  dropFile,
  upload: (path, field, file, headers, progress) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open('POST', path)
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
      request.upload.onprogress = (event) => event.lengthComputable && progress(Math.round((event.loaded / event.total) * 100))
      request.onload = () =>
        resolve({ status: request.status, body: request.responseText, headers: lower({ 'retry-after': request.getResponseHeader('retry-after') ?? '' }) })
      request.onerror = request.ontimeout = () => reject(new Offline())
      request.timeout = 120000
      const form = new FormData()
      form.append(field, file.blob as Blob, file.name)
      request.send(form)
    }),
  picture: async (path, headers) => URL.createObjectURL(await fetched(path, headers)),
  async openDocument(path, name, headers) {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(await fetched(path, headers))
    link.download = name
    document.body.append(link)
    link.click()
    link.remove()
    setTimeout(() => URL.revokeObjectURL(link.href), 60000)
  },
  scan: () => Promise.resolve(null),
  askPrivacy: () => Promise.resolve(true),
  askMessages: () => Promise.resolve([]),
  canChooseAddress: false,
  chooseAddress: () => Promise.resolve(null),
  async copy(text) {
    await navigator.clipboard?.writeText(text).catch(() => undefined)
  },
  keepScreenOn,
  vibrate: () => void navigator.vibrate?.(15),
}
