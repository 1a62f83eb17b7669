"""Clerks, supervisors, admins and the people who act for an enterprise: made by an admin, logged in with password and TOTP."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import pyotp
from tortoise.expressions import F

from core import audit
from core.actor import Actor, Role
from core.cache import Cache, limit
from core.clock import Clock
from core.crypto import BlindIndex, Cipher
from core.db import IntegrityError, transaction
from core.errors import Forbidden, InvalidInput, NotFound
from core.ids import new_id
from identity.accounts.config import AccountConfig
from identity.accounts.errors import CredentialsWrong, OwnAccount, StaffPersonTaken, UsernameTaken
from identity.accounts.models import Account, StaffAccount
from identity.accounts.passwords import Passwords, matching_step, provisioning_uri
from identity.accounts.rules import ID_NUMBER_INDEX, OWN_STAFF_ACTIONS, clean_id_number, staff_actions
from identity.accounts.standing import permissions_of
from identity.accounts.views import ListedStaff, StaffCreated, StaffProfile
from identity.sessions.service import Sessions

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)
PASSWORD_BYTES = 15
"""Of a password made here: 20 characters, 120 bits."""
COUNTER_PERMISSION = "identity.counter"
_USERNAME = re.compile(r"^[a-z][a-z0-9._-]{2,31}$")
_PERMISSION = re.compile(r"^[a-z_]+(\.[a-z_]+)+$")


class NewStaff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`id_number` is kept only as a keyed digest; who identifies citizens at a counter must give it, so as never to identify himself."""

    username: Annotated[str, msgspec.Meta(max_length=32)]
    password: Annotated[str, msgspec.Meta(max_length=128)]
    role: Literal["clerk", "supervisor", "admin", "enterprise"]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    department: Annotated[str, msgspec.Meta(max_length=64)]
    office_id: Annotated[str, msgspec.Meta(max_length=48)] | None = None
    permissions: Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=64)] = []
    id_number: Annotated[str, msgspec.Meta(max_length=32)] | None = None

    def __repr__(self) -> str:
        return "NewStaff(…)"


class StaffLogin(NamedTuple):
    account: StaffProfile
    token: str


