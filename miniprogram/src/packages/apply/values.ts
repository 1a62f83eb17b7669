/** Between what people type and what the hall stores. Whatever cannot be read is sent as it was typed: the hall says what is wrong with it. */
import type { Schemas } from '@/api/types'

export type FormField = Schemas['FormField']
export type Value = string | number | boolean | null

const HALF_WIDTH = /[！-～]/g
const WAN = 10000

/** Full-width letters and digits (a common keyboard slip) become plain ones; spaces go. */
function plain(text: string): string {
  return text.replace(HALF_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/\s/g, '')
}

function amount(text: string): number | null {
  const found = /^(-?\d+(?:\.\d+)?)(万?)$/.exec(plain(text).replace(/,/g, '').replace(/(平方米|平米|元|个|人|%)$/, ''))
  return found ? Number(found[1]) * (found[2] ? WAN : 1) : null
}

export function toValue(field: Pick<FormField, 'type'>, text: string): Value {
  if (!text.trim()) return null
  switch (field.type) {
    case 'bool':
      return text === 'true'
    case 'number':
      return amount(text) ?? text
    case 'money': {
      const yuan = amount(text)
      return yuan === null ? text : Math.round(yuan * 100)
    }
    case 'uscc':
    case 'id_number':
      return plain(text).toUpperCase()
    case 'phone':
      return plain(text)
    default:
      return text
  }
}

export function toText(field: Pick<FormField, 'type'>, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (field.type === 'money' && typeof value === 'number') return (value / 100).toFixed(value % 100 ? 2 : 0)
  return String(value)
}

/** A value as people read it: 是, 租用, 86 平方米. */
export function inWords(field: FormField, value: unknown): string {
  if (field.type === 'bool') return value === true ? '是' : '否'
  const choice = field.choices.find((one) => one.value === value)
  return choice ? choice.label : [toText(field, value), field.unit].filter(Boolean).join(' ')
}

export interface Group {
  title: string
  fields: FormField[]
}

/** Fields by their group, in the order in which the groups first occur. */
export function grouped(fields: FormField[]): Group[] {
  const groups: Group[] = []
  for (const field of fields) {
    const known = groups.find((group) => group.title === field.group)
    if (known) known.fields.push(field)
    else groups.push({ title: field.group, fields: [field] })
  }
  return groups
}
