/** Handwriting as the hall wants it: strokes of [x, y, milliseconds, pressure], in the units of a sheet that is always the same size,
 * so that turning the phone or coming back on another screen changes nothing. Pure. */
export type Point = [x: number, y: number, ms: number, pressure: number]
export type Stroke = Point[]

export const SHEET = { width: 360, height: 270 }
/** The tokens' ink, for a canvas that knows no style sheet. */
export const INK = { light: '#1b2023', dark: '#f1f2ee' }
/** Points nearer than this to the one before add nothing to the line. */
const NEAREST = 0.6
/** The hall takes 20,000. */
const MOST = 12_000
const NO_SENSOR = 0.5

export interface Pad {
  width: number
  height: number
}

export interface Touch {
  /** In pixels from the left top corner of the pad. */
  x: number
  y: number
  at: number
  pressure?: number
}

const round = (value: number): number => Math.round(value * 10) / 10
const within = (value: number, most: number): number => Math.min(Math.max(value, 0), most)

/** One pad: touches in, strokes out. */
export class Recorder {
  private current: Stroke = []
  private zero: number | null = null

  /** `before`: what was written in an earlier visit; the times go on after it. */
  begin(touch: Touch, pad: Pad, before: readonly Stroke[] = []): void {
    this.zero ??= touch.at - (before.at(-1)?.at(-1)?.[2] ?? -1) - 1
    this.current = [this.place(touch, pad)]
  }

  /** False when the touch adds nothing. */
  extend(touch: Touch, pad: Pad): boolean {
    const last = this.current.at(-1)
    if (!last) return false
    const point = this.place(touch, pad)
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < NEAREST) return false
    this.current.push(point)
    return true
  }

  get open(): Stroke {
    return this.current
  }

  /** Null when nothing was begun. */
  end(): Stroke | null {
    const done = this.current
    this.current = []
    return done.length ? done : null
  }

  private place(touch: Touch, pad: Pad): Point {
    const pressure = touch.pressure && touch.pressure > 0 ? Math.min(1, touch.pressure) : NO_SENSOR
    return [
      round(within((touch.x / pad.width) * SHEET.width, SHEET.width)),
      round(within((touch.y / pad.height) * SHEET.height, SHEET.height)),
      Math.max(0, Math.round(touch.at - (this.zero ?? touch.at))),
      Math.round(pressure * 100) / 100,
    ]
  }
}

/** Few enough points for the hall: every second, third… one of the longest strokes is left out, never a first or last one. */
export function thinned(strokes: readonly Stroke[], most = MOST): Stroke[] {
  const total = strokes.reduce((sum, stroke) => sum + stroke.length, 0)
  const keep = Math.ceil(total / most)
  if (keep <= 1) return strokes.map((stroke) => [...stroke])
  return strokes.map((stroke) => stroke.filter((_, index) => index % keep === 0 || index === stroke.length - 1))
}

interface Pen {
  fillStyle: unknown
  strokeStyle: unknown
  lineWidth: number
  lineCap: unknown
  lineJoin: unknown
  beginPath(): void
  moveTo(x: number, y: number): void
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void
  arc(x: number, y: number, r: number, from: number, to: number): void
  stroke(): void
  fill(): void
}

/** Draws one stroke; `scale` is pixels per unit of the sheet. The line is as wide as the pressure, as in the signed document. */
export function drawStroke(pen: Pen, stroke: Stroke, scale: number, ink: string): void {
  pen.strokeStyle = pen.fillStyle = ink
  pen.lineCap = pen.lineJoin = 'round'
  const first = stroke[0]
  if (!first) return
  if (stroke.length === 1) {
    pen.beginPath()
    pen.arc(first[0] * scale, first[1] * scale, 2 * scale, 0, Math.PI * 2)
    return pen.fill()
  }
  let from: [number, number] = [first[0], first[1]]
  stroke.slice(1).forEach((point, index) => {
    const before = stroke[index] as Point
    const isLast = index === stroke.length - 2
    const to: [number, number] = isLast ? [point[0], point[1]] : [(before[0] + point[0]) / 2, (before[1] + point[1]) / 2]
    pen.lineWidth = (1.8 + 4.4 * ((before[3] + point[3]) / 2)) * scale
    pen.beginPath()
    pen.moveTo(from[0] * scale, from[1] * scale)
    pen.quadraticCurveTo(before[0] * scale, before[1] * scale, to[0] * scale, to[1] * scale)
    pen.stroke()
    from = to
  })
}
