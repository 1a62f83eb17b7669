"""Recording and checking audit chains. A chain is named after what it is about: "case:<id>", "account:<id>", "keys"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.actor import Actor
from core.audit.chain import GENESIS, ChainReport, Link, canonical, check, link_hash
from core.db import IntegrityError, transaction
from core.errors import Conflict
from core.ids import new_id
from core.models import AuditEntry, AuditHead

_TRIES = 50


async def record(chain: str, action: str, *, at: datetime, actor: Actor, data: Mapping[str, Any] | None = None) -> str:
    """Append to `chain`, inside the caller's transaction; returns the new head hash. `data` holds ids, codes and hashes, no personal data.

    Writers of one chain take turns through the conditional update of its head.
    """
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    payload = canonical(dict(data or {}))
    for _ in range(_TRIES):
        head = await AuditHead.get_or_none(chain=chain)
        seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
        digest = link_hash(chain, seq, stamp, actor.kind, actor.id, action, payload, previous)
        if head is None:
            try:
                async with transaction():
                    await AuditHead.create(chain=chain, seq=seq, hash=digest)
            except IntegrityError:
                continue
        elif not await AuditHead.filter(chain=chain, seq=head.seq).update(seq=seq, hash=digest):
            continue
        await AuditEntry.create(
            id=new_id("audit"),
            chain=chain,
            seq=seq,
            at=stamp,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            data=payload,
            prev_hash=previous,
            hash=digest,
        )
        return digest
    raise Conflict()


async def links(chain: str) -> list[Link]:
    rows = await AuditEntry.filter(chain=chain).order_by("seq")
    return [Link(row.chain, row.seq, row.at, row.actor_kind, row.actor_id, row.action, row.data, row.prev_hash, row.hash) for row in rows]


async def verify(chain: str) -> ChainReport:
    """Recompute the whole chain; an empty chain without a head is intact."""
    head = await AuditHead.get_or_none(chain=chain)
    return check(chain, await links(chain), head_seq=head.seq if head else 0, head_hash=head.hash if head else GENESIS)
