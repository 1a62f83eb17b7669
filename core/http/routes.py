"""Routes as declarations: audience, permission, body, answer. One wrapper checks, parses, calls and renders, and the OpenAPI document is
made from the same declarations, so neither can forget what the other says.

    routes = Routes("cases", "/api/citizen", Audience.CITIZEN)

    @routes.post("/cases", body=StartCase, returns=CaseView, idempotent=True, summary="开始办理")
    async def start_case(call: Call, body: StartCase) -> CaseView:
        return case_view(await call.service(Cases).start(call.actor, body.item_code))
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar, cast

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from core.actor import Actor, Role
from core.errors import DomainError, Forbidden, InvalidInput, Unauthenticated
from core.http import streams
from core.http.idempotency import Idempotency

S = TypeVar("S")
T = TypeVar("T")
Handler = Callable[..., Awaitable[Any]]
IDEMPOTENCY_HEADER = "idempotency-key"


class Audience(StrEnum):
    """Who a route is for. OPEN needs no login; CALLBACK is an outside system that proves itself by a signature in the handler."""

    OPEN = "open"
    CALLBACK = "callback"
    CITIZEN = "citizen"
    COURIER = "courier"
    CLERK = "clerk"
    ENTERPRISE = "enterprise"
    RELYING_PARTY = "relying_party"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class UploadMissing(DomainError):
    code = "upload.missing"
    status = 422
    message = "没有收到文件，请重新选择。"


@dataclass(frozen=True)
class Binary:
    """An answer that is not JSON."""

    data: bytes
    media_type: str
    filename: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Upload:
    data: bytes
    filename: str
    declared_type: str


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    name: str
    tag: str
    audience: Audience
    summary: str
    handler: Handler
    needs: str | None = None
    body: Any = None
    query: Any = None
    returns: Any = None
    status: int = 200
    idempotent: bool = False
    takes_key: bool = False
    """The handler itself does the work of one `Idempotency-Key` once (an upload, whose bytes differ from try to try)."""
    upload: str | None = None
    many_uploads: bool = False
    hello: Any = None
    """For a conversation over a WebSocket: the type of its first message (`core.http.streams`)."""
    errors: tuple[type[DomainError], ...] = ()


class Call:
    """What a handler may know of the request."""

    def __init__(self, request: Request, path: dict[str, str], query: Any) -> None:
        self.request, self.path, self.query = request, path, query

    @property
    def actor(self) -> Actor:
        return cast(Actor, self.request.ctx.actor)

    def service(self, kind: type[S]) -> S:
        return cast(S, self.request.app.ctx.services[kind])

    @property
    def body(self) -> bytes:
        return self.request.body or b""

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.request.headers.items()}

    @property
    def idempotency_key(self) -> str | None:
        return self.request.headers.get(IDEMPOTENCY_HEADER) or None

    @property
    def client_ip(self) -> str:
        """The caller's address: behind `ZT_PROXIES` trusted proxies the one they report, otherwise the connection's."""
        return str(self.request.remote_addr or self.request.client_ip or "")

    def uploads(self, field_name: str) -> list[Upload]:
        received = self.request.files
        files: list[Any] = received.getlist(field_name) if received else []
        if not files:
            raise UploadMissing(fields={field_name: UploadMissing.message})
        return [Upload(file.body, file.name or "", file.type or "") for file in files]

    def form(self, name: str) -> str:
        received = self.request.form
        return str(received.get(name) or "") if received else ""


class Routes:
    """The routes of one file: one audience, one prefix."""

    def __init__(self, tag: str, prefix: str, audience: Audience) -> None:
        self.tag, self.prefix, self.audience = tag, prefix, audience
        self.endpoints: list[Endpoint] = []

    def _add(self, method: str, path: str, options: dict[str, Any]) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.endpoints.append(
                Endpoint(
                    method,
                    self.prefix + path,
                    handler.__name__,
                    self.tag,
                    options.pop("audience", self.audience),
                    handler=handler,
                    **options,
                )
            )
            return handler

        return register

    def get(self, path: str, *, summary: str, **options: Any) -> Callable[[Handler], Handler]:
        return self._add("GET", path, {"summary": summary, **options})

    def post(self, path: str, *, summary: str, **options: Any) -> Callable[[Handler], Handler]:
        return self._add("POST", path, {"summary": summary, **options})

    def put(self, path: str, *, summary: str, **options: Any) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, {"summary": summary, **options})

    def delete(self, path: str, *, summary: str, **options: Any) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, {"summary": summary, **options})

    def stream(self, path: str, *, hello: Any, summary: str, **options: Any) -> Callable[[Handler], Handler]:
        return self._add("GET", path, {"summary": summary, "hello": hello, **options})

    def blueprint(self) -> Blueprint:
        blueprint = Blueprint(f"{self.tag}_{self.audience}_{id(self):x}")
        for endpoint in self.endpoints:
            if endpoint.hello is not None:
                talk = streams.wrap(endpoint.audience.value, endpoint.hello, endpoint.handler)
                talk.__name__ = f"{endpoint.name}_stream"
                blueprint.add_websocket_route(talk, endpoint.path, name=talk.__name__, ctx_endpoint=endpoint)
                continue
            handler = _wrap(endpoint)
            handler.__name__ = f"{endpoint.name}_{endpoint.method.lower()}"
            # Named, because Sanic would otherwise read and parse the source of every handler to guess it: half a second at each start.
            options: dict[str, Any] = {"error_format": "json", "ctx_endpoint": endpoint}
            blueprint.add_route(handler, endpoint.path, methods=[endpoint.method], name=handler.__name__, **options)
        return blueprint


def _admit(endpoint: Endpoint, actor: Actor) -> None:
    if endpoint.audience in {Audience.OPEN, Audience.CALLBACK}:
        return
    if actor.kind is Role.ANONYMOUS:
        raise Unauthenticated()
    if actor.kind != endpoint.audience.value:
        raise Forbidden()
    if endpoint.needs is not None and not actor.may(endpoint.needs):
        raise Forbidden()


_CONTROL = ({chr(code) for code in range(32)} | {chr(code) for code in range(127, 160)}) - {"\t", "\n", "\r"}
_DIRECTION = {chr(code) for code in (0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Invisible characters that reorder or hide what a person reads."""
_REFUSED = _CONTROL | _DIRECTION
_HIDDEN = "有的文字里夹着看不见的特殊字符，请把那几个字删掉，重新打一遍。"
_HIDDEN_HERE = "这里夹着看不见的特殊字符，请删掉，重新打一遍。"
_MOST_NAMED = 20
_MAY_HIDE = re.compile(rb"\\[ubf]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf")
"""Bytes without which JSON holds none of the refused characters: one quick look saves walking through it."""
MOST_JSON_BYTES = 2_000_000
"""A hand-written signature with all its points is half of it; files are not sent as JSON."""
_KEY = re.compile(r"[!-~]{1,128}")


