/** What a courier's scanner may meet: the hall's hand-off code, a waybill's number, or something else. */
export type Scanned = { kind: 'handoff'; payload: string } | { kind: 'waybill'; number: string } | { kind: 'other' }

const HANDOFF = /^ZT\d\.[\w.-]{20,390}$/
const WAYBILL = /^[A-Z0-9]{8,32}$/

export function readScanned(text: string): Scanned {
  const plain = text.trim()
  if (HANDOFF.test(plain)) return { kind: 'handoff', payload: plain }
  const number = waybillOf(plain)
  return number ? { kind: 'waybill', number } : { kind: 'other' }
}

/** As the waybill has it: without the spaces it is printed with, in capitals; empty when it cannot be one. */
export function waybillOf(text: string): string {
  const number = text.replace(/[\s-]/g, '').toUpperCase()
  return WAYBILL.test(number) && /\d/.test(number) ? number : ''
}

/** A number that a phone can call; a masked one cannot. */
export const isCallable = (phone: string): boolean => /^\+?[\d-]{7,20}$/.test(phone)
