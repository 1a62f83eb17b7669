"""The key store: who signs with what just now, and what the trust list says about every key there ever was.

Keys are made by the local test authority. A real seal provider or an HSM takes its place behind the same three questions:
`identity`, `certificates`, `roots`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from esign import authority
from esign.authority import AUTHORITY_PURPOSES, PLATFORM_PURPOSES, Purpose
from esign.credentials.trust_list import State, TrustEntry, entry_for
from esign.errors import RootKeyFixed, SigningKeyUnavailable, SigningKeyUnknown
from esign.models import SigningKey
from esign.revocation import issue_crl
from esign.signer import SigningIdentity

PLATFORM = "zerotrip"
PLATFORM_NAME = "零跑办平台（测试）"
_ROOT = "root"
_DRIFT = timedelta(minutes=5)
_ATTEMPTS = 5


class KeyStore:
    """`key_life`: how long a key may sign. `overlap`: how long a new key is listed before it signs; at least a trust list's life.
    `crl_url`: where others fetch our revocation lists; new certificates name it, and none where it is empty."""

    def __init__(
        self,
        cipher: Cipher,
        clock: Clock,
        *,
        key_life: timedelta = timedelta(days=730),
        overlap: timedelta = timedelta(days=7),
        may_make_keys: bool = True,
        crl_url: str = "",
    ) -> None:
        self._cipher = cipher
        self._clock = clock
        self._key_life = key_life
        self._overlap = overlap
        self._may_make_keys = may_make_keys
        self.crl_url = crl_url
        self._opened: dict[str, SigningIdentity] = {}

    async def ensure_local_authority(self, authority_code: str, name: str) -> None:
        """Make what is missing of root, platform keys and this authority's keys. Safe to call again and from several processes at once.

        Raises SigningKeyUnavailable in production (`may_make_keys` is False), where keys come from a qualified provider.
        """
        if not self._may_make_keys:
            raise SigningKeyUnavailable
        await self._ensure(Purpose.ROOT, _ROOT, authority.ROOT_NAME)
        for purpose in PLATFORM_PURPOSES:
            await self._ensure(purpose, PLATFORM, PLATFORM_NAME)
        for purpose in AUTHORITY_PURPOSES:
            await self._ensure(purpose, authority_code, name)

    async def identity(self, purpose: Purpose, authority_code: str = PLATFORM) -> SigningIdentity:
        """The key that signs now: the newest that has begun to sign and is neither retired, expired nor compromised.

        Trust list, timestamp and citizen keys belong to `PLATFORM`. Raises SigningKeyUnavailable.
        """
        now = self._clock.now()
        rows = await SigningKey.filter(purpose=purpose.value, authority_code=authority_code).order_by("-generation")
        for row in rows:
            if row.signs_from_at <= now < row.not_after and row.not_before <= now and state_at(row, now) == "active":
                return await self._open(row)
        raise SigningKeyUnavailable

    async def certificates(self) -> tuple[TrustEntry, ...]:
        """Every key as the trust list shows it now: waiting and signing ones as active, then retired and compromised ones."""
        now = self._clock.now()
        rows = await SigningKey.exclude(purpose=Purpose.ROOT.value).order_by("authority_code", "purpose", "generation")
        return tuple(_entry(row, now) for row in rows)

    async def roots(self) -> tuple[x509.Certificate, ...]:
        rows = await SigningKey.filter(purpose=Purpose.ROOT.value, compromised_at=None).order_by("generation")
        return tuple(_certificate(row) for row in rows)

    async def crls(self) -> tuple[bytes, ...]:
        """The revocation lists of today by our own issuers, DER: each root's, with every key that was compromised, and the citizens'.

        One-use certificates are not revoked: their keys are gone. Empty in production, where another authority publishes its lists.
        """
        return tuple([await self._crl(row) for row in await self._issuers()])

    async def crl(self, kid: str) -> bytes:
        """The list of one issuer. Raises SigningKeyUnknown for what is no issuer of ours, or none any more."""
        for row in await self._issuers():
            if row.id == kid:
                return await self._crl(row)
        raise SigningKeyUnknown

    async def _issuers(self) -> list[SigningKey]:
        now = self._clock.now()
        issuing = SigningKey.filter(purpose__in=[Purpose.ROOT.value, Purpose.CITIZEN.value], compromised_at=None)
        return await issuing.filter(not_before__lte=now, not_after__gt=now).order_by("-purpose", "not_before", "id")

    async def _crl(self, row: SigningKey) -> bytes:
        issuer = await self._open(row)
        struck = [(_certificate(item), item.compromised_at) for item in await SigningKey.exclude(compromised_at=None)]
        since = {item.serial_number: at for item, at in struck if at and authority.is_issued_by(item, issuer.certificate)}
        return issue_crl(issuer, since, now=self._clock.now())

    async def rotate(self, purpose: Purpose, authority_code: str = PLATFORM) -> str:
        """Make the next key; returns its kid. It is listed at once and signs after the overlap, when the present one retires.

        While a next key is waiting this returns that one. Raises SigningKeyUnknown, RootKeyFixed.
        """
        if purpose is Purpose.ROOT:
            raise RootKeyFixed
        now = self._clock.now()
        latest = await self._latest(purpose, authority_code)
        if latest.signs_from_at > now and latest.compromised_at is None:
            return latest.id
        return await self._succeed(latest, signs_from=now + self._overlap)

    async def mark_compromised(self, kid: str, *, since: datetime | None = None) -> None:
        """From `since` (now) nothing by this key is believed without earlier proof. A key in use is replaced at once.

        A second call may only move the time back. Raises SigningKeyUnknown, RootKeyFixed.
        """
        row = await SigningKey.get_or_none(id=kid)
        if row is None:
            raise SigningKeyUnknown
        if row.purpose == Purpose.ROOT.value:
            raise RootKeyFixed
        now = self._clock.now()
        at = min(since or now, row.compromised_at or now, now)
        await SigningKey.filter(id=kid).update(compromised_at=at)
        self._opened.pop(kid, None)
        purpose = Purpose(row.purpose)
        rows = await SigningKey.filter(purpose=row.purpose, authority_code=row.authority_code)
        if not any(other.signs_from_at <= now < other.not_after and state_at(other, now) == "active" for other in rows):
            await self._succeed(await self._latest(purpose, row.authority_code), signs_from=now)

    async def _latest(self, purpose: Purpose, authority_code: str) -> SigningKey:
        row = await SigningKey.filter(purpose=purpose.value, authority_code=authority_code).order_by("-generation").first()
        if row is None:
            raise SigningKeyUnknown
        return row

    async def _succeed(self, latest: SigningKey, *, signs_from: datetime) -> str:
        row = await self._insert(Purpose(latest.purpose), latest.authority_code, latest.authority_name, latest.generation + 1, signs_from)
        return row.id

    async def _ensure(self, purpose: Purpose, authority_code: str, name: str) -> None:
        if not await SigningKey.filter(purpose=purpose.value, authority_code=authority_code).exists():
            await self._insert(purpose, authority_code, name, 0, self._clock.now())

    async def _insert(self, purpose: Purpose, code: str, name: str, generation: int, signs_from: datetime) -> SigningKey:
        """Insert this generation, or find the one another process inserted first."""
        for _ in range(_ATTEMPTS):
            identity = await self._issue(purpose, code, name, signs_from)
            kid = authority.kid_of(identity.certificate).hex()
            der = identity.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            try:
                async with transaction():
                    row = await SigningKey.create(
                        id=kid,
                        purpose=purpose.value,
                        authority_code=code,
                        authority_name=name,
                        generation=generation,
                        certificate=identity.certificate.public_bytes(Encoding.DER),
                        private_key=self._cipher.seal(der, context=_context(kid)),
                        not_before=identity.certificate.not_valid_before_utc,
                        not_after=identity.certificate.not_valid_after_utc,
                        signs_from_at=signs_from,
                    )
                    older = SigningKey.filter(purpose=purpose.value, authority_code=code, generation__lt=generation, retired_at=None)
                    await older.update(retired_at=signs_from)
                    return row
            except IntegrityError:
                first = await SigningKey.get_or_none(purpose=purpose.value, authority_code=code, generation=generation)
                if first is not None:
                    return first
        raise SigningKeyUnavailable

    async def _issue(self, purpose: Purpose, code: str, name: str, signs_from: datetime) -> SigningIdentity:
        now = self._clock.now()
        if purpose is Purpose.ROOT:
            return authority.create_root(now=now)
        root = await self.identity(Purpose.ROOT, _ROOT)
        return authority.issue_for_authority(
            root, purpose, code=code, name=name, now=now, life=signs_from - now + self._key_life, crl_url=self.crl_url
        )

    async def _open(self, row: SigningKey) -> SigningIdentity:
        known = self._opened.get(row.id)
        if known is None:
            key = load_der_private_key(self._cipher.open(bytes(row.private_key), context=_context(row.id)), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise SigningKeyUnavailable
            certificate = _certificate(row)
            chain = () if row.purpose == Purpose.ROOT.value else await self._chain(certificate)
            known = self._opened[row.id] = SigningIdentity(key, certificate, chain)
        return known

    async def _chain(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        return tuple(root for root in await self.roots() if authority.is_issued_by(certificate, root))[:1]


def state_at(row: SigningKey, now: datetime) -> State:
    if row.compromised_at is not None:
        return "compromised"
    return "retired" if row.retired_at is not None and row.retired_at <= now else "active"


def _entry(row: SigningKey, now: datetime) -> TrustEntry:
    return entry_for(
        _certificate(row),
        Purpose(row.purpose),
        issuer_name=row.authority_name,
        issuer_code=row.authority_code,
        state=state_at(row, now),
        # Processes change over to the next key a moment apart.
        valid_until=None if row.retired_at is None else row.retired_at + _DRIFT,
        compromised_at=row.compromised_at,
    )


def _certificate(row: SigningKey) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes(row.certificate))


def _context(kid: str) -> str:
    return f"esign_signing_key.private_key:{kid}"
