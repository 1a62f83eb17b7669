/** Bring a part of the page into sight; in a browser also its first wrong field into focus, so that a screen reader says what is wrong. */
export function show(id: string): void {
  // #ifdef H5
  const part = document.getElementById(id)
  part?.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' })
  part?.querySelector<HTMLElement>("[aria-invalid=true], [role=radio][tabindex='0'], button")?.focus({ preventScroll: true })
  // #endif
  // #ifndef H5
  uni.pageScrollTo({ selector: `#${id}`, offsetTop: -96, duration: 200 })
  // #endif
}
