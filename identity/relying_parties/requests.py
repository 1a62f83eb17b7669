"""What an enterprise asks: one person, or a company's people as a batch; then it looks, cancels and fetches results."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from tortoise.expressions import F

from core import audit
from core.actor import Actor
from core.clock import Clock
from core.crypto import BlindIndex, Cipher, keyed_digest
from core.db import IntegrityError, transaction
from core.errors import Conflict, InvalidInput, NotFound
from core.flow import IllegalMove
from core.ids import Cursor, new_id
from identity.accounts.errors import IdNumberInvalid, NameInvalid
from identity.accounts.service import clean_id_number, clean_name, mask_id_number, mask_name
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.errors import QuotaExceeded, ReferenceReused
from identity.relying_parties.flow import FAILED, INVITED, OPEN_STATES, REQUEST_FLOW, VERIFIED
from identity.relying_parties.keys import ApiKeys
from identity.relying_parties.models import RelyingParty, VerificationRequest
from identity.relying_parties.moves import move, settled, told
from identity.relying_parties.parties import RelyingParties, chain_of
from identity.relying_parties.views import CreatedRequest, RequestPage, RequestState, RequestView

Reference = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:/-]{1,64}\Z")]
Purpose = Annotated[str, msgspec.Meta(min_length=2, max_length=120)]
SUBJECT_INDEX = "relying_parties.subject"
_TOKEN_BYTES = 32
_FORGET_AT_ONCE = 500


class NewSubject(msgspec.Struct, frozen=True):
    """`reference`: the enterprise's own name for this, unique among its requests. `document_number`: a resident's ID number."""

    reference: Reference
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    document_number: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    role: Literal["shareholder", "legal_person"]

    def __repr__(self) -> str:
        return "NewSubject(…)"


class NewRequest(NewSubject, frozen=True, forbid_unknown_fields=True):
    """`purpose` is shown to the person who is asked."""

    purpose: Purpose

    def __repr__(self) -> str:
        return "NewRequest(…)"


class RequestQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: RequestState | None = None
    batch_id: Annotated[str, msgspec.Meta(max_length=48)] | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class Requests:
    """`key` (32 bytes) makes the digests of invitations and contents; `link` is what a token is appended to."""

    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        index: BlindIndex,
        parties: RelyingParties,
        keys: ApiKeys,
        key: bytes,
        link: str,
        config: RelyingPartyConfig,
    ) -> None:
        self._clock, self._cipher, self._index, self._key = clock, cipher, index, key
        self.parties, self.keys, self._link, self._config = parties, keys, link, config

    async def create(self, actor: Actor, new: NewRequest) -> CreatedRequest:
        """Ask one person. The same reference with the same content gives the same request, once.

        NotRegistered, NotApproved, KeyInvalid, QuotaExceeded, ReferenceReused, InvalidInput.
        """
        party = await self.parties.party_of(actor)
        name, number = cleaned(new)
        digest = self.content_digest(new.reference, name, number, new.role, new.purpose)
        if (earlier := await self._earlier(actor, party, new.reference, digest)) is not None:
            return earlier
        try:
            async with transaction():
                await self.parties.spend(party, 1)
                await self.keys.still_valid(actor)
                row, url = await self.insert(party, new, name, number, new.purpose, digest)
                data = {"request": row.id, "role": new.role}
                await audit.record(chain_of(party.id), "verification_request.created", at=row.created_at, actor=actor, data=data)
        except (IntegrityError, QuotaExceeded) as error:
            # A twin with the same reference came first; it may also have taken the last of the quota.
            if (earlier := await self._earlier(actor, party, new.reference, digest)) is not None:
                return earlier
            raise Conflict() if isinstance(error, IntegrityError) else error from None
        return CreatedRequest(self.view(row, actor), url)

    async def _earlier(self, actor: Actor, party: RelyingParty, reference: str, digest: str) -> CreatedRequest | None:
        row = await VerificationRequest.get_or_none(relying_party_id=party.id, reference=reference)
        if row is None:
            return None
        if row.content_digest != digest:
            raise ReferenceReused()
        return CreatedRequest(self.view(await settled(row, self._clock.now()), actor), None)

    async def insert(
        self, party: RelyingParty, new: NewSubject, name: str, number: str, purpose: str, digest: str, *, batch_id: str | None = None
    ) -> tuple[VerificationRequest, str]:
        """The row and its invitation, inside the caller's transaction. IntegrityError when the reference is taken."""
        row_id, now = new_id("vreq"), self._clock.now()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        row = await VerificationRequest.create(
            id=row_id,
            relying_party_id=party.id,
            batch_id=batch_id,
            reference=new.reference,
            content_digest=digest,
            role=new.role,
            purpose=purpose,
            name_sealed=self._cipher.seal(name.encode(), context=_context("name", row_id)),
            number_sealed=self._cipher.seal(number.encode(), context=_context("number", row_id)),
            subject_index=self.subject_index(name, number),
            state=INVITED,
            created_at=now,
            expires_at=now + timedelta(days=self._config.request_days),
            invitation_digest=self.invitation_digest(token),
        )
        await told(row, INVITED, now)
        return row, self._link + token

    async def list_page(self, actor: Actor, query: RequestQuery) -> RequestPage:
        """Newest first."""
        party = await self.parties.party_of(actor)
        rows = VerificationRequest.filter(relying_party_id=party.id)
        if query.state is not None:
            rows = rows.filter(state=query.state)
        if query.batch_id is not None:
            rows = rows.filter(batch_id=query.batch_id)
        if query.cursor is not None:
            rows = rows.filter(id__lt=query.cursor)
        found = await rows.order_by("-id").limit(query.limit + 1)
        shown = found[: query.limit]
        return RequestPage([self.view(row, actor) for row in shown], shown[-1].id if len(found) > query.limit else None)

    async def get(self, actor: Actor, request_id: str) -> RequestView:
        return self.view(await self.own(actor, request_id), actor)

    async def cancel(self, actor: Actor, request_id: str) -> RequestView:
        """Take the question back; the link leads nowhere from now on. NotFound, IllegalMove, Conflict."""
        row = await self.own(actor, request_id)
        async with transaction():
            await self.keys.still_valid(actor)
            await move(row, "cancel", actor, at=self._clock.now())
        return self.view(await VerificationRequest.get(id=row.id), actor)

    async def invite_again(self, actor: Actor, request_id: str) -> CreatedRequest:
        """A new link in place of the old one, which ends. NotFound; IllegalMove once the person has answered or the request is over."""
        row = await self.own(actor, request_id)
        if row.state != INVITED:
            raise IllegalMove()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        async with transaction():
            await self.keys.still_valid(actor)
            unanswered = VerificationRequest.filter(id=row.id, state=INVITED, version=row.version)
            digest = self.invitation_digest(token)
            if not await unanswered.update(invitation_digest=digest, invitation_used_by=None, version=F("version") + 1):
                raise Conflict()
            data = {"request": row.id}
            await audit.record(
                chain_of(row.relying_party_id), "verification_request.invited_again", at=self._clock.now(), actor=actor, data=data
            )
        return CreatedRequest(self.view(await VerificationRequest.get(id=row.id), actor), self._link + token)

    async def own(self, actor: Actor, request_id: str) -> VerificationRequest:
        """A request of the caller's relying party. NotFound, also for another's."""
        party = await self.parties.party_of(actor)
        row = await VerificationRequest.get_or_none(id=request_id, relying_party_id=party.id)
        if row is None:
            raise NotFound()
        return await settled(row, self._clock.now())

    async def expire_due(self) -> int:
        """End the requests whose time is over; returns how many were looked at."""
        now = self._clock.now()
        rows = await VerificationRequest.filter(state__in=list(OPEN_STATES), expires_at__lte=now).order_by("expires_at").limit(200)
        for row in rows:
            await settled(row, now)
        return len(rows)

    async def forget_old(self) -> int:
        """Delete names and numbers of requests that ended long ago; returns how many."""
        before = self._clock.now() - timedelta(days=self._config.keep_days)
        old = await VerificationRequest.filter(ended_at__lt=before).exclude(subject_index=None).limit(_FORGET_AT_ONCE)
        return await VerificationRequest.filter(id__in=[row.id for row in old]).update(
            name_sealed=None, number_sealed=None, subject_index=None
        )

    def content_digest(self, *parts: str) -> str:
        return keyed_digest(self._key, "content", *parts)

    def invitation_digest(self, token: str) -> str:
        return keyed_digest(self._key, "invitation", token)

    def subject_index(self, name: str, number: str) -> str:
        return self._index.of(f"{number}:{name}", context=SUBJECT_INDEX)

    def person_of(self, row: VerificationRequest) -> tuple[str, str] | None:
        """Name and number in clear; None once they are forgotten."""
        if row.name_sealed is None or row.number_sealed is None:
            return None
        name = self._cipher.open(row.name_sealed, context=_context("name", row.id)).decode()
        return name, self._cipher.open(row.number_sealed, context=_context("number", row.id)).decode()

    def view(self, row: VerificationRequest, actor: Actor) -> RequestView:
        person = self.person_of(row)
        actions = REQUEST_FLOW.allowed_actions(row.state, actor)
        return RequestView(
            id=row.id,
            reference=row.reference,
            batch_id=row.batch_id,
            role=row.role,
            purpose=row.purpose,
            name=mask_name(person[0]) if person else None,
            document_number=mask_id_number(person[1]) if person else None,
            state=row.state,
            created_at=row.created_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            allowed_actions=[
                *actions,
                *(["invite_again"] if row.state == INVITED else []),
                *(["show_result"] if row.state in {VERIFIED, FAILED} else []),
            ],
        )


def cleaned(new: NewSubject) -> tuple[str, str]:
    """Name and number as documents write them; InvalidInput names the field of the two."""
    try:
        name = clean_name(new.name)
    except NameInvalid:
        raise InvalidInput(fields={"name": NameInvalid.message}) from None
    try:
        return name, clean_id_number(new.document_number)
    except IdNumberInvalid:
        raise InvalidInput(fields={"document_number": IdNumberInvalid.message}) from None


def all_cleaned(subjects: Sequence[NewSubject]) -> list[tuple[str, str]]:
    """`cleaned` for each; InvalidInput names the place of each wrong one."""
    found: list[tuple[str, str]] = []
    wrong: dict[str, str] = {}
    for place, subject in enumerate(subjects):
        try:
            found.append(cleaned(subject))
        except InvalidInput as error:
            wrong |= {f"subjects[{place}].{name}": text for name, text in error.fields.items()}
    if wrong:
        raise InvalidInput(fields=wrong)
    return found


def _context(field_name: str, row_id: str) -> str:
    return f"identity_verification_request.{field_name}:{row_id}"