class Staff:
    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        index: BlindIndex,
        cache: Cache,
        sessions: Sessions,
        passwords: Passwords,
        config: AccountConfig,
    ) -> None:
        self._clock, self._cipher, self._index, self._cache = clock, cipher, index, cache
        self._sessions, self._passwords, self._config = sessions, passwords, config
        self._nobodys_secret = pyotp.random_base32()

    async def create(self, admin: Actor, new: NewStaff, *, totp_secret: str | None = None) -> StaffCreated:
        """Make an account; its TOTP secret (a new one unless given) leaves here once. InvalidInput, UsernameTaken, StaffPersonTaken."""
        self._admit(admin)
        number = self._checked(new)
        staff_id, now, secret = new_id("staff"), self._clock.now(), totp_secret or pyotp.random_base32()
        password_hash = await self._passwords.hash(new.password)
        try:
            async with transaction():
                row = await StaffAccount.create(
                    id=staff_id,
                    username=new.username,
                    password_hash=password_hash,
                    totp_sealed=self._cipher.seal(secret.encode(), context=f"identity_staff.totp:{staff_id}"),
                    role=new.role,
                    name=new.name,
                    office_id=new.office_id,
                    department=new.department,
                    permissions=msgspec.json.encode(sorted(set(new.permissions))).decode(),
                    id_number_index=None if number is None else self._index.of(number, context=ID_NUMBER_INDEX),
                    created_at=now,
                )
                await audit.record(f"staff:{staff_id}", "staff.created", at=now, actor=admin, data={"role": new.role})
        except IntegrityError:
            raise (UsernameTaken() if await StaffAccount.exists(username=new.username) else StaffPersonTaken()) from None
        return StaffCreated(_profile(row), provisioning_uri(secret, new.username))

    def _checked(self, new: NewStaff) -> str | None:
        problems: dict[str, str] = {}
        if not _USERNAME.match(new.username):
            problems["username"] = "用户名为 3 到 32 位小写字母、数字、点、横线或下划线，以字母开头。"
        if len(new.password) < 12 or new.username in new.password.lower():
            problems["password"] = "密码至少 12 位，且不能包含用户名。"  # noqa: S105
        if not all(_PERMISSION.match(permission) for permission in new.permissions):
            problems["permissions"] = "权限名称不正确。"
        if COUNTER_PERMISSION in new.permissions and not new.id_number:
            problems["id_number"] = "在窗口核验身份的工作人员，须登记本人身份证号码。"
        if problems:
            raise InvalidInput(fields=problems)
        return clean_id_number(new.id_number) if new.id_number else None

    async def login_staff(self, username: str, password: str, totp: str, *, ip: str = "") -> StaffLogin:
        """CredentialsWrong whatever was wrong; TooManyRequests per address. Every call does the same work."""
        await limit(self._cache, f"login_staff:{ip}", times=self._config.staff_logins_per_minute, seconds=60)
        row = await StaffAccount.get_or_none(username=username.strip().lower(), is_active=True)
        may_try = row is not None and await self._take_try(row.id)
        secret = self._nobodys_secret
        if row is not None:
            secret = self._cipher.open(row.totp_sealed, context=f"identity_staff.totp:{row.id}").decode()
        is_right = await self._passwords.is_right(row.password_hash if row else None, password)
        step = matching_step(secret, totp, self._clock.now())
        if row is None or not may_try or not is_right or step is None or not await self._use_step(row.id, step):
            raise CredentialsWrong()
        await StaffAccount.filter(id=row.id).update(failures=0, locked_until=None)
        if self._passwords.is_outdated(row.password_hash):
            await StaffAccount.filter(id=row.id).update(password_hash=await self._passwords.hash(password))
        return StaffLogin(_profile(row), await self._sessions.open(Role(row.role), row.id))

    async def _take_try(self, staff_id: str) -> bool:
        """Count a try before it is judged, so that parallel guesses share the same five; the fifth starts the lock, a success ends it."""
        now, rows = self._clock.now(), StaffAccount.filter(id=staff_id)
        await rows.filter(locked_until__lte=now).update(failures=0, locked_until=None)
        if await rows.filter(failures__lt=MAX_FAILURES - 1).update(failures=F("failures") + 1):
            return True
        return bool(await rows.filter(failures=MAX_FAILURES - 1).update(failures=MAX_FAILURES, locked_until=now + LOCK))

    async def _use_step(self, staff_id: str, step: int) -> bool:
        """A code is accepted once (RFC 6238 section 5.2), and none older than the last accepted one."""
        return bool(await StaffAccount.filter(id=staff_id, last_totp_step__lt=step).update(last_totp_step=step))

    async def profile(self, actor: Actor) -> StaffProfile:
        return _profile(await self._get(actor.id))

    async def list_all(self, admin: Actor, *, role: str | None = None) -> list[ListedStaff]:
        """Newest first, at most 500."""
        self._admit(admin)
        rows = StaffAccount.all() if role is None else StaffAccount.filter(role=role)
        return [_listed(row, admin) for row in await rows.order_by("-created_at", "-id").limit(500)]

    async def deactivate(self, admin: Actor, staff_id: str) -> ListedStaff:
        """Switch an account off and end its sessions at once. NotFound, OwnAccount."""
        await self._of_admin(admin, staff_id, "deactivate")
        now = self._clock.now()
        async with transaction():
            if await StaffAccount.filter(id=staff_id, is_active=True).update(is_active=False):
                await audit.record(f"staff:{staff_id}", "staff.deactivated", at=now, actor=admin)
            await self._sessions.revoke_all(staff_id)
        return _listed(await self._get(staff_id), admin)

    async def reset_password(self, admin: Actor, staff_id: str) -> str:
        """A new password, which leaves here once; the old one, the sessions and a lock end at once. NotFound, OwnAccount."""
        await self._of_admin(admin, staff_id, "reset_password")
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        await self._reset(admin, staff_id, "password_reset", password_hash=await self._passwords.hash(password))
        return password

    async def reset_totp(self, admin: Actor, staff_id: str) -> str:
        """A new TOTP secret (a lost phone); its provisioning URI leaves here once. NotFound, OwnAccount."""
        row = await self._of_admin(admin, staff_id, "reset_totp")
        secret = pyotp.random_base32()
        sealed = self._cipher.seal(secret.encode(), context=f"identity_staff.totp:{staff_id}")
        await self._reset(admin, staff_id, "totp_reset", totp_sealed=sealed, last_totp_step=0)
        return provisioning_uri(secret, row.username)

    async def _of_admin(self, admin: Actor, staff_id: str, action: str) -> StaffAccount:
        self._admit(admin)
        if admin.id == staff_id and action not in OWN_STAFF_ACTIONS:
            raise OwnAccount()
        return await self._get(staff_id)

    async def _reset(self, admin: Actor, staff_id: str, what: str, **changes: Any) -> None:
        async with transaction():
            await StaffAccount.filter(id=staff_id).update(failures=0, locked_until=None, **changes)
            ended = await self._sessions.revoke_all(staff_id)
            await audit.record(f"staff:{staff_id}", f"staff.{what}", at=self._clock.now(), actor=admin, data={"sessions": ended})

    async def revoke_sessions(self, admin: Actor, account_id: str) -> int:
        """End every session of any account, of whatever kind; returns how many."""
        self._admit(admin)
        async with transaction():
            ended = await self._sessions.revoke_all(account_id)
            if ended:
                await audit.record(f"account:{account_id}", "sessions.revoked", at=self._clock.now(), actor=admin, data={"sessions": ended})
        return ended

    async def is_same_person(self, staff_id: str, account_id: str) -> bool:
        """Whether a staff account and a citizen's account declared the same ID number."""
        row = await self._get(staff_id)
        return row.id_number_index is not None and await Account.exists(id=account_id, id_number_index=row.id_number_index)

    def _admit(self, admin: Actor) -> None:
        if admin.kind not in {Role.ADMIN, Role.SYSTEM}:
            raise Forbidden()

    async def _get(self, staff_id: str) -> StaffAccount:
        row = await StaffAccount.get_or_none(id=staff_id)
        if row is None:
            raise NotFound()
        return row


def _profile(row: StaffAccount) -> StaffProfile:
    return StaffProfile(row.id, row.username, row.role, row.name, row.office_id, row.department, sorted(permissions_of(row)), row.is_active)


def _listed(row: StaffAccount, admin: Actor) -> ListedStaff:
    is_own = row.id == admin.id
    actions = staff_actions(is_own=is_own, is_active=row.is_active)
    return ListedStaff(**msgspec.structs.asdict(_profile(row)), is_own=is_own, allowed_actions=actions)
