"""Browsers and their windows: a phone and a desktop, watched for what no page may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

from tests.factories.browser_camera import Camera
from tests.factories.browser_chromium import Chromium

CameraAccess = Literal["allowed", "denied", "absent"]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
EVERYWHERE: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
PATIENCE_MS = 15_000
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-domain-reliability", "--font-render-hinting=none")
DIRECT = ("--allow-loopback-in-peer-connection",)
"""Two windows of one machine find each other without any network."""


def _camera_flags(access: CameraAccess, camera: Camera) -> tuple[str, ...]:
    if access == "absent":
        return ("--use-fake-ui-for-media-stream",)
    if access == "denied":
        return ("--use-fake-ui-for-media-stream=deny", "--use-fake-device-for-media-stream")
    film = f"--use-file-for-fake-video-capture={camera.film}"
    return ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", film)


@contextmanager
def chromium_with(playwright: Playwright, chromium: Chromium, folder: Path, access: CameraAccess = "allowed") -> Iterator[Windows]:
    """A browser of its own, with a camera that sees what `windows.camera` is told to show."""
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(folder)
    browser = playwright.chromium.launch(
        executable_path=chromium.path,
        args=[*QUIET, *DIRECT, *_camera_flags(access, camera)],
        env={**chromium.environment(folder / "fonts")},
    )
    windows = Windows(browser, camera, access)
    try:
        yield windows
    finally:
        windows.close()
        browser.close()


@dataclass
class Windows:
    browser: Browser
    camera: Camera
    access: CameraAccess = "allowed"
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Uncaught errors, breaches of the content policy and requests to anywhere but this machine: none may ever happen."""

    def phone(self, **options: Any) -> Page:
        """A fresh phone: 390×844, touch, nobody logged in. Options go to Playwright's `new_context`."""
        return self._open({**PHONE, **options})

    def desktop(self, **options: Any) -> Page:
        """A fresh desktop browser, 1280×800."""
        return self._open({**DESKTOP, **options})

    def _open(self, options: dict[str, Any]) -> Page:
        context = self.browser.new_context(**{**EVERYWHERE, **options})
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if self.access == "allowed":
            self.camera.actor.plays_in(context)
        context.on("page", self._watch)
        return context.new_page()

    def _watch(self, page: Page) -> None:
        def on_error(error: Exception) -> None:
            self.complaints.append(f"uncaught error on {page.url}: {error}")

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and ("Content Security Policy" in message.text or "[Vue warn]" in message.text):
                self.complaints.append(f"on {page.url}: {message.text}")

        def on_request(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in {"127.0.0.1", "localhost"}:
                self.complaints.append(f"{page.url} asked for {request.url}")

        page.on("pageerror", on_error)
        page.on("console", on_console)
        page.on("request", on_request)

    def pages(self) -> list[Page]:
        return [page for context in self.contexts for page in context.pages]

    def close(self) -> None:
        """Close every window; the browser stays."""
        while self.contexts:
            self.contexts.pop().close()
