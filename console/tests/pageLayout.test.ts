import { describe, expect, it } from 'vitest'

import { GAP, densityFor, fitScale, layOut, pageAt, windowOf } from '@/components/viewer/pageLayout'

const A4 = { width: 600, height: 800 }
const pages = Array.from({ length: 60 }, () => A4)

describe('a long file', () => {
  it('is laid out page under page', () => {
    const layout = layOut(pages, 1, 0)
    expect(layout.tops.slice(0, 2)).toEqual([GAP, GAP + 800 + GAP])
    expect(layout.height).toBe(GAP + 60 * (800 + GAP))
    expect(layout.width).toBe(600)
  })

  it('draws only pages near the window', () => {
    const layout = layOut(pages, 1, 0)
    expect(windowOf(layout, 0, 700)).toEqual([0, 1])
    const [first, last] = windowOf(layout, 30 * (800 + GAP), 700)
    expect([first, last]).toEqual([28, 31])
    expect(windowOf(layout, layout.height, 700)).toEqual([58, 59])
    expect(windowOf(layOut([], 1, 0), 0, 700)).toEqual([0, -1])
  })

  it('finds the page under a height', () => {
    const layout = layOut(pages, 1, 0)
    expect([pageAt(layout, 0), pageAt(layout, 820), pageAt(layout, 825)]).toEqual([0, 0, 1])
  })

  it('turns', () => {
    const layout = layOut([A4], 0.5, 90)
    expect(layout.sizes[0]).toEqual({ width: 400, height: 300 })
    expect(fitScale([A4], 400, 90)).toBe(0.5)
    expect(fitScale([A4], 300, 180)).toBe(0.5)
  })

  it('never asks for a canvas that is too big', () => {
    expect(densityFor(A4, 1)).toBe(1)
    expect(densityFor(A4, 3)).toBe(2)
    const huge = { width: 6000, height: 8000 }
    const density = densityFor(huge, 2)
    expect(huge.width * huge.height * density * density).toBeLessThanOrEqual(4_500_001)
  })
})
