/** QR codes are looked for here, off the page's own thread, so that the camera picture stays smooth on a slow phone. */
import jsQR from 'jsqr'

export interface Look {
  number: number
  pixels: ArrayBuffer
  width: number
  height: number
  /** Light codes on a dark ground too; twice the work. */
  inverted: boolean
}

self.onmessage = (event: MessageEvent<Look>) => {
  const { number, pixels, width, height, inverted } = event.data
  const found = jsQR(new Uint8ClampedArray(pixels), width, height, { inversionAttempts: inverted ? 'attemptBoth' : 'dontInvert' })
  self.postMessage({ number, text: found?.data || null })
}
