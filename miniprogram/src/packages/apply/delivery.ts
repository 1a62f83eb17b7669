/** The address of a delivery as it is typed. The hall takes it whole only, so a half-filled one stays on the phone. */
export const DELIVERY_FIELDS = [
  { name: 'name', label: '收件人', kind: 'name', help: '', max: 50 },
  { name: 'phone', label: '手机号', kind: 'phone', help: '送到时快递员打这个电话', max: 20 },
  { name: 'province', label: '省（直辖市）', kind: 'text', help: '', max: 30 },
  { name: 'city', label: '市', kind: 'text', help: '', max: 30 },
  { name: 'county', label: '区（县）', kind: 'text', help: '', max: 30 },
  { name: 'address', label: '详细地址', kind: 'address', help: '街道、门牌号、楼栋和房号', max: 200 },
] as const

export type Delivery = Record<(typeof DELIVERY_FIELDS)[number]['name'], string>
export const NOWHERE: Delivery = { name: '', phone: '', province: '', city: '', county: '', address: '' }

export function isWhole(delivery: Delivery): boolean {
  return DELIVERY_FIELDS.every((field) => delivery[field.name].trim())
}

/** What still has to be filled in, by field. */
export function emptyParts(delivery: Delivery): Record<string, string> {
  const empty = DELIVERY_FIELDS.filter((field) => !delivery[field.name].trim())
  return Object.fromEntries(empty.map((field) => [field.name, `请填写${field.label}。`]))
}

export const trimmed = (delivery: Delivery): Delivery => ({
  ...(Object.fromEntries(DELIVERY_FIELDS.map((field) => [field.name, delivery[field.name].trim()])) as Delivery),
  phone: delivery.phone.replace(/\s|-/g, ''),
})
