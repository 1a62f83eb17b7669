/** How this phone can show a face: by a line of pictures, by a recorded clip, or not at all. Only a browser captures by itself. */
export type CaptureWay = 'stream' | 'clip' | 'none'

/** As much of a browser as decides. */
export interface Abilities {
  WebSocket?: unknown
  MediaRecorder?: { isTypeSupported(type: string): boolean }
  crypto?: { subtle?: unknown }
}

/** `clipTypes`: of the hall's limits, without parameters. `isLineShut`: a line could not be opened from here a moment ago. */
export function wayOf(here: Abilities, clipTypes: readonly string[], isLineShut: boolean): CaptureWay {
  if (here.WebSocket && here.crypto?.subtle && !isLineShut) return 'stream'
  return clipTypeOf(here, clipTypes) ? 'clip' : 'none'
}

export function clipTypeOf(here: Abilities, clipTypes: readonly string[]): string | null {
  const recorder = here.MediaRecorder
  return recorder ? (clipTypes.find((type) => recorder.isTypeSupported(type)) ?? null) : null
}

/** The address of the line beside the page's own. */
export function lineAddress(page: { protocol: string; host: string }, path: string): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${path}`
}
