/** Where the pages of a long file are, so that only those near the window are drawn. Pure numbers. */

export interface Size {
  width: number
  height: number
}

export interface PageLayout {
  tops: number[]
  sizes: Size[]
  width: number
  height: number
}

export const GAP = 12

/** Pages one under the other, at `scale`, turned by `rotation` degrees (a multiple of 90). */
export function layOut(pages: readonly Size[], scale: number, rotation: number): PageLayout {
  const isTurned = Math.abs(rotation % 180) === 90
  const tops: number[] = []
  const sizes: Size[] = []
  let top = GAP
  let width = 0
  for (const page of pages) {
    const size = {
      width: Math.round((isTurned ? page.height : page.width) * scale),
      height: Math.round((isTurned ? page.width : page.height) * scale),
    }
    tops.push(top)
    sizes.push(size)
    top += size.height + GAP
    width = Math.max(width, size.width)
  }
  return { tops, sizes, width, height: top }
}

/** The scale at which the widest page fills `available` pixels. */
export function fitScale(pages: readonly Size[], available: number, rotation: number): number {
  const isTurned = Math.abs(rotation % 180) === 90
  const widest = Math.max(1, ...pages.map((page) => (isTurned ? page.height : page.width)))
  return Math.max(0.1, available / widest)
}

/** Index of the page at height `y` (the last one that begins at or above it). */
export function pageAt(layout: PageLayout, y: number): number {
  let low = 0
  let high = layout.tops.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((layout.tops[middle] ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return low
}

/** First and last page to draw for a window of `viewport` pixels at `scrollTop`: those in sight and `spare` more each way. */
export function windowOf(layout: PageLayout, scrollTop: number, viewport: number, spare = 1): [number, number] {
  if (layout.tops.length === 0) return [0, -1]
  const first = pageAt(layout, scrollTop)
  const last = pageAt(layout, scrollTop + viewport)
  return [Math.max(0, first - spare), Math.min(layout.tops.length - 1, last + spare)]
}

/** The pixels of a canvas for `size`: sharp on dense screens, but never more than `limit` in all. */
export function densityFor(size: Size, devicePixelRatio: number, limit = 4_500_000): number {
  const wanted = Math.min(2, Math.max(1, devicePixelRatio))
  const most = Math.sqrt(limit / Math.max(1, size.width * size.height))
  return Math.min(wanted, most)
}
