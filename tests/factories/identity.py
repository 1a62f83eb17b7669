"""Identity with stand-ins for WeChat, the register and the vision process, on a real database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

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
from identity.accounts.passwords import Passwords
from identity.accounts.service import AccountConfig, Accounts, AccountStandings, Couriers, ExternalIdentity, NewStaff, Staff
from identity.accounts.views import StaffProfile
from identity.config import IdentityConfig
from identity.liveness.assertions import Assertions
from identity.liveness.consent import VERSION, FaceConsents
from identity.liveness.counter import CounterEvidence
from identity.liveness.facts import Capabilities, EngineFacts, FrameAnalysis, FrameFacts
from identity.liveness.judging import Judge
from identity.liveness.policy import load_policy
from identity.liveness.service import Verifications
from identity.liveness.views import VerificationView
from identity.sessions.service import SessionConfig, Sessions

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

    async def analyse(self, frames: Sequence[bytes], portrait: bytes | None) -> FrameAnalysis:
        outside_transactions()
        self.calls += 1
        if callable(self.during):
            await self.during()
        if self.error is not None:
            raise self.error
        distance = {"match": 0.30, "dark": 0.30, "other": 0.80}[self.script]
        one = FrameFacts(
            faces=1,
            change=6.0,
            inter_eye_px=110.0,
            brightness=20.0 if self.script == "dark" else 120.0,
            sharpness=200.0,
            to_portrait=None if portrait is None else distance,
            to_frames=tuple(0.1 for _ in frames),
        )
        engine = EngineFacts("dlib", "20.0", "ab" * 32, Capabilities(self.is_calibrated, False, "test", "test"))
        return FrameAnalysis(tuple(one for _ in frames), None if portrait is None else 1, engine, 5)


_serial = count(1)


def frames(number: int = 6) -> list[bytes]:
    """Bytes nobody has sent before."""
    return [b"\xff\xd8\xff frame " + secrets.token_bytes(64) for _ in range(number)]


class IdentityWorld:
    def __init__(self, clock: ManualClock, *, mode: str = "production") -> None:
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
        self.consents = FaceConsents(clock=clock)
        self.assertions = Assertions(
            clock=clock, key=ec.generate_private_key(ec.SECP256R1()), pairwise_key=b"p" * 32, config=IdentityConfig()
        )
        self.verifications = Verifications(
            clock=clock,
            accounts=self.accounts,
            staff=self.staff,
            consents=self.consents,
            judge=Judge(portraits=self.register, vision=self.vision, policy=load_policy(), mode=mode),
            assertions=self.assertions,
            config=IdentityConfig(),
        )

    async def citizen(self, person: tuple[str, str] | None = None, *, openid: str | None = None) -> Actor:
        """Logged in, and with `person` also declared."""
        login = await self.accounts.login_wechat(self.wechat.code_for(openid or f"openid-{next(_serial)}"))
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

    async def passed(self, actor: Actor, *, application: str = "case_1", document: str | None = None) -> VerificationView:
        view = await self.start(actor, application=application, document=document)
        return await self.verifications.submit_frames(actor, view.id, view.nonce or "", frames())
