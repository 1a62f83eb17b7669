/** Reading a short prompt aloud, where the browser can. WeChat has no such thing of its own. */
let known: SpeechSynthesis | undefined
// #ifdef H5
known = globalThis.speechSynthesis
// #endif

export const voice = {
  isThere: known !== undefined,
  say(text: string): void {
    if (!known) return
    known.cancel()
    const spoken = new SpeechSynthesisUtterance(text)
    spoken.lang = 'zh-CN'
    spoken.rate = 0.9
    known.speak(spoken)
  },
  hush(): void {
    known?.cancel()
  },
}
