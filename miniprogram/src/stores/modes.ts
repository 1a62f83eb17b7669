/** How the pages look on this phone: normal or large (care), light or dark; remembered, and at first taken from the system. */
import { computed, ref } from 'vue'
import { kept } from './kept'

type Tone = 'system' | 'light' | 'dark'
const isLarge = ref(kept.get<boolean>('large') ?? false)
const tone = ref<Tone>(kept.get<Tone>('tone') ?? 'system')
const isSystemDark = ref(false)

const isDark = computed(() => tone.value === 'dark' || (tone.value === 'system' && isSystemDark.value))

export const modes = {
  isLarge: computed(() => isLarge.value),
  tone: computed(() => tone.value),
  isDark,
  classes: computed(() => ({ 'z-theme': true, 'z-large': isLarge.value, 'z-dark': isDark.value })),
  setLarge(value: boolean): void {
    isLarge.value = value
    kept.set('large', value)
  },
  setTone(value: Tone): void {
    tone.value = value
    kept.set('tone', value)
  },
  /** Take the system's wishes: dark theme, and a font enlarged in WeChat's settings. */
  followSystem(): void {
    const system = uni.getSystemInfoSync() as { theme?: string; osTheme?: string; fontSizeScaleFactor?: number; fontSizeSetting?: number }
    isSystemDark.value = (system.osTheme ?? system.theme) === 'dark'
    const wanted = system.fontSizeScaleFactor ?? (system.fontSizeSetting ? system.fontSizeSetting / 16 : 1)
    if (kept.get<boolean>('large') === null && wanted >= 1.2) isLarge.value = true
    uni.onThemeChange?.((change) => {
      isSystemDark.value = change.theme === 'dark'
    })
    // #ifdef H5
    const dark = window.matchMedia('(prefers-color-scheme: dark)')
    isSystemDark.value = dark.matches
    dark.addEventListener('change', () => {
      isSystemDark.value = dark.matches
    })
    // #endif
  },
}
