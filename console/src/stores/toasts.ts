import { reactive, readonly } from 'vue'

interface Toast {
  id: number
  tone: 'ok' | 'danger'
  text: string
}

const state = reactive<{ shown: Toast[] }>({ shown: [] })
export const toasts = readonly(state)

let serial = 0

/** A short sentence that goes away by itself, the newest in place of the one before; screen readers say it. */
export function say(text: string, tone: Toast['tone'] = 'ok'): void {
  serial += 1
  const id = serial
  state.shown = [{ id, tone, text }]
  setTimeout(() => dismiss(id), tone === 'ok' ? 4000 : 9000)
}

export function dismiss(id: number): void {
  state.shown = state.shown.filter((toast) => toast.id !== id)
}
