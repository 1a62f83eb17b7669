/** A short word to the person, spoken by screen readers too; the page shows it above its action bar. */
import { ref } from 'vue'

export interface Toast {
  text: string
  tone: 'ok' | 'info'
}

const current = ref<Toast | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

export const toast = {
  current,
  say(text: string, tone: Toast['tone'] = 'ok'): void {
    clearTimeout(timer)
    current.value = { text, tone }
    timer = setTimeout(() => {
      current.value = null
    }, Math.max(4000, text.length * 250))
  },
}
