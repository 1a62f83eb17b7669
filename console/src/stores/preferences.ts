import { reactive, watch } from 'vue'

/** How the reader likes to see things; remembered on this computer. Until chosen, the computer's own dark setting holds. */
interface Preferences {
  isLarge: boolean
  isDark: boolean
}

const SLOT = 'zt.preferences'

function restored(): Preferences {
  const isDark = window.matchMedia?.('(prefers-color-scheme: dark)').matches ?? false
  try {
    return { isLarge: false, isDark, ...(JSON.parse(localStorage.getItem(SLOT) ?? '{}') as Partial<Preferences>) }
  } catch {
    return { isLarge: false, isDark }
  }
}

export const preferences = reactive<Preferences>(restored())

/** Puts the modes on the root element, now and whenever they change. */
export function applyPreferences(root: HTMLElement): void {
  const apply = () => {
    root.classList.add('z-theme')
    root.classList.toggle('z-large', preferences.isLarge)
    root.classList.toggle('z-dark', preferences.isDark)
  }
  apply()
  watch(preferences, () => {
    apply()
    localStorage.setItem(SLOT, JSON.stringify(preferences))
  })
}
