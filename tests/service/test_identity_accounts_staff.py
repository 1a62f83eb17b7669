"""Staff and couriers: two factors, lock-out, one-time activation, and no way from one kind of account into another."""

from __future__ import annotations

import asyncio

import pytest

from core.actor import SYSTEM, Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, TooManyRequests
from identity.accounts.couriers import NewCourier
from identity.accounts.errors import (
    ActivationWrong,
    CourierTaken,
    CourierUnknown,
    CredentialsWrong,
    OwnAccount,
    StaffPersonTaken,
    UsernameTaken,
)
from identity.accounts.models import StaffAccount
from identity.accounts.service import NewStaff
from tests.factories.identity import IdentityWorld

PASSWORD = "correct horse battery"


async def test_a_clerk_logs_in_with_password_and_totp(identity: IdentityWorld) -> None:
    profile, secret = await identity.hire(permissions=["case.decide"])
    login = await identity.staff.login_staff(" WangLi ", PASSWORD, identity.totp(secret))
    actor = await identity.sessions.resolve(login.token)
    assert actor is not None and actor.kind is Role.CLERK and actor.id == profile.staff_id
    assert actor.may("case.decide") and not actor.may("identity.counter") and actor.office_id == "office_1"


async def test_wrong_name_password_and_code_get_one_answer(identity: IdentityWorld) -> None:
    _, secret = await identity.hire()
    code = identity.totp(secret)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    answers = set()
    for attempt in (("nobody", PASSWORD, code), ("wangli", "wrong", code), ("wangli", PASSWORD, wrong), ("wangli", PASSWORD, "")):
        with pytest.raises(CredentialsWrong) as caught:
            await identity.staff.login_staff(*attempt)
        answers.add((caught.value.code, caught.value.message, caught.value.status))
    assert len(answers) == 1


async def test_a_totp_code_works_once(identity: IdentityWorld) -> None:
    """RFC 6238 section 5.2, also for two logins at the same moment."""
    _, secret = await identity.hire()
    code = identity.totp(secret)
    attempts = await asyncio.gather(*(identity.staff.login_staff("wangli", PASSWORD, code) for _ in range(3)), return_exceptions=True)
    assert sorted(type(attempt).__name__ for attempt in attempts) == ["CredentialsWrong", "CredentialsWrong", "StaffLogin"]
    identity.clock.advance(seconds=30)
    await identity.staff.login_staff("wangli", PASSWORD, identity.totp(secret))
    with pytest.raises(CredentialsWrong):
        await identity.staff.login_staff("wangli", PASSWORD, code)


async def test_a_clock_that_is_a_step_off_is_tolerated_and_two_are_not(identity: IdentityWorld) -> None:
    _, secret = await identity.hire()
    code = identity.totp(secret)
    identity.clock.advance(seconds=60)
    with pytest.raises(CredentialsWrong):
        await identity.staff.login_staff("wangli", PASSWORD, code)
    later = identity.totp(secret)
    identity.clock.advance(seconds=30)
    await identity.staff.login_staff("wangli", PASSWORD, later)


async def test_five_failures_lock_the_account_for_fifteen_minutes(identity: IdentityWorld) -> None:
    _, secret = await identity.hire()
    for _ in range(5):
        with pytest.raises(CredentialsWrong):
            await identity.staff.login_staff("wangli", "wrong", "000000")
    identity.clock.advance(minutes=14)
    with pytest.raises(CredentialsWrong):
        await identity.staff.login_staff("wangli", PASSWORD, identity.totp(secret))
    identity.clock.advance(minutes=1)
    await identity.staff.login_staff("wangli", PASSWORD, identity.totp(secret))
    assert (await StaffAccount.get(username="wangli")).failures == 0


async def test_parallel_guesses_share_the_same_five_tries(identity: IdentityWorld) -> None:
    _, secret = await identity.hire()
    guesses = (identity.staff.login_staff("wangli", f"guess {number}", "000000", ip=str(number)) for number in range(12))
    await asyncio.gather(*guesses, return_exceptions=True)
    row = await StaffAccount.get(username="wangli")
    assert row.failures == 5 and row.locked_until is not None
    with pytest.raises(CredentialsWrong):
        await identity.staff.login_staff("wangli", PASSWORD, identity.totp(secret))


async def test_staff_logins_from_one_address_are_limited(identity: IdentityWorld) -> None:
    for _ in range(20):
        with pytest.raises(CredentialsWrong):
            await identity.staff.login_staff("nobody", "wrong", "000000", ip="203.0.113.9")
    with pytest.raises(TooManyRequests):
        await identity.staff.login_staff("nobody", "wrong", "000000", ip="203.0.113.9")


async def test_a_switched_off_clerk_is_out_at_once(identity: IdentityWorld) -> None:
    profile, secret = await identity.hire()
    login = await identity.staff.login_staff("wangli", PASSWORD, identity.totp(secret))
    admin = Actor(Role.ADMIN, "staff_admin")
    assert not (await identity.staff.deactivate(admin, profile.staff_id)).is_active
    assert await identity.sessions.resolve(login.token) is None
    identity.clock.advance(seconds=60)
    with pytest.raises(CredentialsWrong):
        await identity.staff.login_staff("wangli", PASSWORD, identity.totp(secret))


