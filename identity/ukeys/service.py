"""Ask a U-key to sign a challenge, and believe whom its certificate names if that is the account's holder."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from core import audit
from core.actor import SYSTEM, Actor
from core.cache import Cache, limit
from core.clock import Clock
from core.crypto import same
from core.db import transaction
from core.errors import NotFound
from core.ids import new_id
from identity.accounts.errors import IdNumberInvalid
from identity.accounts.service import Accounts, clean_id_number
from identity.liveness.service import Identifications, RouteReport
from identity.ukeys.config import UkeyConfig
from identity.ukeys.errors import UkeyChallengeOver, UkeyMissing, UkeyOfAnother, UkeyRefused
from identity.ukeys.models import UkeyChallenge
from identity.ukeys.ports import KeyHolder, Refused, UkeyVerifier
from identity.ukeys.views import UkeyChallengeView, UkeyPassed
from identity.ukeys.x509_keys import load_ukeys

__all__ = ["UkeyConfig", "Ukeys", "load_ukeys", "ukey_report"]

LIFETIME = timedelta(minutes=10)
"""Long enough to carry a file to the program beside the key and to bring its answer back."""
TRIES_PER_HOUR = 10
KEEP = timedelta(days=400)


class Ukeys:
    """`verifier`: None where no authority is configured."""

    def __init__(
        self, *, clock: Clock, cache: Cache, accounts: Accounts, verifier: UkeyVerifier | None, identifications: Identifications
    ) -> None:
        self._clock, self._cache, self._accounts = clock, cache, accounts
        self._verifier, self._identifications = verifier, identifications

    async def challenge(self, actor: Actor, *, application_id: str, document_sha256: str | None) -> UkeyChallengeView:
        """Something to sign. UkeyMissing, NotDeclared, TooManyRequests."""
        if self._verifier is None:
            raise UkeyMissing()
        await self._accounts.identity_of(actor.id)
        await limit(self._cache, f"ukey:{actor.id}", times=TRIES_PER_HOUR, seconds=3600)
        now = self._clock.now()
        row = await UkeyChallenge.create(
            id=new_id("ukey"),
            account_id=actor.id,
            application_id=application_id,
            document_sha256=document_sha256,
            nonce=secrets.token_urlsafe(32),
            created_at=now,
            expires_at=now + LIFETIME,
        )
        return UkeyChallengeView(row.id, _message(row), row.expires_at)

    async def prove(self, actor: Actor, challenge_id: str, *, certificates: Sequence[bytes], signature: bytes) -> UkeyPassed:
        """Check a signature over the challenge; right or wrong, the challenge is used up.

        UkeyMissing, NotFound, UkeyChallengeOver, UkeyRefused, UkeyOfAnother.
        """
        if self._verifier is None:
            raise UkeyMissing()
        row = await UkeyChallenge.get_or_none(id=challenge_id, account_id=actor.id)
        if row is None:
            raise NotFound()
        identity, now = await self._accounts.identity_of(actor.id), self._clock.now()
        if not await UkeyChallenge.filter(id=row.id, used_at=None, expires_at__gt=now).update(used_at=now):
            raise UkeyChallengeOver()
        try:
            holder = self._verifier.verify(certificates, _message(row).encode(), signature, now)
        except Refused as refused:
            await self._refuse(row, actor, str(refused))
            raise UkeyRefused() from None
        if not (same(holder.name, identity.name) and same(_number(holder), identity.id_number)):
            await self._refuse(row, actor, "other_person")
            raise UkeyOfAnother()
        async with transaction():
            verification_id = await self._identifications.record(
                SYSTEM,
                method="ukey",
                account_id=actor.id,
                application_id=row.application_id,
                document_sha256=row.document_sha256,
                outcome="accept",
                evidence={"challenge": row.id, "certificate_serial": holder.serial, "issuer_sha256": holder.issuer_sha256},
            )
            await UkeyChallenge.filter(id=row.id).update(is_passed=True)
        return UkeyPassed(verification_id)

    async def forget_old(self) -> int:
        """Delete challenges after 400 days; until then the parity of the routes is counted from them."""
        return await UkeyChallenge.filter(expires_at__lt=self._clock.now() - KEEP).delete()

    async def _refuse(self, row: UkeyChallenge, actor: Actor, reason: str) -> None:
        async with transaction():
            data = {"challenge": row.id, "reason": reason}
            await audit.record(f"account:{actor.id}", "identity.ukey_refused", at=self._clock.now(), actor=actor, data=data)


def _message(row: UkeyChallenge) -> str:
    """Names its purpose first, so that a signature over it can be used for nothing else, and over nothing else for it."""
    parts = ("zerotrip-identity-ukey-v1", row.id, row.account_id, row.application_id, row.document_sha256 or "-", row.nonce)
    return "\n".join(parts)


def _number(holder: KeyHolder) -> str:
    try:
        return clean_id_number(holder.id_number)
    except IdNumberInvalid:
        return ""


async def ukey_report(since: datetime) -> RouteReport:
    """How U-keys serve people, over the latest 10,000 challenges since then. A challenge without a signature came to nothing."""
    rows = await UkeyChallenge.filter(created_at__gte=since).order_by("-created_at").limit(10_000)
    times = [(row.used_at - row.created_at).total_seconds() for row in rows if row.used_at is not None]
    accepted = sum(row.is_passed for row in rows)
    return RouteReport(
        method="ukey",
        started=len(rows),
        accepted=accepted,
        rejected=len(times) - accepted,
        manual_review=0,
        expired=len(rows) - len(times),
        median_seconds=median(times) if times else None,
        completed_share=round(len(times) / len(rows), 4) if rows else None,
        accepted_share=round(accepted / len(times), 4) if times else None,
    )
