"""How fast the pages are in a real browser: prints one JSON line a figure.

`h5_first_content`: a phone four times slower than this machine, on a line of 1.6 Mbit/s with 150 ms of latency, opens the phone pages for
the first time; the time until the matters of the home page can be read, against the same for a bare page of text (the raw limit there).
`review_scroll`: the clerk's review screen scrolls through a 60-page document; the longest time without a new frame, against the same
gesture on an empty page of that height.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import typst
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.pages.clerk import Clerk
from tests.factories import browser_chromium
from tests.factories.browser_faults import slow_phone_on_a_slow_line
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows, chromium_with

ROUNDS, PAGES = 5, 60
FIRST_CONTENT_SECONDS, LONGEST_FRAME_MS = 2.0, 100.0

FRAMES = """async distance => {
  const box = [...document.querySelectorAll('*')].filter(e => e.scrollHeight > e.clientHeight + 5000 && e.clientHeight > 200)
    .sort((a, b) => b.scrollHeight - a.scrollHeight)[0] ?? document.scrollingElement
  const gaps = []
  let last = performance.now()
  await new Promise(done => {
    const step = now => {
      gaps.push(now - last)
      last = now
      box.scrollTop += distance
      if (box.scrollTop + box.clientHeight >= box.scrollHeight - 2) done()
      else requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  })
  return {longest: Math.max(...gaps.slice(2)), frames: gaps.length, height: box.scrollHeight}
}"""


def _document(pages: int) -> bytes:
    """A believable contract: text, a table and a picture-like drawing on each page."""
    body = "\n#pagebreak()\n".join(
        f"= 第 {number} 页\n" + "甲乙双方就经营场所的租赁达成如下约定，并共同遵守。" * 18 + "\n#table(columns: 4, "
        + ", ".join(f"[项目 {cell}]" for cell in range(32)) + ")\n#rect(width: 100%, height: 4cm, fill: gradient.linear(red, blue))"
        for number in range(1, pages + 1)
    )  # fmt: skip
    fonts = Path(__file__).resolve().parents[1] / "esign" / "documents" / "fonts"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "contract.typ"
        source.write_text(f'#set text(font: "Noto Serif SC", size: 11pt)\n{body}', "utf-8")
        made: Any = typst.compile(source, font_paths=[fonts])
    return bytes(made)


def _first_content(windows: Windows, address: str, wanted: str) -> float:
    page = windows.phone()
    slow_phone_on_a_slow_line(page)
    begun = time.monotonic()
    page.goto(address, wait_until="commit")
    expect(page.get_by_text(wanted).filter(visible=True).first).to_be_visible(timeout=60_000)
    seconds = time.monotonic() - begun
    windows.close()
    return seconds


def _scroll(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(FRAMES, 120)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        hall = RunningHall(Path(folder) / "hall")
        hall.prepare()
        hall.start()
        try:
            played(hall, until="signature")
            with chromium_with(playwright, browser_chromium.find(), Path(folder) / "browser") as windows:
                _print_first_content(windows, hall)
                _print_scroll(windows, hall)
        finally:
            hall.stop()


def _print_first_content(windows: Windows, hall: RunningHall) -> None:
    ours = [_first_content(windows, f"{hall.base_url}/m/", "小餐饮食品经营备案") for _ in range(ROUNDS)]
    raw = [_first_content(windows, f"{hall.base_url}/healthz", "true") for _ in range(ROUNDS)]
    figure = {
        "bench": "h5_first_content",
        "seconds": round(min(ours), 3),
        "raw_seconds": round(min(raw), 3),
        "ratio": round(min(raw) / min(ours), 3),
        "target_seconds": FIRST_CONTENT_SECONDS,
        "ok": min(ours) <= FIRST_CONTENT_SECONDS,
    }
    print(json.dumps(figure), flush=True)
    if not figure["ok"]:
        print("the home page takes too long on a slow phone", file=sys.stderr)


def _print_scroll(windows: Windows, hall: RunningHall) -> None:
    document = _document(PAGES)
    page = windows.desktop()
    page.route("**/commitment.pdf", lambda route: route.fulfill(body=document, content_type="application/pdf"))
    Clerk(page, hall, "chen.jing").signs_in().opens_case("小餐饮食品经营备案")
    expect(page.get_by_role("region", name=re.compile(f"共 {PAGES} 页"))).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)
    ours = _scroll(page)
    blank = windows.desktop()
    blank.set_content(f"<div style='height:{int(ours['height'])}px'></div>")
    raw = _scroll(blank)
    figure = {
        "bench": "review_scroll",
        "pages": PAGES,
        "frames": ours["frames"],
        "longest_frame_ms": round(ours["longest"], 1),
        "raw_longest_frame_ms": round(raw["longest"], 1),
        "ratio": round(raw["longest"] / ours["longest"], 3),
        "target_ms": LONGEST_FRAME_MS,
        "ok": ours["longest"] <= LONGEST_FRAME_MS,
    }
    print(json.dumps(figure), flush=True)
    if not figure["ok"]:
        print("the review screen stutters", file=sys.stderr)


if __name__ == "__main__":
    main()
