"""Citizens' accounts, and the public door of the package (staff and couriers have files of their own)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core import audit
from core.actor import Actor, Role
from core.cache import Cache, limit
from core.clock import BEIJING, Clock
from core.crypto import BlindIndex, Cipher
from core.db import IntegrityError, transaction
from core.errors import NotFound
from core.ids import new_id
from identity.accounts.config import AccountConfig
from identity.accounts.couriers import Couriers, NewCourier
from identity.accounts.documents import TITLES as DOCUMENT_TITLES
from identity.accounts.errors import (
    AlreadyDeclared,
    DocumentExpired,
    IdentityNotMatched,
    IdNumberInvalid,
    IdNumberTaken,
    NotDeclared,
    PhoneInvalid,
)
from identity.accounts.levels import LETS, NEXT_STEPS, TITLES, Assurance, Evidence, assess, ladder
from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.accounts.ports import ExternalIdentity, IdentityRegister, LoginProvider, PhoneProvider
from identity.accounts.rules import (
    ID_NUMBER_INDEX,
    Level,
    age_on,
    birth_date,
    clean_id_number,
    clean_name,
    document_number,
    mask_id_number,
    mask_name,
    mask_phone,
)
from identity.accounts.staff import COUNTER_PERMISSION, NewStaff, Staff
from identity.accounts.standing import AccountStandings
from identity.accounts.views import LevelStep, LevelView, Profile
from identity.sessions.service import Devices, Sessions

__all__ = [
    "COUNTER_PERMISSION",
    "ID_NUMBER_INDEX",
    "AccountConfig",
    "AccountStandings",
    "Accounts",
    "Couriers",
    "DeclaredIdentity",
    "ExternalIdentity",
    "IdentityRegister",
    "Level",
    "Login",
    "LoginProvider",
    "NewCourier",
    "NewStaff",
    "NotDeclared",
    "Passwords",
    "PhoneProvider",
    "Profile",
    "Staff",
    "age_on",
    "clean_id_number",
    "clean_name",
    "mask_id_number",
    "mask_name",
]

OPENID_INDEX = "identity_account.openid"
_PHONE = re.compile(r"^[0-9]{8,15}$")


class Login(NamedTuple):
    account: Profile
    token: str
    device_token: str | None = None


@dataclass(frozen=True)
class DeclaredIdentity:
    """The name and number a citizen declared and the register confirmed; hidden from any repr."""

    account_id: str
    level: Level
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    born_on: date = field(repr=False)


class Accounts:
    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        index: BlindIndex,
        cache: Cache,
        sessions: Sessions,
        logins: LoginProvider,
        phones: PhoneProvider,
        register: IdentityRegister,
        config: AccountConfig,
        devices: Devices | None = None,
    ) -> None:
        self._devices = devices
        self._clock, self._cipher, self._index, self._cache = clock, cipher, index, cache
        self._sessions, self._logins, self._phones, self._register = sessions, logins, phones, register
        self._config = config

    def _seal(self, value: str, field_name: str, account_id: str) -> bytes:
        return self._cipher.seal(value.encode(), context=f"identity_account.{field_name}:{account_id}")

    def _open(self, sealed: bytes, field_name: str, account_id: str) -> str:
        return self._cipher.open(sealed, context=f"identity_account.{field_name}:{account_id}").decode()

    async def login_wechat(self, code: str, *, ip: str = "", device_token: str | None = None) -> Login:
        """Log in with a WeChat code, creating the account at the first login. The provider's errors (bad, used code) pass through.

        `device_token`: what this phone was given at an earlier login; the answer has the one to keep.
        """
        await limit(self._cache, f"login:{ip}", times=self._config.logins_per_minute, seconds=60)
        identity = await self._logins.exchange(code)
        account = await self._find_or_create(identity)
        device = self._devices.known_or_new(device_token) if self._devices else None
        token = await self._sessions.open(Role.CITIZEN, account.id, device_id=device.id if device else None)
        return Login(self._profile(account), token, device.token if device else None)

    async def _find_or_create(self, identity: ExternalIdentity) -> Account:
        openid_index = self._index.of(identity.openid, context=OPENID_INDEX)
        account = await Account.get_or_none(openid_index=openid_index)
        if account is not None:
            return account
        account_id, now = new_id("account"), self._clock.now()
        try:
            async with transaction():
                account = await Account.create(
                    id=account_id,
                    openid_index=openid_index,
                    openid_sealed=self._seal(identity.openid, "openid", account_id),
                    unionid_sealed=self._seal(identity.unionid, "unionid", account_id) if identity.unionid else None,
                    created_at=now,
                )
                await audit.record(f"account:{account_id}", "account.opened", at=now, actor=Actor(Role.CITIZEN, account_id))
                return account
        except IntegrityError:
            # Two first logins at once: the unique openid let one of them through, and both mean the same account.
            return await Account.get(openid_index=openid_index)

    async def declare_identity(self, actor: Actor, name: str, id_number: str, *, document_until: date | None = None) -> Profile:
        """Bind name and ID number after the register confirms that they belong together; raises the level to L2.

        `document_until`: the last day of the document, None for a long-term one. IdNumberInvalid, NameInvalid, DocumentExpired,
        IdentityNotMatched (422); IdNumberTaken, AlreadyDeclared (409); UpstreamUnavailable. Repeating the same declaration is harmless;
        one with a later last day renews the document (`date.max`: by a long-term one).
        """
        document, name, today = document_number(id_number), clean_name(name), self._today()
        number = document.number
        if not document.is_plausible(today):
            raise IdNumberInvalid(fields={"id_number": IdNumberInvalid.message})
        if document_until is not None and document_until < today:
            raise DocumentExpired(fields={"document_until": DocumentExpired.message})
        account = await self._mine(actor)
        if account.id_number_sealed is not None and account.name_sealed is not None:
            return await self._renewed(account, self._declared_again(account, name, number), actor, document_until)
        await limit(self._cache, f"declare:{actor.id}", times=self._config.declarations_per_hour, seconds=3600)
        if not (await self._register.lookup(name, number)).name_matches:
            raise IdentityNotMatched()
        now = self._clock.now()
        try:
            async with transaction():
                changed = await Account.filter(id=account.id, id_number_index=None).update(
                    name_sealed=self._seal(name, "name", account.id),
                    id_number_sealed=self._seal(number, "id_number", account.id),
                    id_number_index=self._index.of(number, context=ID_NUMBER_INDEX),
                    level=Level.DOCUMENT,
                    declared_at=now,
                    document_until=document_until,
                )
                if changed:
                    await audit.record(
                        f"account:{account.id}", "identity.declared", at=now, actor=actor, data={"level": "L2", "document": document.kind}
                    )
        except IntegrityError:
            raise IdNumberTaken() from None
        account = await self._mine(actor)
        return self._profile(account) if changed else self._declared_again(account, name, number)

    def _declared_again(self, account: Account, name: str, number: str) -> Profile:
        if account.id_number_index != self._index.of(number, context=ID_NUMBER_INDEX) or self._name(account) != name:
            raise AlreadyDeclared()
        return self._profile(account)

    async def _renewed(self, account: Account, known: Profile, actor: Actor, document_until: date | None) -> Profile:
        """A later last day of the same document holder, or one where none was told; an earlier one or none changes nothing."""
        before = account.document_until
        if document_until is None or (before is not None and document_until <= before):
            return known
        async with transaction():
            renewed = await Account.filter(id=account.id, document_until=before).update(document_until=document_until)
            if renewed:
                await audit.record(f"account:{account.id}", "identity.document_renewed", at=self._clock.now(), actor=actor)
        return self._profile(await self._mine(actor))

    async def bind_phone(self, actor: Actor, code: str) -> Profile:
        """Bind the mobile number behind a phone code; raises the level to L1 at least."""
        account = await self._mine(actor)
        number = await self._phones.phone(code)
        if not _PHONE.match(number):
            raise PhoneInvalid()
        now = self._clock.now()
        async with transaction():
            await Account.filter(id=account.id).update(phone_sealed=self._seal(number, "phone", account.id))
            await Account.filter(id=account.id, level__lt=Level.PHONE).update(level=Level.PHONE)
            await audit.record(f"account:{account.id}", "phone.bound", at=now, actor=actor)
        return self._profile(await self._mine(actor))

    async def unbind_phone(self, actor: Actor) -> Profile:
        """Forget the mobile number; without a document the level falls to L0. Harmless where there is none."""
        account = await self._mine(actor)
        async with transaction():
            if await Account.filter(id=account.id, phone_sealed__isnull=False).update(phone_sealed=None):
                await Account.filter(id=account.id, level=Level.PHONE).update(level=Level.WECHAT)
                await audit.record(f"account:{account.id}", "phone.unbound", at=self._clock.now(), actor=actor)
        return self._profile(await self._mine(actor))

    async def profile(self, actor: Actor) -> Profile:
        return self._profile(await self._mine(actor))

    async def levels(self, actor: Actor) -> list[LevelView]:
        """Every level, lowest first: what it lets the caller do, and what is still missing for it."""
        found = ladder(self._assurance(await self._mine(actor)))
        return [LevelView(rung.level.label, TITLES[rung.level], list(LETS[rung.level]), _step(rung.step)) for rung in found]

    async def identity_of(self, account_id: str) -> DeclaredIdentity:
        """The declared name and ID number, in clear, for documents and for checks with authorities. NotFound, NotDeclared."""
        account = await Account.get_or_none(id=account_id)
        if account is None:
            raise NotFound()
        if account.id_number_sealed is None:
            raise NotDeclared()
        number = self._open(account.id_number_sealed, "id_number", account.id)
        born_on = birth_date(number, self._today())
        return DeclaredIdentity(account.id, self._assurance(account).level, self._name(account) or "", number, born_on)

    async def find_by_id_number(self, id_number: str) -> str | None:
        """The account that declared this ID number, for a clerk before whom its holder stands; None if there is none."""
        number = clean_id_number(id_number)
        account = await Account.get_or_none(id_number_index=self._index.of(number, context=ID_NUMBER_INDEX))
        return account.id if account else None

    async def openid_of(self, account_id: str) -> str:
        """Whom WeChat should notify. NotFound."""
        account = await Account.get_or_none(id=account_id)
        if account is None:
            raise NotFound()
        return self._open(account.openid_sealed, "openid", account.id)

    async def mark_proven(self, account_id: str) -> None:
        """Raise the level to L3, inside the caller's transaction."""
        await Account.filter(id=account_id).update(level=Level.IN_PERSON, proven_at=self._clock.now())

    async def unprove(self, account_id: str) -> bool:
        """Take the proof in person back, inside the caller's transaction: L3 falls to L2. False where there was none."""
        proven = Account.filter(id=account_id, proven_at__isnull=False)
        return bool(await proven.update(level=Level.DOCUMENT, proven_at=None))

    def _today(self) -> date:
        return self._clock.now().astimezone(BEIJING).date()

    def _assurance(self, account: Account) -> Assurance:
        evidence = Evidence(
            has_phone=account.phone_sealed is not None,
            has_document=account.id_number_sealed is not None,
            document_until=account.document_until,
            proven_at=account.proven_at,
        )
        return assess(evidence, self._clock.now(), self._config.proof_life)

    async def _mine(self, actor: Actor) -> Account:
        account = await Account.get_or_none(id=actor.id) if actor.kind is Role.CITIZEN else None
        if account is None:
            raise NotFound()
        return account

    def _name(self, account: Account) -> str | None:
        return None if account.name_sealed is None else self._open(account.name_sealed, "name", account.id)

    def _profile(self, account: Account) -> Profile:
        name = self._name(account)
        number = None if account.id_number_sealed is None else self._open(account.id_number_sealed, "id_number", account.id)
        phone = None if account.phone_sealed is None else self._open(account.phone_sealed, "phone", account.id)
        assurance = self._assurance(account)
        kind = None if number is None else document_number(number).kind
        return Profile(
            account_id=account.id,
            level=assurance.level.label,
            name=None if name is None else mask_name(name),
            id_number=None if number is None else mask_id_number(number),
            phone=None if phone is None else mask_phone(phone),
            is_declared=number is not None,
            level_title=TITLES[assurance.level],
            level_falls_on=assurance.falls_on,
            next_steps=[LevelStep(code, NEXT_STEPS[code]) for code in assurance.next_steps],
            document_kind=kind,
            document_title=None if kind is None else DOCUMENT_TITLES[kind],
            document_until=account.document_until,
            proven_at=account.proven_at,
        )


def _step(code: str | None) -> LevelStep | None:
    return None if code is None else LevelStep(code, NEXT_STEPS[code])
