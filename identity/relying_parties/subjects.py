"""The person who is asked: opens the link, sees who asks and why, agrees or not; and what a decided verification means for the request.

Whose a request is follows from the declared name and ID number, which an authority confirmed: a link in other hands opens nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.cache import Cache, limit
from core.clock import Clock
from core.db import transaction
from core.errors import NotFound
from identity.accounts.service import Accounts, NotDeclared
from identity.liveness.errors import AssertionInvalid, AssertionUsed, NotAccepted
from identity.liveness.events import VerificationDecided
from identity.liveness.service import Verifications
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.consent import TEXT, TEXT_SHA256, VERSION
from identity.relying_parties.errors import InvitationInvalid, RequestConsentChanged
from identity.relying_parties.events import RequestMoved
from identity.relying_parties.flow import CONSENTED, FAILED, INVITED, OPEN_STATES, REQUEST_FLOW, WAYS, WITHOUT_FACE
from identity.relying_parties.models import RelyingParty, ShareholderBatch, VerificationRequest
from identity.relying_parties.moves import move, settled
from identity.relying_parties.ports import Inviter
from identity.relying_parties.requests import Requests
from identity.relying_parties.views import AskedView

ASSURANCE = "L3"
"""Face and counter are of equal rank, so the enterprise reads the same of both."""
_OPENINGS_PER_HOUR = 30


class Subjects:
    def __init__(
        self,
        *,
        clock: Clock,
        cache: Cache,
        accounts: Accounts,
        verifications: Verifications,
        requests: Requests,
        inviter: Inviter,
        config: RelyingPartyConfig,
    ) -> None:
        self._clock, self._cache, self._accounts = clock, cache, accounts
        self._verifications, self._requests, self._inviter, self._config = verifications, requests, inviter, config

    async def open_invitation(self, actor: Actor, token: str) -> AskedView:
        """Use a link; the same person may follow it again, nobody else. NotDeclared, TooManyRequests, InvitationInvalid."""
        await limit(self._cache, f"invitation:{actor.id}", times=_OPENINGS_PER_HOUR, seconds=3600)
        mine = await self._index(actor)
        row = await VerificationRequest.get_or_none(invitation_digest=self._requests.invitation_digest(token), subject_index=mine)
        if row is None or (await settled(row, self._clock.now())).state not in OPEN_STATES:
            raise InvitationInvalid()
        if row.invitation_used_by is None:
            now = self._clock.now()
            async with transaction():
                unused = VerificationRequest.filter(id=row.id, invitation_digest=row.invitation_digest, invitation_used_by=None)
                if await unused.update(invitation_used_by=actor.id):
                    data = {"request": row.id, "relying_party": row.relying_party_id}
                    await audit.record(f"account:{actor.id}", "verification_request.opened", at=now, actor=actor, data=data)
        row = await VerificationRequest.get(id=row.id)
        if row.invitation_used_by != actor.id:
            raise InvitationInvalid()
        return await self._view(row, actor)

    async def list_mine(self, actor: Actor) -> list[AskedView]:
        """What the caller is or was asked, the newest 50; empty before name and number are declared."""
        try:
            mine = await self._index(actor)
        except NotDeclared:
            return []
        rows = await VerificationRequest.filter(subject_index=mine).order_by("-id").limit(50)
        return [await self._view(await settled(row, self._clock.now()), actor) for row in rows]

    async def get(self, actor: Actor, request_id: str) -> AskedView:
        return await self._view(await self._mine(actor, request_id), actor)

    async def consent(self, actor: Actor, request_id: str, version: str) -> AskedView:
        """Agree; then a face check or the counter with `application_id` = the request's id decides. Repeating is harmless.

        NotFound, RequestConsentChanged, IllegalMove, Conflict.
        """
        row = await self._mine(actor, request_id)
        if version != VERSION:
            raise RequestConsentChanged()
        if row.state != CONSENTED:
            now = self._clock.now()
            async with transaction():
                await move(
                    row,
                    "consent",
                    actor,
                    at=now,
                    account_id=actor.id,
                    consent_version=VERSION,
                    consent_sha256=TEXT_SHA256,
                    consented_at=now,
                    invitation_digest=None,
                )
                data = {"request": row.id, "relying_party": row.relying_party_id, "version": VERSION, "text_sha256": TEXT_SHA256}
                await audit.record(f"account:{actor.id}", "verification_request.consented", at=now, actor=actor, data=data)
        return await self.get(actor, request_id)

    async def decline(self, actor: Actor, request_id: str) -> AskedView:
        """Say no, also after having said yes and before the verdict. NotFound, IllegalMove, Conflict."""
        row = await self._mine(actor, request_id)
        now = self._clock.now()
        async with transaction():
            await move(row, "decline", actor, at=now)
            data = {"request": row.id, "relying_party": row.relying_party_id}
            await audit.record(f"account:{actor.id}", "verification_request.declined", at=now, actor=actor, data=data)
        return await self.get(actor, request_id)

    async def note_decision(self, event: VerificationDecided) -> None:
        """A proof of identity was decided, whatever the way; refused face checks are counted. Idempotent."""
        row = await VerificationRequest.get_or_none(id=event.application_id, account_id=event.account_id)
        if row is None:
            return
        if event.outcome == "accept":
            await self._verified(row, event)
        elif event.outcome == "reject" and event.method == "face" and row.state == CONSENTED:
            person = Actor(Role.CITIZEN, event.account_id)
            checks = await self._verifications.list_mine(person, row.id)
            if sum(check.outcome == "reject" and check.method == "face" for check in checks) >= self._config.failed_checks:
                async with transaction():
                    await move(row, "fail", SYSTEM, at=self._clock.now())

    async def _verified(self, row: VerificationRequest, event: VerificationDecided) -> None:
        action = {CONSENTED: "verify", FAILED: "verify_without_face" if event.method != "face" else ""}.get(row.state)
        if not action:
            return
        person = Actor(Role.CITIZEN, event.account_id)
        try:
            check = await self._verifications.get(person, event.verification_id)
            token = (await self._verifications.assertion(person, check.id)).assertion
            now = self._clock.now()
            async with transaction():
                await self._requests.parties.note_verified(row.relying_party_id)
                await move(row, action, SYSTEM, at=now, verification_id=check.id, assurance=ASSURANCE, verified_at=now)
                await self._verifications.consume(
                    token, application_id=row.id, document_sha256=check.document_sha256, account_id=event.account_id
                )
        except (NotAccepted, AssertionUsed, AssertionInvalid, NotFound):
            # Its time is over or it served elsewhere: the person proves himself anew, and the request stays open.
            return

    async def may_come(self, actor: Actor, request_id: str) -> bool:
        """Whether a counter may prove who the caller is for this request; False for unknown and foreign alike."""
        try:
            row = await self._mine(actor, request_id)
        except NotFound:
            return False
        return WITHOUT_FACE in WAYS.get(row.state, ())

    async def titles(self, request_ids: Collection[str]) -> dict[str, str]:
        """What a clerk reads of requests, by id; unknown ids are left out."""
        rows = await VerificationRequest.filter(id__in=list(request_ids))
        parties = {party.id: party.name for party in await RelyingParty.filter(id__in=[row.relying_party_id for row in rows])}
        return {row.id: f"{parties[row.relying_party_id]}请求的身份核验" for row in rows if row.relying_party_id in parties}

    async def notify(self, event: RequestMoved) -> None:
        """Tell a person whom we know by WeChat that somebody asks; the enterprise does not learn whether we did. UpstreamUnavailable."""
        row = await VerificationRequest.get_or_none(id=event.request_id, state=INVITED, notified_at=None)
        person = self._requests.person_of(row) if row is not None else None
        if row is None or person is None:
            return
        account_id = await self._accounts.find_by_id_number(person[1])
        if account_id is None or (await self._accounts.identity_of(account_id)).name != person[0]:
            return
        party = await RelyingParty.get(id=row.relying_party_id)
        await self._inviter.invite(account_id, organisation=party.name, at=row.created_at, reference=row.id[-12:].upper())
        await VerificationRequest.filter(id=row.id).update(notified_at=self._clock.now())

    async def _index(self, actor: Actor) -> str:
        identity = await self._accounts.identity_of(actor.id)
        return self._requests.subject_index(identity.name, identity.id_number)

    async def _mine(self, actor: Actor, request_id: str) -> VerificationRequest:
        """NotFound, also for whoever has declared nothing: such a one is asked nothing."""
        try:
            mine = await self._index(actor)
        except NotDeclared:
            raise NotFound() from None
        row = await VerificationRequest.get_or_none(id=request_id, subject_index=mine)
        if row is None:
            raise NotFound()
        return await settled(row, self._clock.now())

    async def _view(self, row: VerificationRequest, actor: Actor) -> AskedView:
        party = await RelyingParty.get(id=row.relying_party_id)
        batch = await ShareholderBatch.get_or_none(id=row.batch_id) if row.batch_id else None
        return AskedView(
            id=row.id,
            organisation=party.name,
            uscc=party.uscc,
            company_name=batch.company_name if batch else None,
            role=row.role,
            purpose=row.purpose,
            state=row.state,
            created_at=row.created_at,
            expires_at=row.expires_at,
            consent_version=VERSION,
            consent_text=TEXT,
            ways=list(WAYS.get(row.state, ())),
            allowed_actions=REQUEST_FLOW.allowed_actions(row.state, actor),
        )
