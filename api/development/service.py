"""Logging in without WeChat and without an authenticator, for trying things out: the sandbox's people by their keys, the demo staff by
their names. Wired only outside production."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec
import pyotp

from api.development.errors import NoDemoAccounts, NoSandbox
from core.clock import Clock
from core.errors import NotFound, TooManyRequests, UpstreamUnavailable
from core.http.client import HttpClient

ACCOUNTS_FILE = "demo-accounts.json"
TOTP_SECONDS = 30


class DemoStaff(msgspec.Struct):
    name: str
    role: str
    password: str
    totp_secret: str
    department: str = ""


class DemoCourier(msgspec.Struct):
    name: str = ""
    activation_code: str = ""


class DemoAccounts(msgspec.Struct):
    """What `seed --demo` writes to the data folder. `cases`: by the name of its story a case's id, empty while it is being made."""

    staff: dict[str, DemoStaff] = {}
    courier: DemoCourier = msgspec.field(default_factory=DemoCourier)
    cases: dict[str, str] = {}

    @classmethod
    def read(cls, path: Path) -> DemoAccounts:
        """NoDemoAccounts when nobody made them."""
        if not path.is_file():
            raise NoDemoAccounts()
        return msgspec.json.decode(path.read_bytes(), type=cls)

    def write(self, path: Path) -> None:
        """Whole or not at all, readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".tmp")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(msgspec.json.format(msgspec.json.encode(self), indent=2))
        draft.replace(path)


class Person(msgspec.Struct):
    """One of the sandbox's people, as its list gives them."""

    key: str
    name: str
    role: str
    city: str
    is_courier: bool = False


class _People(msgspec.Struct):
    persons: list[Person]


class _Code(msgspec.Struct):
    code: str


class UkeySignature(msgspec.Struct):
    """Base64, as a proof by U-key takes it."""

    certificates: list[str]
    signature: str


class DemoLogins:
    """`sandbox` is None where the real WeChat is configured."""

    def __init__(self, *, sandbox: HttpClient | None, accounts: Path, clock: Clock, is_open_to_all: bool) -> None:
        self._sandbox, self._accounts, self._clock = sandbox, accounts, clock
        self.is_open_to_all = is_open_to_all
        self._given: dict[str, int] = {}

    async def persons(self) -> list[Person]:
        """NoSandbox, UpstreamUnavailable."""
        if self._sandbox is None:
            raise NoSandbox()
        answer = await self._sandbox.request("GET", "/_sandbox/persons")
        try:
            return msgspec.json.decode(answer.content, type=_People).persons
        except msgspec.MsgspecError:
            raise NoSandbox() from None

    async def code(self, kind: Literal["login", "phone"], person: str) -> str:
        """What WeChat would hand to the phone of `person`. NoSandbox, NotFound."""
        if self._sandbox is None:
            raise NoSandbox()
        answer = await self._sandbox.request("POST", f"/_sandbox/wechat/{kind}_code", json={"person": person})
        if answer.status_code == 404:
            raise NotFound("没有这个演示人物。")
        try:
            return msgspec.json.decode(answer.content, type=_Code).code
        except msgspec.MsgspecError:
            raise UpstreamUnavailable() from None

    async def ukey_signature(self, person: str, message: str) -> UkeySignature:
        """What the program beside the U-key of `person` would make of `message`. NoSandbox, NotFound."""
        if self._sandbox is None:
            raise NoSandbox()
        answer = await self._sandbox.request("POST", "/_sandbox/ukeys/sign", json={"person": person, "message": message})
        if answer.status_code == 404:
            raise NotFound("没有这个演示人物。")
        try:
            return msgspec.json.decode(answer.content, type=UkeySignature)
        except msgspec.MsgspecError:
            raise UpstreamUnavailable() from None

    def staff(self) -> dict[str, DemoStaff]:
        """By user name. NoDemoAccounts."""
        return DemoAccounts.read(self._accounts).staff

    def credentials(self, username: str) -> tuple[str, str]:
        """Password and a TOTP code that was not given before: a code is good for one login only (RFC 6238, section 5.2), so the second
        login within a step gets the next step's, which is already valid. NoDemoAccounts, NotFound, TooManyRequests."""
        person = self.staff().get(username)
        if person is None:
            raise NotFound("没有这个演示账号。")
        now = self._clock.now().timestamp()
        current = int(now) // TOTP_SECONDS
        step = max(current, self._given.get(username, 0) + 1)
        if step > current + 1:
            raise TooManyRequests(retry_after_seconds=TOTP_SECONDS - int(now) % TOTP_SECONDS)
        self._given[username] = step
        return person.password, pyotp.TOTP(person.totp_secret).at(step * TOTP_SECONDS)

    def activation_code(self) -> str:
        """What the carrier's courier types in once. NoDemoAccounts."""
        code = DemoAccounts.read(self._accounts).courier.activation_code
        if not code:
            raise NoDemoAccounts()
        return code
