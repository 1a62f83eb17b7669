/** Why a parcel could not be given, as the server's list has it. */
import type { Schemas } from '@/api/types'

export type Reason = Schemas['Failure']['reason']

const WORDS: Record<Reason, string> = {
  nobody_home: '家里没有人，电话也联系不上',
  refused: '收件人不肯收',
  address_wrong: '地址不对或找不到',
  identity_doubtful: '来的人不像收件人本人',
  other: '别的原因',
}

export const REASONS = Object.entries(WORDS).map(([value, label]) => ({ value, label }))

/** What a courier does when the code was wrong too often. */
export const LOCKED = '取件码输错次数过多，已锁定。请不要交付，把快件带着，联系办事大厅；大厅核实后会解锁，收件人手机上会有新的取件码。'
