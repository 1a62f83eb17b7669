"""Identification by a clerk at a counter: of equal rank with the face, and with the same assertion at its end."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from tortoise.expressions import F

from core import audit
from core.actor import Actor, Role
from core.clock import Clock
from core.db import transaction
from core.errors import Forbidden, InvalidInput
from identity.accounts.service import COUNTER_PERMISSION, Accounts, Staff, clean_id_number
from identity.liveness.errors import DocumentMismatch, OwnCounter
from identity.liveness.flow import CAPTURING, CREATED, DECIDED, EXPIRED
from identity.liveness.identifying import Identifications
from identity.liveness.models import Verification
from identity.liveness.views import CounterView, HolderView

REQUIRED_CHECKS = frozenset({"document_genuine", "holder_matches_photo", "number_matches_account"})

ProofDoubt = Literal["another_person", "forged_document", "stolen_account", "at_own_wish"]
"""Why a proof in person is taken back."""
Check = Literal["document_genuine", "holder_matches_photo", "number_matches_account"]


class CounterEvidence(msgspec.Struct, frozen=True):
    """What the clerk examined; all three checks are needed. `id_number` as read from the document, compared and not stored."""

    document_kind: Literal["resident_id_card", "temporary_id_card", "household_register", "permanent_residence_card"]
    checked: Annotated[list[Check], msgspec.Meta(max_length=8)]
    id_number: Annotated[str, msgspec.Meta(max_length=32)] | None = None

    def __repr__(self) -> str:
        return "CounterEvidence(…)"


class CounterIdentification:
    def __init__(self, *, clock: Clock, accounts: Accounts, staff: Staff, identifications: Identifications) -> None:
        self._clock, self._accounts, self._staff, self._identifications = clock, accounts, staff, identifications

    async def holder(self, clerk: Actor, account_id: str) -> HolderView:
        await self._admit(clerk, account_id)
        identity = await self._accounts.identity_of(account_id)
        async with transaction():
            await audit.record(f"account:{account_id}", "identity.viewed_at_counter", at=self._clock.now(), actor=clerk)
        return HolderView(account_id, identity.name, identity.id_number, identity.level.label)

    async def identify(
        self, clerk: Actor, account_id: str, application_id: str, document_sha256: str | None, evidence: CounterEvidence
    ) -> CounterView:
        identity = await self._accounts.identity_of(account_id)
        await self._admit(clerk, account_id)
        if not REQUIRED_CHECKS.issubset(evidence.checked):
            raise InvalidInput(fields={"checked": "请核对证件真伪、人证一致和证件号码三项后再提交。"})
        if evidence.id_number is not None and clean_id_number(evidence.id_number) != identity.id_number:
            raise DocumentMismatch()
        facts = {"document_kind": evidence.document_kind, "checked": sorted(set(evidence.checked))}
        async with transaction():
            verification_id = await self._identifications.record(
                clerk,
                method="counter",
                account_id=account_id,
                application_id=application_id,
                document_sha256=document_sha256,
                outcome="accept",
                evidence=facts,
            )
        return CounterView(verification_id, account_id, application_id, "accept")

    async def revoke_proof(self, clerk: Actor, account_id: str, reason: ProofDoubt) -> None:
        """A clerk found that the account was not proven by its holder: L3 falls to L2, and open checks end."""
        await self._accounts.identity_of(account_id)
        await self._admit(clerk, account_id)
        now = self._clock.now()
        async with transaction():
            await Verification.filter(account_id=account_id, state__in=[CREATED, CAPTURING, DECIDED]).update(
                state=EXPIRED, open_for=None, version=F("version") + 1
            )
            if await self._accounts.unprove(account_id):
                data = {"reason": reason}
                await audit.record(f"account:{account_id}", "identity.proof_revoked", at=now, actor=clerk, data=data)

    async def _admit(self, clerk: Actor, account_id: str) -> None:
        if clerk.kind is not Role.CLERK or not clerk.may(COUNTER_PERMISSION):
            raise Forbidden()
        if await self._staff.is_same_person(clerk.id, account_id):
            raise OwnCounter()
