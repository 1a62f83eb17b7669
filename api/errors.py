"""The one renderer of errors: `{"error": {"code", "message", "fields", "request_id"}}`, for people in Chinese, for programs by code."""

from __future__ import annotations

import asyncpg
import msgspec
import structlog
from redis.exceptions import RedisError
from sanic import HTTPResponse, Request
from sanic.exceptions import MethodNotAllowed as SanicMethodNotAllowed
from sanic.exceptions import NotFound as SanicNotFound
from sanic.exceptions import PayloadTooLarge as SanicPayloadTooLarge
from sanic.exceptions import SanicException
from tortoise.exceptions import DBConnectionError, OperationalError, ValidationError

from core.errors import Conflict, DomainError, InvalidInput, NotFound
from core.logs import frames

log = structlog.get_logger("api")


class MethodNotAllowed(DomainError):
    code = "request.method_not_allowed"
    status = 405
    message = "这个地址不支持这种操作。"


class PayloadTooLarge(DomainError):
    code = "request.too_large"
    status = 413
    message = "内容太大了，请压缩后再试。"


class Malformed(DomainError):
    code = "request.malformed"
    status = 400
    message = "请求格式不对。"


class InternalError(DomainError):
    code = "internal.error"
    status = 500
    message = "服务开小差了，您填写的内容没有丢失，请稍后再试。"


class TemporarilyUnavailable(DomainError):
    code = "internal.unavailable"
    status = 503
    message = "服务暂时繁忙，请稍后再试。"

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


_OUTAGES = (
    ConnectionError,
    RedisError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server is shutting down or starting
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.InvalidCatalogNameError,  # the database is being restored
)
"""A part we need does not answer at this moment; trying again later is right."""


def as_domain_error(error: BaseException) -> DomainError:
    """Every failure as one of ours; what is not understood is InternalError."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, SanicNotFound):
        return NotFound("没有这个地址。")
    if isinstance(error, SanicMethodNotAllowed):
        return MethodNotAllowed()
    if isinstance(error, SanicPayloadTooLarge):
        return PayloadTooLarge()
    if isinstance(error, SanicException) and error.status_code < 500:
        return Malformed()
    if isinstance(error, ValidationError):
        return InvalidInput()
    if (
        isinstance(error, _OUTAGES)
        or isinstance(error.__cause__, _OUTAGES)
        or (isinstance(error, SanicException) and error.status_code == 503)
    ):
        return TemporarilyUnavailable()
    if isinstance(error, OperationalError):
        text = str(error)
        if "database is locked" in text:
            return TemporarilyUnavailable()
        if "deadlock" in text or "serialize" in text:
            return Conflict()
    return InternalError()


def render(request: Request, error: BaseException) -> HTTPResponse:
    known = as_domain_error(error)
    if known.status >= 500 and not isinstance(error, DomainError):
        # The text of a foreign exception may quote personal data: log where it happened, not what it said.
        log.error("unexpected_error", kind=type(error).__name__, frames=frames(error))
    request_id = getattr(request.ctx, "request_id", "")
    body = {"error": {"code": known.code, "message": known.message, "fields": known.fields, "request_id": request_id}}
    return HTTPResponse(msgspec.json.encode(body), status=known.status, content_type="application/json", headers=known.headers())
