"""A forgotten password, a lost phone: an admin gives new ones, once, and whoever was logged in is out."""

from __future__ import annotations

import pytest

from core import audit
from core.actor import Actor, Role
from core.errors import Forbidden, NotFound
from identity.accounts.errors import CredentialsWrong, OwnAccount
from identity.accounts.models import StaffAccount
from identity.accounts.service import NewCourier
from tests.factories.identity import IdentityWorld

OLD = "correct horse battery"
ADMIN = Actor(Role.ADMIN, "staff_admin")


async def login(identity: IdentityWorld, password: str, secret: str) -> str:
    identity.clock.advance(seconds=30)
    return (await identity.staff.login_staff("wangli", password, identity.totp(secret))).token


async def test_a_new_password_ends_the_old_one_its_sessions_and_a_lock(identity: IdentityWorld) -> None:
    profile, secret = await identity.hire()
    token = await login(identity, OLD, secret)
    password = await identity.staff.reset_password(ADMIN, profile.staff_id)
    assert len(password) == 20 and password != await identity.staff.reset_password(ADMIN, profile.staff_id)
    password = await identity.staff.reset_password(ADMIN, profile.staff_id)
    assert await identity.sessions.resolve(token) is None
    for _ in range(5):
        with pytest.raises(CredentialsWrong):
            await login(identity, OLD, secret)
    with pytest.raises(CredentialsWrong):
        await login(identity, password, secret)  # locked by now
    password = await identity.staff.reset_password(ADMIN, profile.staff_id)
    assert await identity.sessions.resolve(await login(identity, password, secret)) is not None
    stored = await StaffAccount.get(id=profile.staff_id)
    assert password not in stored.password_hash
    lines = await audit.links(f"staff:{profile.staff_id}")
    assert [line.action for line in lines] == ["staff.created", *["staff.password_reset"] * 4]
    assert all(line.actor_id == ADMIN.id and password not in line.data for line in lines[1:])


async def test_a_new_authenticator_ends_the_old_one(identity: IdentityWorld) -> None:
    profile, secret = await identity.hire()
    token = await login(identity, OLD, secret)
    uri = await identity.staff.reset_totp(ADMIN, profile.staff_id)
    fresh = uri.split("secret=")[1].split("&")[0]
    assert uri.startswith("otpauth://totp/") and "wangli" in uri and fresh != secret
    assert await identity.sessions.resolve(token) is None
    with pytest.raises(CredentialsWrong):
        await login(identity, OLD, secret)
    assert await identity.sessions.resolve(await login(identity, OLD, fresh)) is not None
    assert (await audit.links(f"staff:{profile.staff_id}"))[-1].action == "staff.totp_reset"


async def test_who_may_reset_whom(identity: IdentityWorld) -> None:
    """Nobody resets himself: an open session of an admin must not become a lasting key."""
    profile, secret = await identity.hire(role="admin")
    for reset in (identity.staff.reset_password, identity.staff.reset_totp):
        for actor in (Actor(Role.CLERK, "staff_x"), Actor(Role.SUPERVISOR, "staff_y"), Actor(Role.CITIZEN, "account_z")):
            with pytest.raises(Forbidden):
                await reset(actor, profile.staff_id)
        with pytest.raises(NotFound):
            await reset(ADMIN, "staff_nobody")
        with pytest.raises(OwnAccount):
            await reset(Actor(Role.ADMIN, profile.staff_id), profile.staff_id)
    assert await login(identity, OLD, secret)


async def test_the_couriers_are_listed_with_their_standing(identity: IdentityWorld) -> None:
    first = await identity.couriers.register(ADMIN, NewCourier("ems", "E-1", "赵师傅"))
    identity.clock.advance(seconds=1)
    second = await identity.couriers.register(ADMIN, NewCourier("ems", "E-2", "钱师傅"))
    await identity.couriers.login_courier(identity.wechat.code_for("o1"), first.activation_code)
    await identity.couriers.deactivate(ADMIN, second.profile.courier_id)
    listed = [(one.employee_no, one.name, one.is_activated, one.is_active) for one in await identity.couriers.list_all(ADMIN)]
    assert listed == [("E-2", "钱师傅", False, False), ("E-1", "赵师傅", True, True)]
    with pytest.raises(Forbidden):
        await identity.couriers.list_all(Actor(Role.CLERK, "staff_x"))