def _hidden_in(value: Any, path: str = "") -> Iterator[str]:
    """Where in decoded input a NUL (which PostgreSQL cannot store), another control character or one that reorders text stands.

    A name that holds one is not repeated: its place is that of what it belongs to.
    """
    if isinstance(value, str) and not _REFUSED.isdisjoint(value):
        yield path or "body"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _hidden_in(item, f"{path}.{key[:64]}".lstrip(".")) if _REFUSED.isdisjoint(key) else (path or "body",)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _hidden_in(item, f"{path}[{number}]")


def _refuse_hidden(value: Any) -> None:
    if hidden := list(islice(_hidden_in(value), _MOST_NAMED)):
        raise InvalidInput(_HIDDEN, fields=dict.fromkeys(hidden, _HIDDEN_HERE))


def invalid_from(error: msgspec.ValidationError) -> InvalidInput:
    """msgspec names the path ("… - at `$.phone`"); the offending value is never repeated."""
    text = str(error)
    path = text.rsplit("`", 2)[1].removeprefix("$").lstrip(".") if "`$" in text else ""
    if "missing required field" in text:
        missing = text.split("`")[1]
        return InvalidInput(fields={f"{path}.{missing}".lstrip("."): "这一项必须填写。"})
    return InvalidInput(fields={path or "body": "这一项的格式或内容不对。"})


