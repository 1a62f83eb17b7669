"""A hall that runs inside this process for as long as the demo cases are made, in its own time: stand-ins, server, timestamps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from api.runtime import listen, opened, serving, wants_own_sandbox, with_sandbox
from api.settings import Settings
from api.wiring import Hall, wire
from core.clock import SystemClock
from identity.liveness.service import Vision
from sandbox.app import start
from sandbox.config import SandboxConfig
from sandbox.state import State, VirtualClock


class DemoClock:
    """Real time, or earlier: it never goes backwards and never ahead of real time."""

    def __init__(self) -> None:
        self._behind = timedelta()

    @property
    def is_behind(self) -> bool:
        return self._behind > timedelta()

    def now(self) -> datetime:
        return SystemClock().now() - self._behind

    def begin(self, at: datetime) -> None:
        """Only before anything was written."""
        self._behind = max(SystemClock().now() - at, timedelta())

    def reach(self, at: datetime) -> None:
        """Skip the time until `at`; nothing when it is past, and not beyond the present."""
        self._behind = max(self._behind - max(at - self.now(), timedelta()), timedelta())


class _SameTime(VirtualClock):
    def __init__(self, clock: DemoClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()


@asynccontextmanager
async def _stand_ins(settings: Settings, clock: DemoClock, callback_url: str) -> AsyncIterator[Settings]:
    """Those that are configured; else our own, which keep waybills where `serve` will find them."""
    if not wants_own_sandbox(settings):
        yield settings
        return
    config = SandboxConfig(
        state_path=settings.server.data_dir / "sandbox.json",
        callback_url=callback_url,
        wechat_appid=settings.wechat.appid,
        wechat_secret=settings.wechat.secret,
    )
    running = await start(config, state=State(path=config.state_path, clock=_SameTime(clock)))
    try:
        yield with_sandbox(settings, running.base_url)
    finally:
        await running.stop()


@asynccontextmanager
async def hall_of_yesterday(settings: Settings, vision: Vision, clock: DemoClock) -> AsyncIterator[Hall]:
    """What it makes names the public address of the hall to come, not the port it borrows."""
    sock = listen("127.0.0.1", 0)
    here = f"http://127.0.0.1:{sock.getsockname()[1]}"
    settings = replace(
        settings,
        server=replace(settings.server, public_url=settings.public_url),
        esign=replace(settings.esign, tsa_url=settings.esign.tsa_url or f"{here}/tsa"),
    )
    async with _stand_ins(settings, clock, here) as complete, opened(wire(complete, vision, clock=clock)) as hall, serving(hall, sock):
        yield hall
