/** The application form of a case: what is typed is on the phone at once and with the hall soon after; the hall says what is missing. */
import { computed, reactive, ref, type Ref } from 'vue'
import { api } from '@/api/client'
import { ApiError, fieldErrors } from '@/api/errors'
import type { Schemas } from '@/api/types'
import { useDraft } from '@/composables/useDraft'
import { useMine } from '@/composables/useMine'
import { kept } from '@/stores/kept'
import { DELIVERY_FIELDS, NOWHERE, emptyParts, isWhole, trimmed, type Delivery } from './delivery'
import { grouped, toText, toValue, type FormField, type Value } from './values'

interface Pending {
  values: Record<string, Value>
  delivery: Delivery | null
}

/** The hall's words for single entries, by the entry's own name. */
function within(start: string, error: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(fieldErrors(error)).map(([name, words]) => [name.replace(start, ''), words]))
}

export function useApplicationForm(caseId: Ref<string>) {
  const path = computed(() => ({ case_id: caseId.value }))
  const draft = useDraft<Pending>(() => `form.${caseId.value}`, save)
  const view = ref<Schemas['DraftView'] | null>(null)
  const typed = reactive<Record<string, string>>({})
  const delivery = reactive<Delivery>({ ...NOWHERE })
  const refusedValues = ref<Record<string, string>>({})
  const refusedParts = ref<Record<string, string>>({})
  const hasTried = ref(false)
  const addressSlot = (): string => `draft.delivery.${caseId.value}`

  const loaded = useMine(async () => {
    const before = draft.pending()
    const [found, shown] = await Promise.all([
      api.get('/api/citizen/cases/{case_id}', { path: path.value }),
      api.get('/api/citizen/cases/{case_id}/form', { path: path.value }),
    ])
    const unsent = { ...before?.values, ...draft.pending()?.values }
    for (const field of shown.fields) typed[field.name] ??= toText(field, field.name in unsent ? unsent[field.name] : shown.form[field.name])
    if (view.value === null) Object.assign(delivery, shown.delivery ?? {}, kept.get<Delivery>(addressSlot()) ?? {})
    view.value = shown
    if (draft.pending() && found.allowed_actions.includes('edit')) void draft.flush()
    return found
  })

  function take(answer: Schemas['DraftView']): void {
    for (const field of answer.fields) typed[field.name] ??= toText(field, answer.form[field.name])
    view.value = answer
  }

  async function save(pending: Pending): Promise<void> {
    const url = '/api/citizen/cases/{case_id}/form'
    if (Object.keys(pending.values).length) {
      try {
        take(await api.put(url, { values: pending.values, delivery: null }, { path: path.value }))
      } catch (error) {
        refusedValues.value = within('values.', error)
        throw error
      }
      refusedValues.value = {}
    }
    if (!pending.delivery) return
    try {
      take(await api.put(url, { values: {}, delivery: trimmed(pending.delivery) }, { path: path.value }))
      refusedParts.value = {}
      kept.drop(addressSlot())
    } catch (error) {
      // An address that no carrier can use stays on the phone; it must not keep the rest from being saved.
      if (!(error instanceof ApiError) || error.status !== 422) throw error
      refusedParts.value = within('delivery.', error)
    }
  }

  function change(field: FormField, text: string): void {
    typed[field.name] = text
    delete refusedValues.value[field.name]
    const pending = draft.pending()
    draft.change({ values: { ...pending?.values, [field.name]: toValue(field, text) }, delivery: pending?.delivery ?? null })
  }

  /** Show a finished value as the hall will read it: ５０万 becomes 500000. */
  function tidy(field: FormField): void {
    typed[field.name] = toText(field, toValue(field, typed[field.name] ?? ''))
  }

  function changeDelivery(part: Partial<Delivery>): void {
    Object.assign(delivery, part)
    kept.set(addressSlot(), delivery)
    for (const name of Object.keys(part)) delete refusedParts.value[name]
    if (isWhole(delivery)) draft.change({ values: draft.pending()?.values ?? {}, delivery: { ...delivery } })
  }

  const groups = computed(() => grouped(view.value?.fields ?? []))
  const errors = computed(() => {
    const gaps = hasTried.value ? Object.entries(view.value?.gaps ?? {}) : []
    return { ...Object.fromEntries(gaps.filter(([name]) => name.startsWith('form.')).map(([name, words]) => [name.slice(5), words])), ...refusedValues.value }
  })
  const deliveryErrors = computed(() => ({ ...(hasTried.value && view.value?.needs_delivery ? emptyParts(delivery) : {}), ...refusedParts.value }))
  /** Names of what is wrong, in the order of the page. */
  const wrong = computed(() => [
    ...groups.value.flatMap((group) => group.fields.map((field) => field.name)).filter((name) => errors.value[name]),
    ...(view.value?.needs_delivery ? DELIVERY_FIELDS.map((field) => field.name).filter((name) => deliveryErrors.value[name]).map((name) => `delivery-${name}`) : []),
  ])

  return { loaded, draft, view, typed, delivery, change, tidy, changeDelivery, groups, errors, deliveryErrors, wrong, hasTried }
}
