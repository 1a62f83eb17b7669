"""Results: a verdict and a level, as a JWT (RFC 7519) signed with the key of the published JWK set.

The subject is pairwise for each relying party. Nothing says whether a face or a clerk decided: both are of equal rank.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from core.actor import Actor
from core.clock import Clock
from core.crypto import keyed_digest
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.errors import ResultPending
from identity.relying_parties.flow import FAILED, VERIFIED
from identity.relying_parties.requests import Requests
from identity.relying_parties.views import ResultView

ALGORITHM = "ES256"
TYPE = "verification-result+jwt"


class ResultClaims(msgspec.Struct, frozen=True, omit_defaults=True):
    """`aud` is the relying party, `jti` the request, `sub` the person as only this relying party knows him (verified ones)."""

    iss: str
    aud: str
    jti: str
    iat: int
    exp: int
    reference: str
    role: str
    verdict: Literal["verified", "not_verified"]
    sub: str | None = None
    assurance: str | None = None
    verified_at: int | None = None
    batch_id: str | None = None


class Results:
    """`pairwise_key` (32 bytes) makes the subjects; `issuer` is that of identity assertions."""

    def __init__(
        self,
        *,
        clock: Clock,
        requests: Requests,
        key: ec.EllipticCurvePrivateKey,
        pairwise_key: bytes,
        issuer: str,
        config: RelyingPartyConfig,
    ) -> None:
        self._clock, self._requests, self._pairwise, self._issuer = clock, requests, pairwise_key, issuer
        self._life = timedelta(hours=config.result_hours)
        self._key = ECKey.import_key(key)
        self._key_id = ECKey.import_key(key.public_key()).thumbprint()

    async def result(self, actor: Actor, request_id: str) -> ResultView:
        """The verdict of a request of the caller's, freshly signed. NotFound, ResultPending."""
        row = await self._requests.own(actor, request_id)
        if row.state not in {VERIFIED, FAILED}:
            raise ResultPending()
        now = self._clock.now()
        expires_at = datetime.fromtimestamp(int((now + self._life).timestamp()), tz=now.tzinfo)
        verdict: Literal["verified", "not_verified"] = "verified" if row.state == VERIFIED else "not_verified"
        sub = keyed_digest(self._pairwise, "sub", row.relying_party_id, row.account_id or "")[:32] if row.state == VERIFIED else None
        claims = ResultClaims(
            iss=self._issuer,
            aud=row.relying_party_id,
            jti=row.id,
            iat=int(now.timestamp()),
            exp=int(expires_at.timestamp()),
            reference=row.reference,
            role=row.role,
            verdict=verdict,
            sub=sub,
            assurance=row.assurance,
            verified_at=int(row.verified_at.timestamp()) if row.verified_at else None,
            batch_id=row.batch_id,
        )
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key_id}
        token = jwt.encode(header, msgspec.to_builtins(claims), self._key, algorithms=[ALGORITHM])
        return ResultView(row.id, verdict, row.assurance, row.verified_at, token, expires_at)
