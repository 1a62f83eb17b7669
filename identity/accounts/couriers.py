"""Couriers: registered by an admin, bound to a WeChat openid by a one-time activation code, logged in with WeChat afterwards."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, NamedTuple

import msgspec

from core import audit
from core.actor import Actor, Role
from core.cache import Cache, limit
from core.clock import Clock
from core.crypto import BlindIndex, Cipher, keyed_digest
from core.db import IntegrityError, transaction
from core.errors import Conflict, Forbidden, NotFound
from core.ids import new_id
from identity.accounts.config import AccountConfig
from identity.accounts.errors import ActivationWrong, CourierTaken, CourierUnknown
from identity.accounts.models import Courier
from identity.accounts.ports import LoginProvider
from identity.accounts.rules import clean_name
from identity.accounts.views import CourierProfile, CourierRegistered
from identity.sessions.service import Sessions

OPENID_INDEX = "identity_courier.openid"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12


class NewCourier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    carrier: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{2,32}\Z")]
    employee_no: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,32}\Z")]
    name: Annotated[str, msgspec.Meta(max_length=64)]

    def __repr__(self) -> str:
        return "NewCourier(…)"


class CourierLogin(NamedTuple):
    account: CourierProfile
    token: str


class Couriers:
    """`key` (32 bytes) keys the digests of activation codes."""

    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        index: BlindIndex,
        cache: Cache,
        sessions: Sessions,
        logins: LoginProvider,
        key: bytes,
        config: AccountConfig,
    ) -> None:
        self._clock, self._cipher, self._index, self._cache = clock, cipher, index, cache
        self._sessions, self._logins, self._key, self._config = sessions, logins, key, config

    def _digest(self, code: str) -> str:
        return keyed_digest(self._key, "courier_activation", code)

    async def register(self, admin: Actor, new: NewCourier) -> CourierRegistered:
        """Returns the activation code (12 characters, about 58 bits) once. NameInvalid, CourierTaken."""
        if admin.kind not in {Role.ADMIN, Role.SYSTEM}:
            raise Forbidden()
        name, now, courier_id = clean_name(new.name), self._clock.now(), new_id("courier")
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        try:
            async with transaction():
                row = await Courier.create(
                    id=courier_id,
                    carrier=new.carrier,
                    employee_no=new.employee_no,
                    name_sealed=self._cipher.seal(name.encode(), context=f"identity_courier.name:{courier_id}"),
                    activation_digest=self._digest(code),
                    activation_expires_at=now + timedelta(days=self._config.activation_days),
                    created_at=now,
                )
                await audit.record(f"courier:{courier_id}", "courier.registered", at=now, actor=admin, data={"carrier": new.carrier})
        except IntegrityError:
            raise CourierTaken() from None
        return CourierRegistered(self._profile(row), code)

    async def login_courier(self, code: str, activation_code: str | None = None, *, ip: str = "") -> CourierLogin:
        """Log in with a WeChat code, the first time with the activation code too. CourierUnknown, ActivationWrong, provider errors."""
        await limit(self._cache, f"login_courier:{ip}", times=self._config.logins_per_minute, seconds=60)
        openid = (await self._logins.exchange(code)).openid
        openid_index = self._index.of(openid, context=OPENID_INDEX)
        row = await Courier.get_or_none(openid_index=openid_index, is_active=True)
        if row is None:
            if not activation_code:
                raise CourierUnknown()
            await limit(self._cache, f"activate:{openid_index}", times=5, seconds=3600)
            row = await self._activate(openid, openid_index, activation_code)
        return CourierLogin(self._profile(row), await self._sessions.open(Role.COURIER, row.id))

    async def _activate(self, openid: str, openid_index: str, activation_code: str) -> Courier:
        now, digest = self._clock.now(), self._digest(activation_code.strip().upper().replace("-", ""))
        row = await Courier.get_or_none(activation_digest=digest, is_active=True, activation_expires_at__gt=now)
        if row is None:
            raise ActivationWrong()
        sealed = self._cipher.seal(openid.encode(), context=f"identity_courier.openid:{row.id}")
        try:
            async with transaction():
                bound = await Courier.filter(id=row.id, activation_digest=digest, openid_index=None, is_active=True).update(
                    openid_index=openid_index, openid_sealed=sealed, activation_digest=None, activation_expires_at=None
                )
                if not bound:
                    raise ActivationWrong()
                await audit.record(f"courier:{row.id}", "courier.activated", at=now, actor=Actor(Role.COURIER, row.id))
        except IntegrityError:
            # The same WeChat user activated another courier account a moment ago.
            raise Conflict() from None
        return await Courier.get(id=row.id)

    async def list_all(self, admin: Actor) -> list[CourierProfile]:
        """Newest first, at most 500."""
        if admin.kind not in {Role.ADMIN, Role.SYSTEM}:
            raise Forbidden()
        return [self._profile(row) for row in await Courier.all().order_by("-created_at", "-id").limit(500)]

    async def deactivate(self, admin: Actor, courier_id: str) -> CourierProfile:
        """Switch a courier off, free the WeChat user for another registration and end all sessions at once. NotFound."""
        if admin.kind not in {Role.ADMIN, Role.SYSTEM}:
            raise Forbidden()
        await self._get(courier_id)
        async with transaction():
            changed = await Courier.filter(id=courier_id, is_active=True).update(
                is_active=False, openid_index=None, openid_sealed=None, activation_digest=None
            )
            if changed:
                await audit.record(f"courier:{courier_id}", "courier.deactivated", at=self._clock.now(), actor=admin)
            await self._sessions.revoke_all(courier_id)
        return self._profile(await self._get(courier_id))

    async def profile(self, actor: Actor) -> CourierProfile:
        return self._profile(await self._get(actor.id))

    async def _get(self, courier_id: str) -> Courier:
        row = await Courier.get_or_none(id=courier_id)
        if row is None:
            raise NotFound()
        return row

    def _profile(self, row: Courier) -> CourierProfile:
        name = self._cipher.open(row.name_sealed, context=f"identity_courier.name:{row.id}").decode()
        return CourierProfile(row.id, row.carrier, row.employee_no, name, row.openid_index is not None, row.is_active)
