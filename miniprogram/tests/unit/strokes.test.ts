/** R24, R82: handwriting is recorded in units that no screen changes, with real times and pressures. */
import { describe, expect, it } from 'vitest'
import { Recorder, SHEET, drawStroke, thinned, type Stroke } from '@/components/strokes'

const pad = { width: 720, height: 540 }

function write(recorder: Recorder, points: [x: number, y: number, at: number, pressure?: number][], before: Stroke[] = []): Stroke {
  const [first, ...rest] = points.map(([x, y, at, pressure]) => ({ x, y, at, pressure }))
  recorder.begin(first!, pad, before)
  rest.forEach((touch) => recorder.extend(touch, pad))
  return recorder.end()!
}

describe('recording', () => {
  it('gives the same strokes on every size of screen', () => {
    const small = new Recorder()
    small.begin({ x: 90, y: 67.5, at: 0 }, { width: 180, height: 135 })
    const large = new Recorder()
    large.begin({ x: 360, y: 270, at: 0 }, pad)
    expect(small.end()).toEqual(large.end())
  })

  it('counts milliseconds from the first touch, over all strokes', () => {
    const recorder = new Recorder()
    const one = write(recorder, [[0, 0, 1000], [40, 0, 1016]])
    const two = write(recorder, [[0, 80, 1500], [40, 80, 1516]], [one])
    expect([...one, ...two].map((point) => point[2])).toEqual([0, 16, 500, 516])
  })

  it('goes on after strokes that were kept from before, never back in time', () => {
    const kept: Stroke[] = [[[10, 10, 700, 0.5]]]
    const more = write(new Recorder(), [[0, 0, 5], [40, 0, 21]], kept)
    expect(more.map((point) => point[2])).toEqual([701, 717])
  })

  it('keeps the pressure of a pen, and says one half where there is no sensor', () => {
    const stroke = write(new Recorder(), [[0, 0, 0, 0.254], [40, 0, 8, 0], [80, 0, 16], [120, 0, 24, 7]])
    expect(stroke.map((point) => point[3])).toEqual([0.25, 0.5, 0.5, 1])
  })

  it('stays on the sheet when the finger leaves it', () => {
    const stroke = write(new Recorder(), [[-30, -5, 0], [9000, 9000, 10]])
    expect(stroke.map(([x, y]) => [x, y])).toEqual([[0, 0], [SHEET.width, SHEET.height]])
  })

  it('leaves out points that add nothing', () => {
    const recorder = new Recorder()
    recorder.begin({ x: 10, y: 10, at: 0 }, pad)
    expect(recorder.extend({ x: 10.4, y: 10, at: 4 }, pad)).toBe(false)
    expect(recorder.extend({ x: 14, y: 10, at: 8 }, pad)).toBe(true)
    expect(recorder.end()).toHaveLength(2)
    expect(recorder.extend({ x: 50, y: 50, at: 12 }, pad)).toBe(false)
    expect(recorder.end()).toBeNull()
  })
})

describe('sending', () => {
  const long: Stroke = Array.from({ length: 30_001 }, (_, at) => [at % 300, at % 200, at, 0.5])

  it('never sends more points than the hall takes, and keeps where a stroke begins and ends', () => {
    const [sent] = thinned([long, [[1, 1, 1, 1]]])
    expect(sent!.length).toBeLessThan(12_100)
    expect([sent![0], sent!.at(-1)]).toEqual([long[0], long.at(-1)])
  })

  it('sends a common signature as it was written', () => {
    const strokes: Stroke[] = [[[1, 2, 3, 0.5], [4, 5, 6, 0.5]]]
    expect(thinned(strokes)).toEqual(strokes)
  })
})

describe('drawing', () => {
  function pen() {
    const calls: string[] = []
    const note = (name: string) => () => void calls.push(name)
    return {
      calls,
      fillStyle: '' as unknown,
      strokeStyle: '' as unknown,
      lineCap: '' as unknown,
      lineJoin: '' as unknown,
      lineWidth: 0,
      beginPath: note('begin'),
      moveTo: note('move'),
      quadraticCurveTo: note('curve'),
      arc: note('dot'),
      stroke: note('stroke'),
      fill: note('fill'),
    }
  }

  it('draws a tap as a dot and a stroke as curves', () => {
    const dot = pen()
    drawStroke(dot, [[5, 5, 0, 0.5]], 1, 'ink')
    expect(dot.calls).toEqual(['begin', 'dot', 'fill'])
    const curve = pen()
    drawStroke(curve, [[0, 0, 0, 0.5], [5, 5, 8, 0.5], [9, 9, 16, 0.5]], 1, 'ink')
    expect(curve.calls.filter((name) => name === 'curve')).toHaveLength(2)
    drawStroke(curve, [], 1, 'ink')
  })
})
