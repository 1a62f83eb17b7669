/** R82: a document counts as read when every page's end was on the screen with its content there; the time is the real one. */
import { describe, expect, it } from 'vitest'
import { Dwell, PagesSeen } from '@/components/reading'

describe('pages seen', () => {
  it('needs the content and the end of a page, in whatever order', () => {
    const seen = new PagesSeen()
    expect(seen.end(1, true)).toBe(false)
    expect(seen.show(1)).toBe(true)
    expect(seen.show(2)).toBe(false)
    expect(seen.end(2, true)).toBe(true)
    expect(seen.read).toEqual([1, 2])
  })

  it('does not count a picture that arrives after its end has left the screen', () => {
    const seen = new PagesSeen()
    seen.end(3, true)
    seen.end(3, false)
    expect(seen.show(3)).toBe(false)
    expect(seen.read).toEqual([])
  })

  it('tells each page once, and remembers those of an earlier visit', () => {
    const seen = new PagesSeen([2])
    seen.show(2)
    expect(seen.end(2, true)).toBe(false)
    seen.show(1)
    seen.end(1, true)
    expect(seen.read).toEqual([1, 2])
  })
})

describe('time spent reading', () => {
  function clocked(seconds = 0) {
    const clock = { ms: 1_000_000 }
    return { clock, dwell: new Dwell(seconds, () => clock.ms) }
  }

  it('runs only while the document is before one’s eyes', () => {
    const { clock, dwell } = clocked()
    clock.ms += 5000
    dwell.start()
    clock.ms += 2500
    dwell.stop()
    clock.ms += 60_000
    expect(dwell.seconds).toBe(2.5)
    dwell.start()
    dwell.start()
    clock.ms += 1000
    expect(dwell.seconds).toBe(3.5)
  })

  it('goes on from an earlier visit', () => {
    const { clock, dwell } = clocked(12.3)
    dwell.start()
    clock.ms += 700
    expect(dwell.seconds).toBe(13)
  })

  it('is not fooled by a clock that is set, nor by an app that slept', () => {
    const { clock, dwell } = clocked()
    dwell.start()
    clock.ms -= 3_600_000
    expect(dwell.seconds).toBe(0)
    clock.ms += 2000
    expect(dwell.seconds).toBe(2)
    clock.ms += 86_400_000
    expect(dwell.seconds).toBe(62)
  })
})
