/** What the hall's short words about a person's standing mean, in plain ones. */
import type { Schemas } from '@/api/types'

export type GuardianshipOf = Schemas['GuardianshipView']
export const RELATIONS = [
  { value: 'parent', label: '爸爸或妈妈' },
  { value: 'grandparent', label: '爷爷奶奶、外公外婆' },
  { value: 'sibling', label: '成年的哥哥或姐姐' },
  { value: 'appointed', label: '法院或单位指定的监护人' },
] as const
export type Relation = (typeof RELATIONS)[number]['value']
export const relation = (code: string): string => RELATIONS.find((one) => one.value === code)?.label ?? '监护人'

const ENDINGS: Record<string, string> = {
  revoked: '监护人结束了登记。',
  refused: '窗口没有核实成。',
  of_age: '孩子满 14 岁了，由自己决定。',
}
/** Why a guardianship is over. */
export const ending = (why: string): string => ENDINGS[why] ?? '登记已经结束。'

const VIEWERS: Record<string, string> = { supervisor: '监督人员' }
export const viewer = (kind: string): string => VIEWERS[kind] ?? '工作人员'
const REASONS: Record<string, string> = { dispute: '处理争议', complaint: '处理投诉', court_order: '法院要求调取' }
export const reason = (code: string): string => REASONS[code] ?? '查证'
