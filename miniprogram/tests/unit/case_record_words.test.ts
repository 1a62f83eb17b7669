// @vitest-environment node
/** Every step that the hall's tables of moves can leave in a case's trail has words here. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isTold, what, who } from '@/packages/case/record_words'

function actionsOf(flow: string): string[] {
  const text = readFileSync(new URL(`../../../docs/flows/${flow}.md`, import.meta.url), 'utf8')
  const moves = text.slice(text.indexOf('## Moves'))
  return [...moves.matchAll(/^\| `(\w+)` /gm)].map((match) => `${flow}.${match[1]}`)
}

/** What `record` lines of the hall's sources name. */
function recordedIn(path: string, pattern: RegExp): string[] {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  return [...text.matchAll(pattern)].map((match) => match[1] as string)
}

describe('words of the trail', () => {
  it('knows every move of a parcel', () => {
    const actions = actionsOf('parcel')
    expect(actions.length).toBeGreaterThan(8)
    expect(actions.filter((action) => !isTold(action))).toEqual([])
  })

  it('knows what the timeline of a case tells', () => {
    const actions = recordedIn('hall/cases/timeline.py', /^ {4}"((?:case|parcel)\.\w+)": \(/gm)
    expect(actions.length).toBeGreaterThan(15)
    expect(actions.filter((action) => !isTold(action))).toEqual([])
  })

  it('knows what is noted of appointments', () => {
    const actions = recordedIn('hall/appointments/service.py', /note\(row, "(appointment\.\w+)"/g)
    expect(actions.length).toBeGreaterThan(5)
    expect(actions.filter((action) => !isTold(action))).toEqual([])
  })

  it('shows an unknown step as a step, and never a code', () => {
    expect(what('case.something_new')).toBe('记录了一步')
    expect(who('robot')).toBe('系统自动')
  })
})
