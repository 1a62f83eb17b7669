"""Sessions: opaque, stored as a digest, refused the moment they are revoked."""

from __future__ import annotations

import pytest

from core.actor import SYSTEM, Role
from identity.accounts.models import StaffAccount
from identity.sessions.models import Session
from tests.factories.identity import IdentityWorld


async def test_a_token_is_random_and_stored_only_as_a_digest(identity: IdentityWorld) -> None:
    tokens = {await identity.sessions.open(Role.CITIZEN, "account_1") for _ in range(3)}
    assert len(tokens) == 3 and all(len(token) == 43 for token in tokens)
    for row in await Session.all():
        assert row.digest not in tokens and len(row.digest) == 64


async def test_a_revoked_session_is_refused_at_once(identity: IdentityWorld) -> None:
    token = await identity.sessions.open(Role.CITIZEN, "account_1")
    other = await identity.sessions.open(Role.CITIZEN, "account_1")
    actor = await identity.sessions.resolve(token)
    assert actor is not None and actor.session_id is not None
    assert await identity.sessions.revoke(actor.session_id) and not await identity.sessions.revoke(actor.session_id)
    assert await identity.sessions.resolve(token) is None
    assert await identity.sessions.resolve(other) is not None


async def test_revoking_all_ends_every_session_of_that_account_alone(identity: IdentityWorld) -> None:
    mine = [await identity.sessions.open(Role.CITIZEN, "account_1") for _ in range(3)]
    other = await identity.sessions.open(Role.CITIZEN, "account_2")
    assert await identity.staff.revoke_sessions(SYSTEM, "account_1") == 3
    assert [await identity.sessions.resolve(token) for token in mine] == [None, None, None]
    assert await identity.sessions.resolve(other) is not None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "\x00" * 43, "x" * 10_000, "' OR 1=1 --"])
async def test_what_is_no_token_resolves_to_nobody(identity: IdentityWorld, token: str) -> None:
    await identity.sessions.open(Role.CITIZEN, "account_1")
    assert await identity.sessions.resolve(token) is None


async def test_a_session_ends_when_idle_and_lives_on_when_used(identity: IdentityWorld) -> None:
    _, secret = await identity.hire()
    token = (await identity.staff.login_staff("wangli", "correct horse battery", identity.totp(secret))).token
    for _ in range(3):
        identity.clock.advance(minutes=29)
        assert await identity.sessions.resolve(token) is not None
    identity.clock.advance(minutes=30)
    assert await identity.sessions.resolve(token) is None


async def test_a_session_ends_in_any_case(identity: IdentityWorld) -> None:
    _, secret = await identity.hire()
    token = (await identity.staff.login_staff("wangli", "correct horse battery", identity.totp(secret))).token
    for _ in range(35):
        identity.clock.advance(minutes=20)
        assert await identity.sessions.resolve(token) is not None
    identity.clock.advance(minutes=20)
    assert await identity.sessions.resolve(token) is None


async def test_a_clerks_rights_are_read_anew_each_time(identity: IdentityWorld) -> None:
    profile, secret = await identity.hire(permissions=["case.decide"])
    token = (await identity.staff.login_staff("wangli", "correct horse battery", identity.totp(secret))).token
    await StaffAccount.filter(id=profile.staff_id).update(permissions="[]")
    actor = await identity.sessions.resolve(token)
    assert actor is not None and not actor.may("case.decide")
    await StaffAccount.filter(id=profile.staff_id).update(role="supervisor")
    assert await identity.sessions.resolve(token) is None


async def test_a_session_of_an_account_that_is_not_there_is_nobody(identity: IdentityWorld) -> None:
    for kind in (Role.CLERK, Role.COURIER, Role.ADMIN, Role.ENTERPRISE):
        assert await identity.sessions.resolve(await identity.sessions.open(kind, "staff_none")) is None


async def test_old_sessions_are_forgotten(identity: IdentityWorld) -> None:
    await identity.sessions.open(Role.COURIER, "courier_1")
    live = await identity.sessions.open(Role.CITIZEN, "account_1")
    identity.clock.advance(days=15)
    assert await identity.sessions.forget_old() == 1
    assert await Session.all().count() == 1 and await identity.sessions.resolve(live) is None
