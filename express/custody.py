"""The custody chain of a parcel: every hand it passed through, with the quality of the evidence, each link hashed onto the one before.

The hash is that of the audit chain (`core.audit.chain`), under the chain name "parcel:<id>", with the grade inside `data`. The head is
kept on the parcel, so that a cut-off end is noticed too; every change of state also writes the head into the audit chain of the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.actor import Actor
from core.audit.chain import ChainReport, Link, canonical, check, link_hash
from core.errors import Conflict, NotFound
from core.ids import new_id
from express.models import CustodyEvent, Parcel

_TRIES = 20


class Grade(StrEnum):
    """How good the evidence is, best first: a signed code scanned, the recipient's code, their word, the carrier's word, our own note."""

    SIGNED = "signed_code"
    PICKUP_CODE = "pickup_code"
    RECIPIENT = "recipient"
    CARRIER = "carrier"
    INTERNAL = "internal"


def chain_name(parcel_id: str) -> str:
    return f"parcel:{parcel_id}"


async def append(parcel_id: str, kind: str, grade: Grade, *, at: datetime, actor: Actor, data: Mapping[str, Any] | None = None) -> str:
    """Add a link inside the caller's transaction; returns the new head. `data` holds codes, ids and times only."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    payload = canonical({"grade": grade.value, **(data or {})})
    for _ in range(_TRIES):
        parcel = await Parcel.get(id=parcel_id)
        seq, previous = parcel.custody_seq + 1, parcel.custody_head
        digest = link_hash(chain_name(parcel_id), seq, stamp, actor.kind, actor.id, kind, payload, previous)
        # Writers of one chain take turns through this conditional update.
        if not await Parcel.filter(id=parcel_id, custody_seq=seq - 1).update(custody_seq=seq, custody_head=digest):
            continue
        await CustodyEvent.create(
            id=new_id("custody"),
            parcel_id=parcel_id,
            seq=seq,
            kind=kind,
            grade=grade.value,
            at=stamp,
            actor_kind=actor.kind,
            actor_id=actor.id,
            data=payload,
            prev_hash=previous,
            hash=digest,
        )
        return digest
    raise Conflict()


async def links(parcel_id: str) -> list[CustodyEvent]:
    return await CustodyEvent.filter(parcel_id=parcel_id).order_by("seq")


async def verify(parcel_id: str) -> ChainReport:
    """Recompute the whole chain. A grade that was raised in its own column is found out too, because the hash covers it in `data`."""
    parcel = await Parcel.get_or_none(id=parcel_id)
    if parcel is None:
        raise NotFound()
    name = chain_name(parcel_id)
    rows = await links(parcel_id)
    report = check(
        name,
        [Link(name, row.seq, row.at, row.actor_kind, row.actor_id, row.kind, row.data, row.prev_hash, row.hash) for row in rows],
        head_seq=parcel.custody_seq,
        head_hash=parcel.custody_head,
    )
    for row in rows:
        if f'"grade":"{row.grade}"' not in row.data:
            return ChainReport(name, False, row.seq - 1, row.prev_hash, row.seq, "altered")
    return report
