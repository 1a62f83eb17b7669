"""A running process: database, server, relay, periodic jobs, vision process and, in development, the sandbox; and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from api.settings import Settings
from api.wiring import Hall, face_policy, wire
from core import outbox
from core.http.idempotency import Idempotency
from core.http.routes import unfinished
from esign.envelopes.service import Envelopes
from express.config import ExpressConfig
from express.service import Parcels
from hall.appointments.service import Appointments
from hall.catalog.service import WorkingDays
from hall.licences.service import Licences
from identity.audit_images.service import AuditImages
from identity.guardians.service import Guardians
from identity.liveness.config import FaceProviderConfig
from identity.liveness.service import Verifications, VisionPool, VisionSupervisor, default_socket
from identity.portraits.config import PortraitConfig
from identity.relying_parties.service import Requests
from identity.sessions.service import Sessions
from identity.ukeys.service import Ukeys
from identity.video_checks.service import VideoChecks
from wechat.config import WechatConfig

KEEP_DONE = timedelta(days=30)
"""How long delivered events stay, for looking things up; the audit chain keeps what happened for good."""

log = structlog.get_logger("runtime")
GRACE_SECONDS = 10.0
SANDBOX_UKEYS = "sandbox-ukey-authority.pem"


def with_sandbox(settings: Settings, base_url: str) -> Settings:
    """The same settings with every outside service at the sandbox."""
    return replace(
        settings,
        wechat=replace(settings.wechat, base_url=base_url),
        express=replace(settings.express, ems_base_url=base_url),
        portraits=replace(settings.portraits, base_url=base_url),
        face_provider=replace(settings.face_provider, url=base_url),
    )


def with_sandbox_ukeys(settings: Settings) -> Settings:
    """The same settings with the stand-in authority of U-keys believed, where no other one is."""
    if settings.ukeys.ca_path is not None:
        return settings
    return replace(settings, ukeys=replace(settings.ukeys, ca_path=settings.server.data_dir / SANDBOX_UKEYS))


def wants_own_sandbox(settings: Settings) -> bool:
    """Development with no outside service configured: every base URL is still the default."""
    return not settings.is_production and (
        settings.wechat.base_url == WechatConfig().base_url
        and settings.express.ems_base_url == ExpressConfig().ems_base_url
        and settings.portraits.base_url == PortraitConfig().base_url
        and settings.face_provider.url == FaceProviderConfig().url
    )


@asynccontextmanager
async def sandbox_for(settings: Settings) -> AsyncIterator[Settings]:
    """Start the stand-ins inside this process where none is configured; gives the settings that point to them."""
    if not wants_own_sandbox(settings):
        yield settings
        return
    from sandbox.app import start
    from sandbox.config import SandboxConfig

    config = SandboxConfig(
        state_path=settings.server.data_dir / "sandbox.json",
        callback_url=f"http://{settings.server.host}:{settings.server.port}",
        wechat_appid=settings.wechat.appid,
        wechat_secret=settings.wechat.secret,
        face_app_id=settings.face_provider.app_id,
        face_secret=settings.face_provider.secret,
        ukey_ca_path=settings.server.data_dir / SANDBOX_UKEYS,
    )
    running = await start(config)
    log.info("sandbox_started", url=running.base_url)
    try:
        yield with_sandbox_ukeys(with_sandbox(settings, running.base_url))
    finally:
        await running.stop()


def vision_sockets(settings: Settings, name: str) -> list[Path]:
    """One for each vision process of this server: two servers of one machine must not take each other's."""
    liveness = settings.liveness
    base = liveness.vision_socket or default_socket(settings.server.data_dir, f"{name}-{os.getpid()}")
    return [base, *(base.with_name(f"{base.stem}-{number}{base.suffix}") for number in range(2, liveness.vision_processes + 1))]


@asynccontextmanager
async def vision_for(settings: Settings, name: str) -> AsyncIterator[VisionPool]:
    liveness = settings.liveness
    limits = face_policy(settings).engines.get(liveness.engine)
    pool = VisionPool(
        [
            VisionSupervisor(
                path,
                engine=liveness.engine,
                engine_options=liveness.engine_options(limits.match if limits else None),
                workers=liveness.vision_workers,
                queue=liveness.vision_queue,
                timeout=liveness.vision_timeout,
                memory_mb=liveness.vision_memory_mb,
            )
            for path in vision_sockets(settings, name)
        ]
    )
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


@asynccontextmanager
async def opened(hall: Hall) -> AsyncIterator[Hall]:
    """Connect what was wired; close it all at the end."""
    await hall.database.connect()
    try:
        await hall.service(WorkingDays).refresh()
        yield hall
    finally:
        await hall.close()


