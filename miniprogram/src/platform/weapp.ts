/** Inside WeChat. Sources: developers.weixin.qq.com API pages of login, chooseMedia, chooseMessageFile, uploadFile, scanCode, privacy. */
import { Offline } from '@/api/errors'
import { baseUrl, lower } from '@/api/transport'
import { dropFile, keepFile, keptFile } from './weapp_files'
import type { LocalFile, Platform } from './types'

const TYPES: Record<string, string> = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', pdf: 'application/pdf' }
const typeOf = (name: string): string => TYPES[name.split('.').pop()?.toLowerCase() ?? ''] ?? 'application/octet-stream'
const nameOf = (path: string): string => path.split('/').pop() ?? 'file'

async function photographs(count: number): Promise<LocalFile[]> {
  const found = await wx.chooseMedia({ count, mediaType: ['image'], sourceType: ['album', 'camera'], sizeType: ['original', 'compressed'] }).catch(() => null)
  return (found?.tempFiles ?? []).map((file) => ({ path: file.tempFilePath, name: nameOf(file.tempFilePath), size: file.size, type: typeOf(file.tempFilePath) }))
}

async function messageFiles(count: number): Promise<LocalFile[]> {
  const found = await wx.chooseMessageFile({ count, type: 'file', extension: ['pdf', 'jpg', 'jpeg', 'png'] }).catch(() => null)
  return (found?.tempFiles ?? []).map((file) => ({ path: file.path, name: file.name, size: file.size, type: typeOf(file.name) }))
}

function download(path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.downloadFile({
      url: baseUrl() + path,
      header: headers,
      success: (found) => (found.statusCode === 200 ? resolve(found.tempFilePath) : reject(new Offline())),
      fail: () => reject(new Offline()),
    })
  })
}

export const weapp: Platform = {
  name: 'weapp',
  canScanNatively: true,
  loginCode: async () => (await wx.login()).code,
  async choose(count, accepts) {
    if (!accepts.includes('application/pdf')) return photographs(count)
    const choice = await wx.showActionSheet({ itemList: ['拍照或从相册选', '从聊天文件中选（PDF、图片）'] }).catch(() => null)
    if (!choice) return []
    return choice.tapIndex === 0 ? photographs(count) : messageFiles(count)
  },
  async shrink(file, maxBytes) {
    if (!file.type.startsWith('image/') || file.size <= maxBytes) return file
    for (const quality of [85, 70, 55, 40]) {
      const made = await wx.compressImage({ src: file.path, quality, compressedWidth: 2560 }).catch(() => null)
      if (!made) return file
      const size = await new Promise<number>((resolve) =>
        wx.getFileSystemManager().getFileInfo({ filePath: made.tempFilePath, success: (info) => resolve(info.size), fail: () => resolve(Infinity) }),
      )
      if (size <= maxBytes) return { path: made.tempFilePath, name: nameOf(made.tempFilePath), size, type: typeOf(made.tempFilePath) }
    }
    return file
  },
  bytes: (file) =>
    new Promise((resolve, reject) => {
      wx.getFileSystemManager().readFile({ filePath: file.path, success: (found) => resolve(new Uint8Array(found.data as ArrayBuffer)), fail: reject })
    }),
  keepFile,
  keptFile,
  dropFile,
  upload: (path, field, file, headers, progress) =>
    new Promise((resolve, reject) => {
      const task = wx.uploadFile({
        url: baseUrl() + path,
        filePath: file.path,
        name: field,
        header: headers,
        timeout: 120000,
        success: (found) => resolve({ status: found.statusCode, body: found.data, headers: lower((found as { header?: object }).header) }),
        fail: () => reject(new Offline()),
      })
      task.onProgressUpdate((event) => progress(event.progress))
    }),
  picture: download,
  async openDocument(path, _name, headers) {
    await wx.openDocument({ filePath: await download(path, headers), fileType: 'pdf', showMenu: true })
  },
  async scan() {
    const found = await wx.scanCode({ scanType: ['qrCode', 'barCode'] }).catch(() => null)
    return found?.result ?? null
  },
  askPrivacy: () =>
    new Promise((resolve) => {
      if (!wx.requirePrivacyAuthorize) return resolve(true)
      wx.requirePrivacyAuthorize({ success: () => resolve(true), fail: () => resolve(false) })
    }),
  askMessages: (templateIds) =>
    new Promise((resolve) => {
      if (!templateIds.length) return resolve([])
      wx.requestSubscribeMessage({
        tmplIds: templateIds.slice(0, 3),
        success: (found) => resolve(templateIds.filter((id) => (found as unknown as Record<string, string>)[id] === 'accept')),
        fail: () => resolve([]),
      })
    }),
  canChooseAddress: true,
  async chooseAddress() {
    const found = await wx.chooseAddress().catch(() => null)
    if (!found) return null
    const { userName: name, telNumber: phone, provinceName: province, cityName: city, countyName: county, detailInfo: address } = found
    return { name, phone, province, city, county, address }
  },
  copy: (text) => wx.setClipboardData({ data: text }).then(() => undefined),
  keepScreenOn: (isOn) => void wx.setKeepScreenOn({ keepScreenOn: isOn }).catch(() => undefined),
  vibrate: () => void wx.vibrateShort({ type: 'light' }).catch(() => undefined),
}
