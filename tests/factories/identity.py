"""Identity with stand-ins for WeChat, the register and the vision process, on a real database."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pyotp
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

from core.actor import SYSTEM, Actor, Role
from core.cache import MemoryCache
from core.clock import ManualClock
from core.crypto import BlindIndex, FieldCipher
from core.errors import DomainError, UpstreamUnavailable
from core.storage import open_store
from identity.accounts.passwords import Passwords
from identity.accounts.service import AccountConfig, Accounts, AccountStandings, Couriers, ExternalIdentity, NewStaff, Staff
from identity.accounts.views import StaffProfile
from identity.audit_images.service import AuditImageConfig, AuditImages
from identity.config import IdentityConfig
from identity.guardians.service import Guardians
from identity.liveness.assertions import Assertions
from identity.liveness.consent import VERSION, FaceConsents, end_checks
from identity.liveness.counter import CounterEvidence
from identity.liveness.judging import Judge, Vision
from identity.liveness.policy import load_policy
from identity.liveness.service import Verifications
from identity.liveness.views import VerificationView
from identity.sessions.service import Devices, SessionConfig, Sessions
from tests.factories.before_camera import filmed
from tests.factories.moving import MovingCapture

ZHANG = ("张伟", "51010419920315001X")
LI = ("李娜", "500103199807220025")
RARE = ("𠮷祥云", "51010719910909003X")
UIGHUR = ("阿依古丽·买买提", "650102199001010025")
CHILD = ("张小宝", "510104201801010017")
CHECKED = CounterEvidence("resident_id_card", ["document_genuine", "holder_matches_photo", "number_matches_account"])


class CodeUsed(DomainError):
    code = "wechat.code_used"
    status = 422
    message = "登录凭证已经用过，请重新打开小程序。"


class FakeWechat:
    """Codes are made with `code_for`; each works once."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    def code_for(self, openid: str) -> str:
        code = secrets.token_hex(8)
        self.codes[code] = openid
        return code

    async def exchange(self, code: str) -> ExternalIdentity:
        if code not in self.codes:
            raise CodeUsed()
        return ExternalIdentity(self.codes.pop(code), "u" + secrets.token_hex(4))

    async def phone(self, code: str) -> str:
        return self.codes.pop(code)


@dataclass(frozen=True)
class Answer:
    found: bool
    name_matches: bool
    portrait: bytes | None = None


@dataclass
class FakeRegister:
    people: dict[str, tuple[str, bytes | None]] = field(
        default_factory=lambda: {number: (name, b"portrait of " + number.encode()) for name, number in (ZHANG, LI, RARE, UIGHUR, CHILD)}
    )
    is_down: bool = False
    asked: int = 0

    async def lookup(self, name: str, id_number: str) -> Answer:
        outside_transactions()
        self.asked += 1
        if self.is_down:
            raise UpstreamUnavailable()
        if id_number not in self.people:
            return Answer(False, False)
        known, portrait = self.people[id_number]
        return Answer(True, known == name, portrait if known == name else None)


def outside_transactions() -> None:
    assert not isinstance(get_connection("default"), TransactionalDBClient), "an outside call inside a transaction"


class FakeVision:
    """Answers as the real process would about frames of one quality; `script` says which."""

    def __init__(self) -> None:
        self.script = "match"
        self.is_calibrated = True
        self.error: Exception | None = None
        self.during: object = None
        self.calls = 0

    async def ensure_live_place(self) -> None:
        pass

    @asynccontextmanager
    async def capture(self, portrait: bytes | None, *, is_live: bool = False) -> AsyncIterator[MovingCapture]:
        """A capture whose frames say what they show (`factories.moving`)."""
        outside_transactions()
        self.calls += 1
        if callable(self.during):
            await self.during()
        if self.error is not None:
            raise self.error
        distance = None if portrait is None else {"match": 0.30, "dark": 0.30, "other": 0.80}[self.script]
        yield MovingCapture(distance, is_calibrated=self.is_calibrated, light=20.0 if self.script == "dark" else None)


_serial = count(1)


