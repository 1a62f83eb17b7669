"""Identity assertions: short-lived signed statements that somebody proved who he is, for one application and one document.

JWT (RFC 7519) signed with ES256 only. The subject is pairwise: another audience sees another pseudonym of the same person. The `jti`
belongs to the verification, so that asking twice does not give two uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from core.clock import Clock
from core.crypto import keyed_digest, same
from identity.config import IdentityConfig
from identity.liveness.errors import AssertionExpired, AssertionInvalid

LIFETIME = timedelta(minutes=5)
ALGORITHM = "ES256"
TYPE = "identity-assertion+jwt"
_MAX_LENGTH = 4096

Method = Literal["face", "counter", "video", "ukey"]
"""Of equal rank; whoever reads an assertion accepts any (`amr`)."""


def method_of(word: str) -> Method:
    """A verification's method, as it is stored. ValueError for an unknown one."""
    methods: dict[str, Method] = {"face": "face", "counter": "counter", "video": "video", "ukey": "ukey"}
    if word not in methods:
        raise ValueError("unknown method")
    return methods[word]


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`document_sha256` is null for an identification that is bound to the application only."""

    iss: str
    aud: str
    sub: str
    jti: str
    iat: int
    exp: int
    nonce: str
    application_id: str
    document_sha256: str | None
    amr: list[Method]
    engine: str | None
    policy: str | None


@dataclass(frozen=True)
class AssertionFacts:
    """What a consumed assertion proved, for the evidence of a signature."""

    verification_id: str
    account_id: str
    jti: str
    subject: str
    method: Method
    engine: str | None
    policy: str | None
    application_id: str
    document_sha256: str | None
    issued_at: datetime
    decided_at: datetime


def new_key_pem() -> bytes:
    """A fresh P-256 private key (PKCS#8), for development."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def load_key(config: IdentityConfig, local: Callable[[str, Callable[[], bytes]], bytes] | None) -> ec.EllipticCurvePrivateKey:
    """The signing key from settings, else from `local` (`LocalSecrets.file`: made once in the data folder, with a warning).

    ValueError when neither is there (production passes no `local`) or the key is not P-256.
    """
    if config.assertion_key_pem:
        pem = config.assertion_key_pem.replace("\\n", "\n").encode()
    elif local is not None:
        pem = local("identity-assertion.pem", new_key_pem)
    else:
        raise ValueError("ZT_IDENTITY_ASSERTION_KEY is required in production")
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("ZT_IDENTITY_ASSERTION_KEY is not a P-256 private key")
    return key


class Assertions:
    """`pairwise_key` (32 bytes) makes the subjects."""

    def __init__(self, *, clock: Clock, key: ec.EllipticCurvePrivateKey, pairwise_key: bytes, config: IdentityConfig) -> None:
        self._clock, self._pairwise, self._config = clock, pairwise_key, config
        self._key = ECKey.import_key(key)
        self._public = ECKey.import_key(key.public_key())
        self.key_id = self._public.thumbprint()

    def subject(self, account_id: str) -> str:
        return keyed_digest(self._pairwise, "sub", self._config.audience, account_id)[:32]

    def issue(
        self,
        *,
        account_id: str,
        jti: str,
        nonce: str,
        application_id: str,
        document_sha256: str | None,
        method: Method,
        engine: str | None,
        policy: str | None,
        usable_until: datetime,
    ) -> tuple[str, datetime]:
        """The token and when it ends: five minutes from now, or at `usable_until` if that comes first."""
        now = self._clock.now()
        issued, expires = int(now.timestamp()), int(min(now + LIFETIME, usable_until).timestamp())
        claims = Claims(
            iss=self._config.issuer,
            aud=self._config.audience,
            sub=self.subject(account_id),
            jti=jti,
            iat=issued,
            exp=expires,
            nonce=nonce,
            application_id=application_id,
            document_sha256=document_sha256,
            amr=[method],
            engine=engine,
            policy=policy,
        )
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self.key_id}
        token = jwt.encode(header, msgspec.to_builtins(claims), self._key, algorithms=[ALGORITHM])
        return token, datetime.fromtimestamp(expires, tz=now.tzinfo)

    def read(self, token: str) -> Claims:
        """Check signature, algorithm, type, issuer, audience and time. AssertionInvalid, AssertionExpired."""
        if len(token) > _MAX_LENGTH:
            raise AssertionInvalid()
        try:
            parsed = jwt.decode(token, self._public, algorithms=[ALGORITHM])
            claims = msgspec.convert(parsed.claims, Claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            # msgspec's ValidationError is a ValueError; the text of any of them may quote the token.
            raise AssertionInvalid() from None
        if parsed.header.get("typ") != TYPE or claims.iss != self._config.issuer or claims.aud != self._config.audience:
            raise AssertionInvalid()
        now = self._clock.now().timestamp()
        if claims.iat > now + 60 or len(claims.amr) != 1:
            raise AssertionInvalid()
        if now >= claims.exp:
            raise AssertionExpired()
        return claims

    def read_for(self, token: str, *, account_id: str, application_id: str, document_sha256: str | None) -> Claims:
        """`read`, and that it speaks of exactly this person, application and document."""
        claims = self.read(token)
        if not same(claims.sub, self.subject(account_id)) or claims.application_id != application_id:
            raise AssertionInvalid()
        if claims.document_sha256 != document_sha256:
            raise AssertionInvalid()
        return claims

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public key as a JWK set (RFC 7517)."""
        public = {name: str(value) for name, value in self._public.as_dict(private=False).items()}
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}
