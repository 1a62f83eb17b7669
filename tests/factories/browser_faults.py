"""Trouble on the way between a page and the server: no signal, a slow line, a slow phone, errors, waits, a wrong clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, Route

SLOW_BITS_A_SECOND = 1_600_000
SLOW_ANSWER_MS = 150
SLOW_PHONE = 4


def slow_phone_on_a_slow_line(page: Page) -> None:
    """1.6 Mbit/s with 150 ms of latency, and a processor four times slower, for as long as the page lives."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": SLOW_ANSWER_MS,
            "downloadThroughput": SLOW_BITS_A_SECOND / 8,
            "uploadThroughput": SLOW_BITS_A_SECOND / 8,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})


@contextmanager
def no_signal(context: BrowserContext) -> Iterator[None]:
    """As in a lift: nothing goes out, nothing comes in, and the browser knows."""
    context.set_offline(True)
    try:
        yield
    finally:
        context.set_offline(False)


@dataclass
class Fault:
    """What was asked for at the faulty address, in order ("POST /api/…")."""

    seen: list[str] = field(default_factory=list)
    left: int = 0
    answered: list[int] = field(default_factory=list)
    """With `after_server`: the statuses that the server answered and nobody got."""


@contextmanager
def broken(
    page: Page,
    address: str,
    *,
    method: str | None = None,
    status: int | None = None,
    retry_after: int | None = None,
    times: int = 1_000,
    after_server: bool = False,
) -> Iterator[Fault]:
    """Requests to `address` (a glob such as "**/api/citizen/cases/*/submit") go wrong, the first `times` of them.

    `status` answers so instead of the server; without one the connection breaks. With `after_server` the server does get the request
    and does its work, and only its answer is lost (or replaced): the case in which a careless client doubles what it did.
    """
    fault = Fault(left=times)

    def meet(route: Route) -> None:
        request = route.request
        if (method and request.method != method) or fault.left <= 0:
            return route.fallback()
        fault.left -= 1
        fault.seen.append(f"{request.method} {request.url.split('?')[0]}")
        if after_server:
            fault.answered.append(route.fetch().status)
        if status is not None:
            headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
            body = {"error": {"code": "core.unavailable", "message": "服务暂时不可用，请稍后再试。", "fields": {}, "request_id": "fault"}}
            return route.fulfill(status=status, json=body, headers=headers)
        return route.abort("connectionreset")

    page.route(address, meet)
    try:
        yield fault
    finally:
        page.unroute(address, meet)


@dataclass
class Held:
    """Requests that wait for `release`."""

    waiting: list[Route] = field(default_factory=list)

    def release(self) -> None:
        while self.waiting:
            self.waiting.pop(0).fallback()


@contextmanager
def held_up(page: Page, address: str, *, method: str | None = None) -> Iterator[Held]:
    """Requests to `address` stay on the way until released (at the latest at the end), so that the wait itself can be seen."""
    held = Held()

    def hold(route: Route) -> None:
        if method and route.request.method != method:
            return route.fallback()
        held.waiting.append(route)

    page.route(address, hold)
    try:
        yield held
    finally:
        page.unroute(address, hold)
        held.release()


def wrong_clock(context: BrowserContext, by: timedelta) -> None:
    """Every page opened from now on thinks that it is `by` later (or earlier)."""
    offset = int(by.total_seconds() * 1000)
    context.add_init_script(
        f"""(() => {{
          const Real = Date, off = {offset};
          class Skewed extends Real {{
            constructor(...parts) {{ parts.length ? super(...parts) : super(Real.now() + off); }}
            static now() {{ return Real.now() + off; }}
          }}
          globalThis.Date = new Proxy(Skewed, {{ apply: () => new Skewed().toString() }});
        }})();"""
    )
