"""Which audit chains there are, for whoever checks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

from core.db import is_postgres


@dataclass(frozen=True)
class ChainHead:
    chain: str
    length: int
    head: str
    last_at: datetime


async def chains(*, kind: str | None = None, text: str = "", also: Sequence[str] = (), limit: int = 50, offset: int = 0) -> list[ChainHead]:
    """The chains written to last come first. `kind` is what stands before the colon; `text` is a part of the name, and `also` names
    chains that the caller found in another way."""
    values: list[Any] = []

    def mark(value: Any) -> str:
        values.append(value)
        return f"${len(values)}" if is_postgres() else "?"

    wanted = ["1 = 1"]
    if kind:
        wanted.append(f"(h.chain = {mark(kind)} OR h.chain LIKE {mark(_literal(kind) + ':%')} ESCAPE '!')")
    if text:
        named = [f"h.chain LIKE {mark('%' + _literal(text.lower()) + '%')} ESCAPE '!'", *(f"h.chain = {mark(name)}" for name in also)]
        wanted.append(f"({' OR '.join(named)})")
    found = "core_audit_head h JOIN core_audit_entry e ON e.chain = h.chain AND e.seq = h.seq"
    page = f"ORDER BY e.id DESC LIMIT {mark(limit)} OFFSET {mark(offset)}"
    # Only placeholders and constants are put together here; every value is a parameter.
    query = f"SELECT h.chain, h.seq, h.hash, e.at FROM {found} WHERE {' AND '.join(wanted)} {page}"  # noqa: S608
    rows = await get_connection("default").execute_query_dict(query, values)
    return [ChainHead(row["chain"], row["seq"], row["hash"], datetime.fromisoformat(row["at"])) for row in rows]


def _literal(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