class IdentityWorld:
    """`vision`: a real one instead of the played one."""

    def __init__(self, clock: ManualClock, *, mode: str = "production", vision: Vision | None = None) -> None:
        self.clock, self.cache = clock, MemoryCache()
        self.wechat, self.register, self.vision = FakeWechat(), FakeRegister(), FakeVision()
        cipher = FieldCipher({"k1": b"c" * 32}, "k1")
        index = BlindIndex(b"i" * 32)
        config = AccountConfig()
        self.sessions = Sessions(clock=clock, key=b"s" * 32, standings=AccountStandings(), config=SessionConfig())
        self.accounts = Accounts(
            clock=clock,
            cipher=cipher,
            index=index,
            cache=self.cache,
            sessions=self.sessions,
            logins=self.wechat,
            phones=self.wechat,
            register=self.register,
            config=config,
            devices=Devices(key=b"d" * 32),
        )
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.staff = Staff(
            clock=clock, cipher=cipher, index=index, cache=self.cache, sessions=self.sessions, passwords=passwords, config=config
        )
        self.couriers = Couriers(
            clock=clock,
            cipher=cipher,
            index=index,
            cache=self.cache,
            sessions=self.sessions,
            logins=self.wechat,
            key=b"a" * 32,
            config=config,
        )
        self.image_store = open_store("memory://")
        self.images = AuditImages(clock=clock, cipher=cipher, store=self.image_store, config=AuditImageConfig())
        self.consents = FaceConsents(clock=clock, images=self.images)
        self.guardians = Guardians(clock=clock, cache=self.cache, accounts=self.accounts, staff=self.staff, end_checks=end_checks)
        self.assertions = Assertions(
            clock=clock, key=ec.generate_private_key(ec.SECP256R1()), pairwise_key=b"p" * 32, config=IdentityConfig()
        )
        self.verifications = Verifications(
            clock=clock,
            accounts=self.accounts,
            staff=self.staff,
            consents=self.consents,
            judge=Judge(portraits=self.register, vision=vision or self.vision, policy=load_policy(), mode=mode),
            assertions=self.assertions,
            config=IdentityConfig(),
            capture_key=b"c" * 32,
            images=self.images,
            guardians=self.guardians,
        )

    async def citizen(self, person: tuple[str, str] | None = None, *, openid: str | None = None, device_token: str | None = None) -> Actor:
        """Logged in, and with `person` also declared."""
        code = self.wechat.code_for(openid or f"openid-{next(_serial)}")
        login = await self.accounts.login_wechat(code, device_token=device_token)
        actor = await self.sessions.resolve(login.token)
        assert actor is not None
        if person:
            await self.accounts.declare_identity(actor, *person)
        return actor

    async def hire(
        self, username: str = "wangli", *, role: str = "clerk", permissions: Sequence[str] = (), id_number: str | None = None
    ) -> tuple[StaffProfile, str]:
        """The profile and the TOTP secret; the password is `correct horse battery`."""
        new = NewStaff(
            username=username,
            password="correct horse battery",
            role=role,  # type: ignore[arg-type]
            name="王丽",
            department="市场监管窗口",
            office_id="office_1",
            permissions=list(permissions),
            id_number=id_number,
        )
        created = await self.staff.create(SYSTEM, new)
        return created.profile, created.provisioning_uri.split("secret=")[1].split("&")[0]

    def totp(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(self.clock.now())

    async def clerk(self, username: str = "wangli", *, id_number: str = "510104199001010019") -> Actor:
        """A clerk who may identify people at a counter."""
        profile, _ = await self.hire(username, permissions=["identity.counter"], id_number=id_number)
        return Actor(Role.CLERK, profile.staff_id, frozenset(profile.permissions), profile.office_id)

    async def start(self, actor: Actor, *, application: str = "case_1", document: str | None = None) -> VerificationView:
        await self.consents.grant(actor, VERSION)
        return await self.verifications.create(
            actor, purpose="sign", application_id=application, document_sha256=document, consent_version=VERSION
        )

    async def filmed(self, actor: Actor, view: VerificationView, **how: Any) -> VerificationView:
        """The face check, filmed by somebody who obeys (`before_camera.filmed`)."""
        return await filmed(self.verifications, self.clock, actor, view, **how)

    async def passed(self, actor: Actor, *, application: str = "case_1", document: str | None = None) -> VerificationView:
        view = await self.start(actor, application=application, document=document)
        return await self.filmed(actor, view)
