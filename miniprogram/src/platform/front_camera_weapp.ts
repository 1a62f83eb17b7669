/** The front camera of WeChat: the page's `<camera>` shows it, this takes the photographs. Only the WeChat build imports this. */
import type { FrontCamera } from './front_camera'
import { weapp } from './weapp'

/** Small enough for a slow line; the hall compares at 640 pixels. */
const LARGEST = 400 * 1024

export const weappCamera: FrontCamera = {
  start: async () => ((await weapp.askPrivacy()) ? 'opening' : 'privacy'),
  async shoot(number) {
    const photo = await new Promise<WechatMiniprogram.TakePhotoSuccessCallbackResult>((resolve, reject) =>
      wx.createCameraContext().takePhoto({ quality: 'low', selfieMirror: false, success: resolve, fail: reject }),
    )
    return weapp.shrink({ path: photo.tempImagePath, name: `${number}.jpg`, size: Infinity, type: 'image/jpeg' }, LARGEST)
  },
  stop: () => undefined,
}
