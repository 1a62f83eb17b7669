/** Reading QR codes from pictures in a browser. Only the H5 build imports this. */
import type { Look } from './codes.worker'
import CodesWorker from './codes.worker?worker'

const EDGES = [1000, 1800, 600]

export class CodeReader {
  private worker = new CodesWorker()
  private asked = 0
  private waiting = new Map<number, (text: string | null) => void>()

  constructor() {
    this.worker.onmessage = (event: MessageEvent<{ number: number; text: string | null }>) => this.settle(event.data.number, event.data.text)
    this.worker.onerror = () => this.waiting.forEach((_, number) => this.settle(number, null))
  }

  /** The text of a QR code in the picture, or null. */
  read(picture: ImageData): Promise<string | null> {
    const number = (this.asked += 1)
    const look: Look = { number, pixels: picture.data.buffer as ArrayBuffer, width: picture.width, height: picture.height, inverted: number % 4 === 0 }
    return new Promise((resolve) => {
      this.waiting.set(number, resolve)
      this.worker.postMessage(look, [look.pixels])
    })
  }

  /** A photograph or a screenshot may hold the code small or large: it is looked at in several sizes. */
  async readPicture(blob: Blob): Promise<string | null> {
    const picture = await createImageBitmap(blob, { imageOrientation: 'from-image' }).catch(() => null)
    if (!picture) return null
    for (const edge of EDGES) {
      const scale = Math.min(1, edge / Math.max(picture.width, picture.height))
      const text = await this.read(pixelsOf(picture, 0, 0, picture.width, picture.height, Math.round(picture.width * scale), Math.round(picture.height * scale)))
      if (text) return text
    }
    return null
  }

  close(): void {
    this.worker.terminate()
    this.waiting.forEach((_, number) => this.settle(number, null))
  }

  private settle(number: number, text: string | null): void {
    this.waiting.get(number)?.(text)
    this.waiting.delete(number)
  }
}

let canvas: HTMLCanvasElement | null = null

/** Part of a picture or of a playing video, drawn to the wanted size. */
export function pixelsOf(source: CanvasImageSource, x: number, y: number, width: number, height: number, toWidth: number, toHeight: number): ImageData {
  canvas ??= document.createElement('canvas')
  canvas.width = Math.max(1, toWidth)
  canvas.height = Math.max(1, toHeight)
  const pen = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
