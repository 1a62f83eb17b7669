"""The stand-in as one Sanic application, and its server."""

from __future__ import annotations

import asyncio
import secrets
import socket
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse, json

from core.http.loopback import is_own_request
from sandbox import admin, ems, face_service, portraits, ukeys, wechat, wechat_face
from sandbox.config import SandboxConfig
from sandbox.state import Fault, State

SandboxApp = Sanic[Any, Any]


def build(config: SandboxConfig, state: State | None = None) -> SandboxApp:
    """Raises SandboxInProduction. Each call makes an application with memory of its own, unless a state is passed."""
    config.refuse_production()
    memory = state or State(path=config.state_path)
    app: SandboxApp = Sanic(f"zerotrip-sandbox-{secrets.token_hex(4)}", configure_logging=False)
    app.config.AUTO_EXTEND = False
    app.config.TOUCHUP = False  # Sanic rewrites its own class at start-up, which fails for the second application of a process
    app.config.KEEP_ALIVE_TIMEOUT = 30
    app.ctx.state = memory
    for area in (wechat, wechat_face, ems, portraits, face_service, ukeys, admin):
        app.blueprint(area.routes(config, memory))
    app.register_middleware(_refuse_others, "request")
    app.register_middleware(_break_before(memory), "request")
    app.register_middleware(_break_after(memory), "response")
    return app


async def _refuse_others(request: Request) -> HTTPResponse | None:
    """There is no login here, so no other site's page may pull the levers, not even under a name of its own that leads here."""
    if is_own_request({name.lower(): value for name, value in request.headers.items()}):
        return None
    request.ctx.fault = None
    return json({"error": "模拟外部系统只回答这台电脑上的请求。"}, status=403)


def _break_before(state: State) -> Any:
    async def middleware(request: Request) -> HTTPResponse | None:
        request.ctx.fault = None if request.path.startswith("/_sandbox/") else state.take_fault(request.path)
        fault: Fault | None = request.ctx.fault
        if fault is None:
            return None
        if fault.kind == "502":
            return HTTPResponse("<html><title>502 Bad Gateway</title></html>", status=502, content_type="text/html")
        if fault.kind == "errcode":
            return json({"errcode": fault.errcode, "errmsg": "scripted"})
        if fault.kind == "timeout":
            await asyncio.sleep(fault.delay_seconds)
            return HTTPResponse(status=504)
        return None

    return middleware


def _break_after(state: State) -> Any:
    async def middleware(request: Request, response: HTTPResponse) -> HTTPResponse | None:
        fault: Fault | None = getattr(request.ctx, "fault", None)
        if request.path != "/" and not request.path.startswith("/_sandbox/"):
            facts = getattr(request.ctx, "facts", {})
            state.note(request.method, request.path, status=response.status, fault=fault.kind if fault else None, **facts)
        if fault is not None and fault.kind == "truncated" and response.body:
            return HTTPResponse(response.body[: len(response.body) // 2], content_type=response.content_type)
        if fault is not None and fault.kind == "accepted_no_reply" and request.transport is not None:
            request.transport.close()
        return None

    return middleware


class RunningSandbox:
    """A started server; `base_url` carries the port that the system chose when port 0 was asked for."""

    def __init__(self, app: SandboxApp, server: Any, host: str) -> None:
        self._app, self._server = app, server
        port = server.server.sockets[0].getsockname()[1]
        self.base_url = f"http://{host}:{port}"
        self.state: State = app.ctx.state

    async def stop(self) -> None:
        await self._server.before_stop()
        self._server.server.close()
        for connection in list(self._server.connections):
            connection.abort()
        await self._server.after_stop()
        Sanic.unregister_app(self._app)


async def start(config: SandboxConfig, host: str = "127.0.0.1", port: int = 0, state: State | None = None) -> RunningSandbox:
    """Serve in the running loop and return at once."""
    app = build(config, state)
    # A socket of our own, because Sanic takes port 0 to mean "not given".
    listener = socket.create_server((host, port))
    listener.setblocking(False)
    server: Any = await app.create_server(sock=listener, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    return RunningSandbox(app, server, host)


async def serve(config: SandboxConfig, host: str = "127.0.0.1", port: int = 8090) -> None:
    """Serve until cancelled."""
    running = await start(config, host, port)
    try:
        await asyncio.Event().wait()
    finally:
        await running.stop()
