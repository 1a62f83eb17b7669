"""`docs/errors.md`: every code a caller may meet."""

from __future__ import annotations

from itertools import groupby

from api.docs.declared import GENERATED_BY, PACKAGES, errors, table
from core.errors import DomainError

_INTRODUCTION = """\
An error answer is `{"error": {"code", "message", "fields", "request_id"}}`. The code is for programs and stays; the message is for
people. 422 is about the payload only, 409 an illegal move, 404 unknown or not yours, 401 and 403 who you are, 413 and 415 an upload,
429 too often, 502 and 503 an outside service."""


def errors_page() -> str:
    parts = ["# Error codes", GENERATED_BY, _INTRODUCTION]
    for package, group in groupby(sorted(errors(), key=_order), key=_package):
        rows = [(f"`{error.code}`", error.status, error.message) for error in group]
        parts += [f"## {package}", table(("code", "status", "message"), list(rows))]
    return "\n\n".join(parts) + "\n"


def _package(error: type[DomainError]) -> str:
    """`hall.cases` for `hall.cases.errors`; `core` and `api` as a whole."""
    names = error.__module__.split(".")[:-1]
    return ".".join(names[:1] if names[0] in {"core", "api"} else names[:2])


def _order(error: type[DomainError]) -> tuple[int, str, str]:
    package = _package(error)
    return PACKAGES.index(package.split(".")[0]), package, error.code
