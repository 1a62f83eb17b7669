/** What must be mended after a one-time notice, and what was mended before. */
import type { Schemas } from '@/api/types'

type Correction = Schemas['GapView']
type Told = Pick<Schemas['CaseView'], 'corrections' | 'allowed_actions' | 'next_step'>

export interface Corrections {
  title: string
  text: string
  /** The newest notice, which the person works through now. */
  current: Correction[]
  /** Notices that were answered before. */
  earlier: Correction[]
}

/** The newest round is current for as long as the hall lets the person change something. */
export function correctionsOf(found: Told | undefined): Corrections {
  if (!found) return { title: '', text: '', current: [], earlier: [] }
  const newest = Math.max(0, ...found.corrections.map((line) => line.round))
  const isOpen = found.allowed_actions.includes('edit') || found.allowed_actions.includes('reopen')
  const current = isOpen ? found.corrections.filter((line) => line.round === newest) : []
  const earlier = found.corrections.filter((line) => !current.includes(line))
  const isFirstLook = found.next_step.action === 'reopen'
  return {
    title: isFirstLook ? `要修改的地方（${current.length} 处）` : `请核对这 ${current.length} 处都改好了`,
    text: isFirstLook ? '工作人员已经一次说全了，改好这些就行，不会再加别的。' : '改好以后重新签名提交。',
    current,
    earlier,
  }
}
