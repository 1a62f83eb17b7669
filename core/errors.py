"""Errors that a caller is meant to understand: a stable code, an HTTP status and a sentence in Chinese.

Subclass `DomainError` once per fact ("SlotFull"). The code is a contract with programs and never changes; the message is for people and
names no personal data. `api/errors.py` is the one renderer; the docs command lists every subclass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code.

    `status` follows one rule: 422 the payload only, 409 an illegal move, 404 unknown or not yours, 401/403 who you are,
    413/415 an upload, 429 too often, 502/503 an outside world that does not answer.
    """

    code: ClassVar[str] = "internal.unspecified"
    status: ClassVar[int] = 500
    is_misuse: ClassVar[bool] = False
    """Honest clients hardly come to it: whoever was refused so is noted in the audit chain of the account."""
    message: str = "服务开小差了，请稍后再试。"

    def __init__(self, message: str | None = None, *, fields: Mapping[str, str] | None = None) -> None:
        if message is not None:
            self.message = message
        self.fields: dict[str, str] = dict(fields or {})
        super().__init__(f"{self.code}: {self.message}")

    def headers(self) -> dict[str, str]:
        """Extra response headers (`Retry-After`, `WWW-Authenticate`)."""
        return {}


class NotFound(DomainError):
    code = "request.not_found"
    status = 404
    message = "没有找到您要的内容，可能已被删除，或不属于您。"


class InvalidInput(DomainError):
    """The payload does not have the shape or values asked for; `fields` maps a field path to a sentence."""

    code = "request.invalid"
    status = 422
    message = "有几处填写需要修改。"


class Forbidden(DomainError):
    code = "auth.forbidden"
    status = 403
    message = "您的账号没有办理这项操作的权限。"


class Unauthenticated(DomainError):
    code = "auth.required"
    status = 401
    message = "请先登录。"

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Conflict(DomainError):
    """Somebody else changed the same thing first; loading it again and retrying is safe."""

    code = "request.conflict"
    status = 409
    message = "内容刚刚被更新过，请刷新后再试。"


class TooManyRequests(DomainError):
    code = "request.too_many"
    status = 429
    message = "操作太频繁，请稍后再试。"

    def __init__(self, retry_after_seconds: int = 60) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


class UpstreamUnavailable(DomainError):
    """An outside service (WeChat, a carrier, an authority) gave no usable answer; the work is kept and tried again."""

    code = "upstream.unavailable"
    status = 503
    message = "外部服务暂时没有响应，您的内容已保存，请稍后再试。"

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


def all_errors() -> Iterator[type[DomainError]]:
    """Every DomainError class that has been imported, sorted by code (for the docs and the clients)."""
    seen: set[type[DomainError]] = set()
    pending: list[type[DomainError]] = [DomainError]
    while pending:
        cls = pending.pop()
        if cls not in seen:
            seen.add(cls)
            pending.extend(cls.__subclasses__())
    return iter(sorted(seen, key=lambda cls: (cls.code, cls.__qualname__)))