async def _every(seconds: float, work: Callable[[], Awaitable[Any]], name: str) -> None:
    """A job that may run in several processes at once: each is a conditional update or a delete."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:
            log.warning("job_failed", job=name, kind=type(error).__name__)


@asynccontextmanager
async def working(hall: Hall) -> AsyncIterator[None]:
    """The relays and the periodic jobs, until the block ends; then what is in hand is finished, nothing new is begun."""
    relays = hall.relays()
    appointments, sessions = hall.service(Appointments), hall.service(Sessions)

    async def forget_done() -> int:
        return await outbox.forget_done(hall.clock.now() - KEEP_DONE)

    jobs = [
        asyncio.create_task(_every(30, appointments.expire_holds, "expire_holds")),
        asyncio.create_task(_every(300, appointments.mark_missed, "mark_missed")),
        asyncio.create_task(_every(3600, sessions.forget_old, "forget_sessions")),
        asyncio.create_task(_every(3600, hall.service(Idempotency).forget_old, "forget_idempotency")),
        asyncio.create_task(_every(3600, hall.service(WorkingDays).refresh, "refresh_calendar")),
        asyncio.create_task(_every(3600, hall.service(Verifications).forget_old, "forget_frames")),
        asyncio.create_task(_every(600, hall.service(AuditImages).sweep, "sweep_audit_images")),
        asyncio.create_task(_every(60, hall.service(Requests).expire_due, "expire_requests")),
        asyncio.create_task(_every(3600, hall.service(Requests).forget_old, "forget_requests")),
        asyncio.create_task(_every(3600, hall.service(Guardians).end_of_age, "end_guardianships")),
        asyncio.create_task(_every(3600, hall.service(Ukeys).forget_old, "forget_ukey_challenges")),
        asyncio.create_task(_every(30, hall.service(VideoChecks).sweep, "sweep_video_queue")),
        asyncio.create_task(_every(1800, hall.service(Parcels).refresh_under_way, "refresh_tracking")),
        asyncio.create_task(_every(3600, hall.service(Licences).renew_timestamps, "renew_licence_timestamps")),
        asyncio.create_task(_every(3600, hall.service(Envelopes).renew_timestamps, "renew_envelope_timestamps")),
        asyncio.create_task(_every(3600, forget_done, "forget_outbox")),
    ]
    running = asyncio.gather(*(relay.run() for relay in relays))
    try:
        yield
    finally:
        for relay in relays:
            relay.stop()
        for job in jobs:
            job.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 20)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. OSError with a clear text when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from None
    sock.listen(256)
    return sock


@asynccontextmanager
async def serving(hall: Hall, sock: socket.socket) -> AsyncIterator[None]:
    """Answer requests on `sock`; at the end open requests get ten seconds to finish."""
    from sanic import Sanic

    from api.app import create_app

    app = create_app(hall)
    server: Any = await app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    try:
        yield
    finally:
        await server.before_stop()
        server.server.close()
        deadline = asyncio.get_running_loop().time() + GRACE_SECONDS
        while (server.connections or unfinished(app)) and asyncio.get_running_loop().time() < deadline:
            # A connection that has had its answer stays open for the next request: close it as soon as it idles.
            for connection in list(server.connections):
                connection.close_if_idle()
            await asyncio.sleep(0.05)
        for connection in list(server.connections):
            connection.abort()
        await server.after_stop()
        Sanic.unregister_app(app)


async def until_signal() -> None:
    """Return at SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


class AlreadyServed(RuntimeError):
    """Another process serves this data folder; SQLite and the worker's leases belong to one."""


@contextlib.contextmanager
def sole_server(settings: Settings) -> Iterator[None]:
    """On SQLite, hold `serve.lock` in the data folder while serving (the system lets go of it when the process dies)."""
    if not settings.database_url.startswith("sqlite"):
        yield
        return
    settings.server.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.server.data_dir / "serve.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyServed from None
        yield


async def serve(settings: Settings, ready: Callable[[Settings, str], None]) -> None:
    """`zerotrip serve`: everything one process needs, until a signal. `ready` is told the settings in force and the sandbox address."""
    sock = listen(settings.server.host, settings.server.port)
    settings = replace(settings, server=replace(settings.server, port=sock.getsockname()[1]))
    async with sandbox_for(settings) as complete, vision_for(complete, "vision") as vision, opened(wire(complete, vision)) as hall:
        with_worker = complete.server.worker or hall.database.is_sqlite
        async with working(hall) if with_worker else contextlib.nullcontext(), serving(hall, sock):
            ready(complete, complete.wechat.base_url if complete is not settings else "")
            await until_signal()
            log.info("stopping")


async def work(settings: Settings, ready: Callable[[], None]) -> None:
    """`zerotrip worker`: the relay and the jobs without a server (PostgreSQL only)."""
    async with vision_for(settings, "vision-worker") as vision, opened(wire(settings, vision)) as hall:
        async with working(hall):
            ready()
            await until_signal()
