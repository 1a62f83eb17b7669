"""The three looks of every page: normal, large (care) and dark. They are classes on the theme's root elements and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.factories import browser_axe

MODES = {"normal": (), "large": ("z-large",), "dark": ("z-dark",)}
_DRESS = """wanted => {
  const roots = [document.documentElement, document.body, ...document.querySelectorAll('.z-theme')];
  const themed = roots.filter((element) => element.classList.contains('z-theme'));
  const before = themed.map((element) => element.className);
  for (const element of themed) for (const name of ['z-large', 'z-dark']) element.classList.toggle(name, wanted.includes(name));
  globalThis.undress = () => themed.forEach((element, index) => { element.className = before[index]; });
  return themed.length;
}"""
# Colours fade from one mode to the other; what is looked at is where they end.
_SETTLED = """async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    for (const move of document.getAnimations()) if (move instanceof CSSTransition) move.finish();
    await new Promise((done) => requestAnimationFrame(done));
  }
}"""


@contextmanager
def dressed(page: Page, mode: str) -> Iterator[None]:
    """The page as it is, in this mode; what is on it, and where it is scrolled to, stays."""
    if not page.evaluate(_DRESS, list(MODES[mode])):
        raise AssertionError(f"{page.url} has no themed element")
    # What is drawn on a canvas follows the system's wish.
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    page.evaluate(_SETTLED)
    try:
        yield
    finally:
        page.emulate_media(color_scheme="light")
        page.evaluate("undress()")


def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with this page in any mode: grave findings of axe, and what makes people scroll sideways.

    All modes have the same elements, so that what axe says of names, roles and order is asked once.
    """
    faults = []
    for mode in MODES:
        with dressed(page, mode):
            width = page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)")
            screen = page.viewport_size
            if screen and width > screen["width"]:
                faults.append(f"{name} ({mode}): {width - screen['width']} px wider than the screen: {_widest(page)}")
            options = browser_axe.LOOKS if MODES[mode] else browser_axe.EVERYTHING
            faults += [f"{name} ({mode}): {found}" for found in browser_axe.findings(page, options=options)]
    return faults


def _widest(page: Page) -> str:
    script = """() => { let worst = null, right = 0;
      for (const element of document.body.querySelectorAll('*')) {
        const edge = element.checkVisibility() ? element.getBoundingClientRect().right : 0;
        if (edge > right) [worst, right] = [element, edge];
      }
      return worst ? `${worst.tagName}.${worst.className} “${(worst.textContent || '').trim().slice(0, 40)}”` : ''; }"""
    return str(page.evaluate(script))
