"""Structured logs without personal data: JSON in production, readable lines in development; every line carries the request id."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(
    r"(?i)(password|secret|token|authorization|cookie|session_key|openid|unionid|phone|mobile|id_number|address|applicant|holder_name|real_name|pickup_code|js_code|otp)"
)
_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank fields whose name says they are personal, and mask anything that looks like an ID or mobile number."""
    for name, value in event.items():
        event[name] = "***" if _SECRET_NAMES.search(name) else _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _MOBILE.sub("1**********", _ID_NUMBER.sub("******************", value))
    if isinstance(value, dict):
        return {_masked(name): "***" if _SECRET_NAMES.search(str(name)) else _masked(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and value < 10**10):
        return value
    return _masked(str(value))


def frames(error: BaseException, last: int = 8) -> list[str]:
    """Where an exception came from, innermost last. Log this instead of a foreign exception's text, which may quote personal data."""
    stack = traceback.extract_tb(error.__traceback__)[-last:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno}:{frame.name}" for frame in stack]


def configure(*, json_lines: bool, level: str = "INFO") -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Other libraries log through the standard library; sanic.access would log full URLs, so only warnings pass.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for name in ("sanic.access", "httpx", "httpcore", "pyhanko", "fontTools"):
        logging.getLogger(name).setLevel(logging.WARNING)