def parse_json(raw: bytes, kind: Any) -> Any:
    """Decode strictly; InvalidInput names the field, never the value."""
    if len(raw) > MOST_JSON_BYTES:
        raise InvalidInput("一次提交的内容太多，请减少一些再试。")
    try:
        if _MAY_HIDE.search(raw):
            _refuse_hidden(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput("请求内容不是有效的 JSON。") from None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise invalid_from(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidInput("请求内容不是有效的 JSON。") from None
    except RecursionError:
        raise InvalidInput() from None


def _parse_query(request: Request, kind: Any) -> Any:
    if kind is None:
        return None
    values = {name: held[0] for name, held in request.get_args(keep_blank_values=True).items()}
    _refuse_hidden(values)
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_from(error) from None


def encode(answer: Any) -> bytes:
    return msgspec.json.encode({"data": answer})


def unfinished(app: Any) -> set[asyncio.Task[Any]]:
    """Commands under way, also those whose client has gone; a process that stops waits for them before it closes the database."""
    held: set[asyncio.Task[Any]] = app.ctx.__dict__.setdefault("unfinished_commands", set())
    return held


async def _to_the_end(request: Request, command: Awaitable[T]) -> T:
    """Run `command` even if the client hangs up: a transaction must not be cancelled half-way, nor a failure be logged with its text."""
    task: asyncio.Task[T] = asyncio.ensure_future(cast(Coroutine[Any, Any, T], command))
    running = unfinished(request.app)
    running.add(task)

    def forget(done: asyncio.Task[T]) -> None:
        running.discard(done)
        if not done.cancelled():
            done.exception()

    task.add_done_callback(forget)
    return await asyncio.shield(task)


def _wrap(endpoint: Endpoint) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    async def handle(request: Request, **path: str) -> HTTPResponse:
        actor: Actor = request.ctx.actor
        _admit(endpoint, actor)
        _refuse_hidden(path)
        call = Call(request, path, _parse_query(request, endpoint.query))
        arguments = () if endpoint.body is None else (parse_json(request.body or b"", endpoint.body),)

        async def work() -> bytes:
            return encode(await endpoint.handler(call, *arguments))

        key = call.idempotency_key
        if key and (endpoint.idempotent or endpoint.takes_key) and not _KEY.fullmatch(key):
            raise InvalidInput(fields={IDEMPOTENCY_HEADER: "编号只能是 1 到 128 个英文字母、数字或符号。"})
        if endpoint.idempotent and key:
            keeper = cast(Idempotency, request.app.ctx.services[Idempotency])
            scope = f"{actor.kind}:{actor.id}:{endpoint.method}:{request.path}"
            body = await _to_the_end(request, keeper.once(scope, key, request.body or b"", work))
            return HTTPResponse(body, status=endpoint.status, content_type="application/json")
        answer = await _to_the_end(request, endpoint.handler(call, *arguments))
        if isinstance(answer, HTTPResponse):
            return answer
        if isinstance(answer, Binary):
            headers = dict(answer.headers)
            if answer.filename:
                headers["Content-Disposition"] = f'attachment; filename="{answer.filename}"'
            return HTTPResponse(answer.data, status=endpoint.status, content_type=answer.media_type, headers=headers)
        return HTTPResponse(encode(answer), status=endpoint.status, content_type="application/json")

    return handle
