"""axe-core on a page as it stands, injected through the debugger, so that the page's own content policy stays in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.factories import browser_chromium

GRAVE = ("serious", "critical")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
EVERYTHING = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
LOOKS = {
    "runOnly": {"type": "rule", "values": ("color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable")},
    "resultTypes": ["violations"],
    "preload": False,
}
"""What another look of the same page can change: its colours, sizes and what scrolls."""


@cache
def _script() -> str:
    return browser_chromium.axe_script()


@contextmanager
def _whole(page: Page) -> Iterator[None]:
    """The window as high as the page: what the bar at the bottom covers until one scrolls is no fault of the page."""
    size, height = page.viewport_size, int(page.evaluate("document.documentElement.scrollHeight"))
    if size is None or height <= size["height"]:
        yield
        return
    page.set_viewport_size({"width": size["width"], "height": min(height, 8000)})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    try:
        yield
    finally:
        page.set_viewport_size(size)


def findings(
    page: Page, *, impacts: tuple[str, ...] = GRAVE, allowed: frozenset[str] = frozenset(), options: dict[str, Any] = EVERYTHING
) -> list[str]:
    """One line for each finding of these impacts: rule, where, what to do. `allowed` rules are left out; `options` go to `axe.run`."""
    if not page.evaluate("typeof globalThis.axe === 'object'"):
        page.evaluate(f"() => {{ {_script()} }}")
    with _whole(page):
        report: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{found['impact']} {found['id']}: {node['target']} {node['html'][:160]} — {(node.get('failureSummary') or '')[:200]}"
        for found in report["violations"]
        if found["impact"] in impacts and found["id"] not in allowed
        for node in found["nodes"]
    ]
