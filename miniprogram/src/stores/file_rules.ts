/** What a chosen file is, and why it cannot be sent, before anything is sent. The hall looks at the bytes again. */
import { size } from './words'

interface File {
  name: string
  size: number
  type: string
}

const TYPES: Record<string, string> = { pdf: 'application/pdf', jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', heic: 'image/heic' }

/** Browsers leave the type empty for what they do not know; then the name's ending counts. */
export function mediaType(file: File): string {
  return file.type || TYPES[file.name.split('.').pop()?.toLowerCase() ?? ''] || 'application/octet-stream'
}

export const isPicture = (file: File): boolean => mediaType(file).startsWith('image/')

/** 照片或 PDF. */
export function kindsOf(accepts: string[]): string {
  const kinds = [accepts.some((type) => type.startsWith('image/')) ? '照片' : '', accepts.includes('application/pdf') ? 'PDF 文件' : '']
  return kinds.filter(Boolean).join('或 ')
}

/** A whole sentence, or '' when it can be sent. A picture is judged after it was shrunk (`isFinal`). */
export function refusal(file: File, accepts: string[], maxBytes: number, isFinal: boolean): string {
  if (file.size === 0) return '这个文件是空的，请重新选一个。'
  if (isPicture(file) && accepts.some((type) => type.startsWith('image/')) && !isFinal) return ''
  if (!accepts.includes(mediaType(file))) {
    return isPicture(file) && accepts.some((type) => type.startsWith('image/'))
      ? '这张照片打不开，请重新拍一张。'
      : `这里要${kindsOf(accepts)}，请换一个，或者直接拍照。`
  }
  if (file.size > maxBytes) return `这个文件有 ${size(file.size)}，最大只能 ${size(maxBytes)}。请拍照上传，或压缩后再选。`
  return ''
}

/** What to call a file: cameras and WeChat give names that say nothing. */
export function fileName(name: string, type: string): string {
  const isSaid = name !== '' && name.length <= 60 && !/^(tmp_|store_|wx|image\.|img_?\d|dcim|[0-9a-f]{16,})/i.test(name)
  return isSaid ? name : type.startsWith('image/') ? '照片' : '文件'
}