async def test_only_admins_manage_staff_and_not_themselves(identity: IdentityWorld) -> None:
    profile, _ = await identity.hire()
    clerk = Actor(Role.CLERK, profile.staff_id, frozenset({"staff.manage"}))
    for attempt in (identity.staff.list_all(clerk), identity.staff.deactivate(clerk, "x"), identity.staff.revoke_sessions(clerk, "x")):
        with pytest.raises(Forbidden):
            await attempt
    with pytest.raises(Forbidden):
        await identity.couriers.register(clerk, NewCourier("ems", "1", "赵师傅"))
    with pytest.raises(OwnAccount):
        await identity.staff.deactivate(Actor(Role.ADMIN, profile.staff_id), profile.staff_id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "王丽"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "WangLi2 and more"}, "password"),
        ({"permissions": ["everything"]}, "permissions"),
        ({"permissions": ["identity.counter"]}, "id_number"),
    ],
)
async def test_bad_staff_accounts_are_refused(identity: IdentityWorld, change: dict, field: str) -> None:
    values = {"username": "wangli2", "password": PASSWORD, "role": "clerk", "name": "王丽", "department": "窗口", **change}
    with pytest.raises(InvalidInput) as caught:
        await identity.staff.create(SYSTEM, NewStaff(**values))
    assert list(caught.value.fields) == [field] and await StaffAccount.all().count() == 0


async def test_usernames_and_people_are_unique_among_staff(identity: IdentityWorld) -> None:
    await identity.hire("first", id_number="510104199001010019")
    with pytest.raises(UsernameTaken):
        await identity.hire("first")
    with pytest.raises(StaffPersonTaken):
        await identity.hire("second", id_number="510104199001010019")


async def test_a_courier_is_activated_once_and_then_logs_in_with_wechat_alone(identity: IdentityWorld) -> None:
    registered = await identity.couriers.register(SYSTEM, NewCourier("ems", "E-17", "赵师傅"))
    with pytest.raises(CourierUnknown):
        await identity.couriers.login_courier(identity.wechat.code_for("o1"))
    with pytest.raises(ActivationWrong):
        await identity.couriers.login_courier(identity.wechat.code_for("o1"), "WRONGCODE234")
    first = await identity.couriers.login_courier(identity.wechat.code_for("o1"), registered.activation_code.lower())
    again = await identity.couriers.login_courier(identity.wechat.code_for("o1"))
    assert first.account.courier_id == again.account.courier_id == registered.profile.courier_id
    actor = await identity.sessions.resolve(again.token)
    assert actor is not None and actor.kind is Role.COURIER
    with pytest.raises(ActivationWrong):
        await identity.couriers.login_courier(identity.wechat.code_for("o2"), registered.activation_code)


async def test_one_activation_code_used_by_two_at_once_binds_one(identity: IdentityWorld) -> None:
    registered = await identity.couriers.register(SYSTEM, NewCourier("ems", "E-17", "赵师傅"))
    logins = (identity.couriers.login_courier(identity.wechat.code_for(f"o{n}"), registered.activation_code) for n in range(3))
    outcomes = await asyncio.gather(*logins, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ActivationWrong", "ActivationWrong", "CourierLogin"]


async def test_an_activation_code_expires_and_guessing_is_limited(identity: IdentityWorld) -> None:
    registered = await identity.couriers.register(SYSTEM, NewCourier("ems", "E-17", "赵师傅"))
    identity.clock.advance(days=7)
    with pytest.raises(ActivationWrong):
        await identity.couriers.login_courier(identity.wechat.code_for("o1"), registered.activation_code)
    for _ in range(4):
        with pytest.raises(ActivationWrong):
            await identity.couriers.login_courier(identity.wechat.code_for("o1"), "WRONGCODE234")
    with pytest.raises(TooManyRequests):
        await identity.couriers.login_courier(identity.wechat.code_for("o1"), "WRONGCODE234")


async def test_one_openid_may_be_citizen_and_courier_and_never_the_wrong_one(identity: IdentityWorld) -> None:
    registered = await identity.couriers.register(SYSTEM, NewCourier("ems", "E-17", "赵师傅"))
    citizen = await identity.citizen(openid="o1")
    with pytest.raises(CourierUnknown):
        await identity.couriers.login_courier(identity.wechat.code_for("o1"))
    courier = await identity.couriers.login_courier(identity.wechat.code_for("o1"), registered.activation_code)
    login = await identity.accounts.login_wechat(identity.wechat.code_for("o1"))
    assert login.account.account_id == citizen.id != courier.account.courier_id
    as_citizen, as_courier = await identity.sessions.resolve(login.token), await identity.sessions.resolve(courier.token)
    assert as_citizen is not None and as_citizen.kind is Role.CITIZEN
    assert as_courier is not None and as_courier.kind is Role.COURIER


async def test_a_deactivated_courier_is_out_and_his_wechat_is_free(identity: IdentityWorld) -> None:
    registered = await identity.couriers.register(SYSTEM, NewCourier("ems", "E-17", "赵师傅"))
    login = await identity.couriers.login_courier(identity.wechat.code_for("o1"), registered.activation_code)
    with pytest.raises(CourierTaken):
        await identity.couriers.register(SYSTEM, NewCourier("ems", "E-17", "赵师傅"))
    await identity.couriers.deactivate(SYSTEM, registered.profile.courier_id)
    assert await identity.sessions.resolve(login.token) is None
    with pytest.raises(CourierUnknown):
        await identity.couriers.login_courier(identity.wechat.code_for("o1"))
    other = await identity.couriers.register(SYSTEM, NewCourier("sf", "S-1", "赵师傅"))
    assert (await identity.couriers.login_courier(identity.wechat.code_for("o1"), other.activation_code)).account.carrier == "sf"


async def test_two_activations_by_one_wechat_user_at_once_bind_one(identity: IdentityWorld) -> None:
    codes = [(await identity.couriers.register(SYSTEM, NewCourier("ems", f"E-{n}", "赵师傅"))).activation_code for n in range(2)]
    logins = (identity.couriers.login_courier(identity.wechat.code_for("o1"), code) for code in codes)
    outcomes = await asyncio.gather(*logins, return_exceptions=True)
    won = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert won and len({login.account.courier_id for login in won}) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, BaseException))
