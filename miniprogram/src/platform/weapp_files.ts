/** Files that wait to be sent, saved under the mini-program's own folder (temporary ones vanish when WeChat is closed). */
import type { LocalFile } from './types'

export function keepFile(_id: string, file: LocalFile): Promise<LocalFile> {
  return new Promise((resolve) => {
    wx.getFileSystemManager().saveFile({
      tempFilePath: file.path,
      success: (found) => resolve({ ...file, path: found.savedFilePath }),
      // No room left: it can still be sent as long as WeChat is open.
      fail: () => resolve(file),
    })
  })
}

export function keptFile(file: LocalFile): Promise<LocalFile | null> {
  return new Promise((resolve) => {
    wx.getFileSystemManager().access({ path: file.path, success: () => resolve(file), fail: () => resolve(null) })
  })
}

export function dropFile(file: LocalFile): Promise<void> {
  return new Promise((resolve) => {
    wx.getFileSystemManager().removeSavedFile({ filePath: file.path, success: () => resolve(), fail: () => resolve() })
  })
}
