/** Canvases are used again: making one per page of a long file would keep the garbage collector busy while people scroll. */
const KEPT = 4
const free: HTMLCanvasElement[] = []

export function takeCanvas(width: number, height: number): HTMLCanvasElement {
  const canvas = free.pop() ?? document.createElement('canvas')
  canvas.width = Math.max(1, Math.floor(width))
  canvas.height = Math.max(1, Math.floor(height))
  canvas.setAttribute('aria-hidden', 'true')
  return canvas
}

export function giveBack(canvas: HTMLCanvasElement | null): void {
  if (!canvas) return
  canvas.remove()
  if (free.length < KEPT) free.push(canvas)
  else canvas.width = canvas.height = 0
}
