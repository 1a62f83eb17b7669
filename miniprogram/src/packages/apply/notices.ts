/** One shape for the notice before a case is started (the checklist) and after (the frozen one in the case). */
import type { Schemas } from '@/api/types'
import { trips } from '@/stores/words'

interface Line {
  label: string
  text: string
}
export interface Notice {
  title: string
  department: string
  facts: Line[]
  answers: Line[]
  materials: { code: string; name: string; note: string; because: string; source: string; is_required: boolean }[]
  signing: string[]
  conditions: string[]
  remarks: string[]
  refusals: Schemas['Refusal'][]
  phone: string
}

export function noticeOfAnswers(list: Schemas['Checklist']): Notice {
  return {
    title: list.item_name,
    department: list.department,
    facts: [
      { label: '办好要', text: list.limits.promised_text },
      { label: '费用', text: list.fee_text },
      { label: '跑动', text: trips(list.max_trips) },
      { label: '得到', text: list.results.join('、') },
      { label: '也可以到', text: list.places.map((place) => `${place.office}${place.window}`).join('、') },
    ],
    answers: list.answers,
    materials: list.materials,
    signing: list.signing.map((signer) => signer.label),
    conditions: list.conditions,
    remarks: list.remarks,
    refusals: list.refusals,
    phone: list.supervision_phone,
  }
}

export function noticeOfCase(found: Schemas['CaseView']): Notice {
  return {
    title: found.title,
    department: found.department,
    facts: [],
    answers: found.answer_lines,
    materials: found.needed,
    signing: [],
    conditions: [],
    remarks: [],
    refusals: [],
    phone: found.help_phone,
  }
}
