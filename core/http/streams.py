"""Conversations over a WebSocket, declared like other routes. The first message is the login: browsers cannot send a header with it.

    @routes.stream("/verification-stream", hello=Hello, summary="…", errors=(…))
    async def capture(line: Line, hello: Hello) -> None: ...

An error ends the conversation with `{"type": "error", "error": {"code", "message", "retry_after"}}`, never with text of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

import msgspec
import structlog
from sanic import Request
from sanic.exceptions import WebsocketClosed

from core.actor import ANONYMOUS, Actor, Role
from core.errors import DomainError, Forbidden, InvalidInput, Unauthenticated
from core.http.refusals import Refusals

S = TypeVar("S")
Authenticate = Callable[[str], Awaitable[Actor | None]]
HELLO_SECONDS = 5.0
HELLO_BYTES = 4096


class StreamFailed(DomainError):
    code = "internal.stream_failed"
    status = 500
    message = "服务开小差了，请重新开始。"


class Line:
    """What a handler may know of a conversation: who speaks, and two functions."""

    def __init__(self, request: Request, socket: Any, actor: Actor) -> None:
        self._request, self._socket, self.actor = request, socket, actor

    def service(self, kind: type[S]) -> S:
        return cast(S, self._request.app.ctx.services[kind])

    async def receive(self) -> bytes:
        """The next binary message; text is answered as an empty one. ConnectionError when the line has ended."""
        try:
            message = await self._socket.recv()
        except WebsocketClosed:
            raise ConnectionError from None
        if message is None:
            raise ConnectionError
        return message if isinstance(message, bytes) else b""

    async def send(self, message: Any) -> None:
        """One JSON message. Nothing happens when the other side has gone: whoever receives will notice."""
        with contextlib.suppress(Exception):
            await self._socket.send(msgspec.json.encode(message).decode())


def wrap(audience: str, hello: Any, handler: Callable[..., Awaitable[None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    """A Sanic WebSocket handler: login by the first message, one call of `handler`, errors as one last message."""

    async def handle(request: Request, socket: Any) -> None:
        actor = ANONYMOUS
        try:
            actor, greeting = await _greeted(request, socket, audience, hello)
            await handler(Line(request, socket, actor), greeting)
        except DomainError as error:
            refusals: Refusals = request.app.ctx.refusals
            await refusals.note(actor, error, request.route.path if request.route else "")
            await _tell(socket, error)
        except (ConnectionError, WebsocketClosed):
            return
        except Exception as error:
            structlog.get_logger("api").error("stream_failed", kind=type(error).__name__)
            await _tell(socket, StreamFailed())

    return handle


class _Greeting(msgspec.Struct):
    token: str


async def _greeted(request: Request, socket: Any, audience: str, hello: Any) -> tuple[Actor, Any]:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            first = await socket.recv()
    except TimeoutError:
        raise InvalidInput("没有收到登录信息。") from None
    if not isinstance(first, str) or len(first) > HELLO_BYTES:
        raise InvalidInput("没有收到登录信息。")
    try:
        token = msgspec.json.decode(first, type=_Greeting).token
        greeting = msgspec.json.decode(first, type=hello)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidInput() from None
    authenticate: Authenticate = request.app.ctx.authenticate
    actor = await authenticate(token)
    if actor is None or actor.kind is Role.ANONYMOUS:
        raise Unauthenticated("登录已失效，请重新登录。")
    if actor.kind != audience:
        raise Forbidden()
    request.ctx.actor = actor
    return actor, greeting


async def _tell(socket: Any, error: DomainError) -> None:
    retry_after = int(error.headers().get("Retry-After", 0))
    body = {"type": "error", "error": {"code": error.code, "message": error.message, "retry_after": retry_after, "fields": error.fields}}
    with contextlib.suppress(Exception):
        await socket.send(msgspec.json.encode(body).decode())
