"""Some routes with their services on a port of their own, for tests that need neither login nor the rest of the hall."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from api.errors import render
from core.actor import ANONYMOUS, Actor
from core.cache import MemoryCache
from core.clock import SystemClock
from core.http.refusals import Refusals
from core.http.routes import Routes


@asynccontextmanager
async def served(routes: Sequence[Routes], services: Mapping[type, Any], actors: Mapping[str, Actor] | None = None) -> AsyncIterator[str]:
    """Yields the base URL. The header `x-test-actor` names one of `actors`; without it the caller is nobody."""
    app: Sanic[Any, Any] = Sanic(f"test-{secrets.token_hex(4)}", configure_logging=False)
    app.config.AUTO_EXTEND = False
    app.config.TOUCHUP = False
    app.ctx.refusals = Refusals(SimpleNamespace(clock=SystemClock(), cache=MemoryCache()))
    app.ctx.services = services  # not copied: a service that needs this address is added after the start
    for part in routes:
        app.blueprint(part.blueprint())

    async def identify(request: Request) -> None:
        request.ctx.actor = (actors or {}).get(request.headers.get("x-test-actor", ""), ANONYMOUS)

    async def fail(request: Request, error: Exception) -> HTTPResponse:
        return render(request, error)

    app.register_middleware(identify, "request")
    app.exception(Exception)(fail)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    server: Any = await app.create_server(sock=listener, access_log=False)
    await server.startup()
    await server.before_start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await server.before_stop()
        server.server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.after_stop()
        Sanic.unregister_app(app)
