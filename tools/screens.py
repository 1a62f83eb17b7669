"""`make screens`: play the main job in a browser and take a picture of every page in its three modes, into docs/screens/.

People, texts and dates are the same every time; codes and waybills are drawn anew. `--only console/queue` keeps what begins so.
"""

from __future__ import annotations

import argparse
import io
import shutil
import signal
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from tools.contact_sheets import MODES, write_gallery, write_sheets

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
BEGINS = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
COLOURS = 64
TALLEST, TALL = 2400, 1400
"""Higher than a screen a picture may be; from `TALL` on it is kept at half the size."""
SETTLES_MS = 500
"""A document is drawn, a list is laid out again."""
PHONE_SIZE, DESK_SIZE = (390, 844), (1280, 800)
ON_A_PHONE_TOO = ("sign-in", "queue", "review", "decide", "parcel", "staff")
"""Pages of the console that are also shown as wide as a phone."""


class Album:
    """Takes the pictures; `only` is what their names have to begin with."""

    def __init__(self, folder: Path, only: str) -> None:
        self.folder, self.only = folder, only
        self.names: list[str] = []

    def visit(self, name: str, page: Page) -> None:
        client, title = place_of(name)
        if client == "console":
            self._take(client, title, page, DESK_SIZE, grows=False)
            if title in ON_A_PHONE_TOO:
                self._take(client, f"{title}-phone", page, PHONE_SIZE, grows=False)
        else:
            self._take(client, title, page, PHONE_SIZE, grows=True)

    def _take(self, client: str, title: str, page: Page, size: tuple[int, int], *, grows: bool) -> None:
        from tests.factories.browser_modes import dressed

        if not f"{client}/{title}".startswith(self.only):
            return
        usual, scrolled = page.viewport_size, page.evaluate("scrollY")
        page.evaluate("scrollTo(0, 0)")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for mode in MODES:
            with dressed(page, mode):
                tall = int(page.evaluate("document.documentElement.scrollHeight")) if grows else size[1]
                page.set_viewport_size({"width": size[0], "height": min(max(tall, size[1]), TALLEST)})
                page.wait_for_timeout(SETTLES_MS)
                self._keep(page.screenshot(caret="hide"), self.folder / client / f"{title}.{mode}.png")
                page.set_viewport_size({"width": size[0], "height": size[1]})
        if usual:
            page.set_viewport_size(usual)
        page.evaluate("y => scrollTo(0, y)", scrolled)

    def _keep(self, picture: bytes, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(io.BytesIO(picture)) as opened:
            shown = opened.convert("RGB")
        if shown.height > TALL * 2:
            shown = shown.resize((shown.width // 2, shown.height // 2), Image.Resampling.LANCZOS)
        shown.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
        name = f"{path.parent.name}/{path.name.split('.')[0]}"
        if name not in self.names:
            self.names.append(name)


def place_of(name: str) -> tuple[str, str]:
    """The client and the file of a page of the main job: the courier's pages are the mini-program's too."""
    who, _, title = name.partition("/")
    if who == "courier":
        return "miniprogram", f"courier-{title}"
    return {"citizen": "miniprogram", "stranger": "verify"}.get(who, who), title


def shoot(folder: Path, only: str, journey: str) -> list[str]:
    """Play everything and fill `folder`; the pages in the order in which people came to them ("console/queue").

    Each journey has a hall of its own, seeded alike. `journey` is the name of the only one to play.
    """
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.main_job import MainJob
    from tests.browser.tour import look_around
    from tests.browser.trips import TRIPS
    from tests.factories import browser_chromium, browser_faults
    from tests.factories.browser_server import RunningHall
    from tests.factories.browser_windows import PATIENCE_MS, chromium_with

    def main_job(job: MainJob) -> None:
        job.play()
        look_around(job)

    def at(begins: datetime) -> tuple[str, ...]:
        return (sys.executable, "-m", "tools.server_at", begins.isoformat())

    expect.set_options(timeout=PATIENCE_MS)
    album = Album(folder, only)
    with tempfile.TemporaryDirectory(prefix="zerotrip-screens-") as work:
        seeded = RunningHall(Path(work) / "seeded", command=at(BEGINS - timedelta(hours=1)))
        seeded.prepare()
        for play in (main_job, *TRIPS):
            if journey not in ("", play.__name__):
                continue
            hall = RunningHall(Path(work) / play.__name__, command=at(BEGINS))
            hall.prepare(template=seeded.folder / "data")
            hall.ahead = BEGINS - datetime.now(UTC)
            hall.start()
            try:
                with (
                    sync_playwright() as running,
                    chromium_with(running, browser_chromium.find(), Path(work) / f"browser-{play.__name__}") as windows,
                ):

                    def opened(page: Page, ahead: timedelta = hall.ahead) -> Page:
                        browser_faults.wrong_clock(page.context, ahead)
                        return page

                    phone, desktop = windows.phone, windows.desktop
                    play(MainJob(hall, windows, lambda: opened(phone()), lambda: opened(desktop()), album.visit))  # noqa: B023
            finally:
                hall.stop()
    return album.names


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Pictures of every page, from the main job played in a browser.")
    parser.add_argument("--only", default="", help="only pictures whose name begins so, e.g. console/queue")
    parser.add_argument("--journey", default="", help="play only this one: main_job, or a trip of tests/browser")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where they go (docs/screens)")
    given: Any = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server goes too
    with tempfile.TemporaryDirectory(prefix="zerotrip-album-") as work:
        album = Path(work) / "album"
        album.mkdir()
        names = shoot(album, given.only, given.journey)
        if not given.only and not given.journey:
            shutil.rmtree(given.out, ignore_errors=True)
        shutil.copytree(album, given.out, dirs_exist_ok=True)
    if not given.only and not given.journey:
        write_gallery(given.out, names)
    sheets = write_sheets(given.out)
    size = sum(path.stat().st_size for path in given.out.rglob("*.png"))
    print(f"{len(names)} pages in {len(MODES)} modes and {sheets} sheets in {given.out}, {size // 1024} KB in all")


if __name__ == "__main__":
    main()
