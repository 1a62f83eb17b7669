"""A company's shareholders and legal person asked as one batch: all of them or none, once for each reference."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import msgspec

from core import audit
from core.actor import Actor
from core.clock import Clock
from core.db import IntegrityError, transaction
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import new_id
from identity.relying_parties.errors import QuotaExceeded, ReferenceReused
from identity.relying_parties.models import RelyingParty, ShareholderBatch, VerificationRequest
from identity.relying_parties.moves import settled
from identity.relying_parties.parties import chain_of
from identity.relying_parties.requests import NewSubject, Purpose, Reference, Requests, all_cleaned
from identity.relying_parties.views import BatchView, CreatedBatch, CreatedRequest

MOST_SUBJECTS = 100


class NewBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reference`: the enterprise's own name for the batch. Each person has one too, unique among all requests."""

    reference: Reference
    company_name: Annotated[str, msgspec.Meta(min_length=2, max_length=128)]
    purpose: Purpose
    subjects: Annotated[list[NewSubject], msgspec.Meta(min_length=1, max_length=MOST_SUBJECTS)]

    def __repr__(self) -> str:
        return "NewBatch(…)"


class Batches:
    def __init__(self, *, clock: Clock, requests: Requests) -> None:
        self._clock, self._requests = clock, requests

    async def create(self, actor: Actor, new: NewBatch) -> CreatedBatch:
        """Ask everybody. The same reference with the same content gives the same batch, without the links.

        NotRegistered, NotApproved, KeyInvalid, QuotaExceeded, ReferenceReused, InvalidInput.
        """
        party = await self._requests.parties.party_of(actor)
        people = all_cleaned(new.subjects)
        _refuse_repeats(new, people)
        digests = [
            self._requests.content_digest(subject.reference, name, number, subject.role, new.purpose)
            for subject, (name, number) in zip(new.subjects, people, strict=True)
        ]
        digest = self._requests.content_digest(new.reference, new.company_name, new.purpose, *digests)
        if (earlier := await self._earlier(actor, party, new.reference, digest)) is not None:
            return earlier
        now = self._clock.now()
        created: list[CreatedRequest] = []
        try:
            async with transaction():
                await self._requests.parties.spend(party, len(people))
                await self._requests.keys.still_valid(actor)
                batch = await ShareholderBatch.create(
                    id=new_id("batch"),
                    relying_party_id=party.id,
                    reference=new.reference,
                    content_digest=digest,
                    company_name=new.company_name,
                    purpose=new.purpose,
                    total=len(people),
                    unsettled=len(people),
                    created_at=now,
                )
                for subject, (name, number), own in zip(new.subjects, people, digests, strict=True):
                    row, url = await self._requests.insert(party, subject, name, number, new.purpose, own, batch_id=batch.id)
                    created.append(CreatedRequest(self._requests.view(row, actor), url))
                data = {"batch": batch.id, "total": len(people)}
                await audit.record(chain_of(party.id), "shareholder_batch.created", at=now, actor=actor, data=data)
        except (IntegrityError, QuotaExceeded) as error:
            if (earlier := await self._earlier(actor, party, new.reference, digest)) is not None:
                return earlier
            references = [subject.reference for subject in new.subjects]
            if await VerificationRequest.filter(relying_party_id=party.id, reference__in=references).exists():
                raise ReferenceReused() from None
            raise Conflict() if isinstance(error, IntegrityError) else error from None
        return CreatedBatch(await self._view(batch), created)

    async def get(self, actor: Actor, batch_id: str) -> BatchView:
        party = await self._requests.parties.party_of(actor)
        batch = await ShareholderBatch.get_or_none(id=batch_id, relying_party_id=party.id)
        if batch is None:
            raise NotFound()
        return await self._view(batch)

    async def list_all(self, actor: Actor) -> list[BatchView]:
        """The newest 50."""
        party = await self._requests.parties.party_of(actor)
        rows = await ShareholderBatch.filter(relying_party_id=party.id).order_by("-id").limit(50)
        return [await self._view(row) for row in rows]

    async def _earlier(self, actor: Actor, party: RelyingParty, reference: str, digest: str) -> CreatedBatch | None:
        batch = await ShareholderBatch.get_or_none(relying_party_id=party.id, reference=reference)
        if batch is None:
            return None
        if batch.content_digest != digest:
            raise ReferenceReused()
        rows = await VerificationRequest.filter(batch_id=batch.id).order_by("id")
        views = [CreatedRequest(self._requests.view(row, actor), None) for row in rows]
        return CreatedBatch(await self._view(batch), views)

    async def _view(self, batch: ShareholderBatch) -> BatchView:
        now = self._clock.now()
        rows = [await settled(row, now) for row in await VerificationRequest.filter(batch_id=batch.id)]
        batch = await ShareholderBatch.get(id=batch.id)
        return BatchView(
            id=batch.id,
            reference=batch.reference,
            company_name=batch.company_name,
            purpose=batch.purpose,
            total=batch.total,
            counts=dict(Counter(row.state for row in rows)),
            is_done=batch.completed_at is not None,
            created_at=batch.created_at,
            completed_at=batch.completed_at,
        )


def _refuse_repeats(new: NewBatch, people: list[tuple[str, str]]) -> None:
    """The same reference, or the same person in the same role, twice in one batch."""
    wrong: dict[str, str] = {}
    references: set[str] = set()
    roles: set[tuple[str, str]] = set()
    for place, (subject, (_, number)) in enumerate(zip(new.subjects, people, strict=True)):
        if subject.reference in references:
            wrong[f"subjects[{place}].reference"] = "这个业务编号在本批中重复。"
        if (number, subject.role) in roles:
            wrong[f"subjects[{place}].document_number"] = "这个人以同一身份在本批中重复。"
        references.add(subject.reference)
        roles.add((number, subject.role))
    if wrong:
        raise InvalidInput(fields=wrong)
