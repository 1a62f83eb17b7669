"""Three tries a check, five failures an account or a phone, three locks, then the other routes (R52)."""

from __future__ import annotations

import asyncio

import pytest

from core.actor import Actor
from identity.liveness.errors import CounterOnly, DeviceChanged, FaceLocked
from identity.liveness.models import DeviceTally, FaceTally
from identity.sessions.service import Devices
from tests.factories.identity import CHECKED, LI, RARE, UIGHUR, ZHANG, IdentityWorld


async def phone(identity: IdentityWorld) -> str:
    token = (await identity.accounts.login_wechat(identity.wechat.code_for("owner"))).device_token
    assert token is not None
    return token


async def fail(identity: IdentityWorld, actor: Actor, times: int) -> None:
    identity.vision.script = "other"
    for _ in range(times):
        assert (await identity.passed(actor)).outcome == "reject"
    identity.vision.script = "match"


async def test_each_of_three_tries_has_another_challenge(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    identity.vision.script = "dark"
    nonces, keys = [view.nonce], [view.key]
    for left in (2, 1):
        view = await identity.filmed(actor, view)
        assert view.tries_left == left
        nonces.append(view.nonce)
        keys.append(view.key)
    done = await identity.filmed(actor, view)
    assert (done.state, done.outcome, done.tries_left) == ("decided", "reject", 0)
    assert len(set(nonces)) == len(set(keys)) == 3


async def test_five_failures_of_different_people_on_one_phone_lock_the_phone(identity: IdentityWorld) -> None:
    token = await phone(identity)
    people = [await identity.citizen(who, device_token=token) for who in (ZHANG, LI, RARE)]
    assert len({actor.device_id for actor in people}) == 1 and people[0].device_id
    for actor, times in zip(people, (2, 2, 1), strict=True):
        await fail(identity, actor, times)
    newcomer = await identity.citizen(UIGHUR, device_token=token)
    with pytest.raises(FaceLocked) as locked:
        await identity.start(newcomer)
    assert locked.value.retry_after_seconds == 1800
    elsewhere = await identity.citizen(openid="elsewhere")
    await identity.accounts.declare_identity(elsewhere, "王五", await known(identity))
    assert (await identity.passed(elsewhere)).outcome == "accept", "another phone is not locked"
    identity.clock.advance(minutes=30)
    assert (await identity.passed(newcomer)).outcome == "accept"


async def known(identity: IdentityWorld) -> str:
    number = "510104199001010019"
    identity.register.people[number] = ("王五", b"portrait")
    return number


async def test_passing_forgives_a_phone_nothing_but_a_quiet_day_does(identity: IdentityWorld) -> None:
    token = await phone(identity)
    owner, victim = await identity.citizen(ZHANG, device_token=token), await identity.citizen(LI, device_token=token)
    await fail(identity, victim, 4)
    await identity.passed(owner)
    assert (await DeviceTally.get(device_id=owner.device_id)).failures == 4
    identity.clock.advance(hours=24)
    await fail(identity, owner, 1)
    assert (await DeviceTally.get(device_id=owner.device_id)).failures == 1
    identity.clock.advance(hours=24)
    await identity.verifications.forget_old()
    assert await DeviceTally.all().count() == 0


async def test_the_second_lock_lasts_an_hour_and_the_third_leaves_the_other_routes(identity: IdentityWorld) -> None:
    actor, clerk = await identity.citizen(ZHANG), await identity.clerk()
    for seconds in (1800, 3600):
        await fail(identity, actor, 5)
        with pytest.raises(FaceLocked) as locked:
            await identity.start(actor)
        assert locked.value.retry_after_seconds == seconds
        identity.clock.advance(seconds=seconds)
    await fail(identity, actor, 5)
    identity.clock.advance(hours=30)
    with pytest.raises(CounterOnly):
        await identity.start(actor)
    await identity.verifications.identify_at_counter(
        clerk, account_id=actor.id, application_id="case_1", document_sha256=None, evidence=CHECKED
    )
    assert (await identity.passed(actor)).outcome == "accept"


async def test_failures_at_once_are_all_counted(identity: IdentityWorld) -> None:
    """On PostgreSQL the transactions really run side by side."""
    token = await phone(identity)
    actor = await identity.citizen(ZHANG, device_token=token)
    lockouts = identity.verifications._lockouts
    await asyncio.gather(*(lockouts.note_failure(actor.id, actor.device_id) for _ in range(12)))
    for row in (await FaceTally.get(account_id=actor.id), await DeviceTally.get(device_id=actor.device_id)):
        assert (row.failures, row.lockouts) == (2, 2)


async def test_a_check_is_finished_on_the_phone_on_which_it_was_begun(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG, openid="zhang")
    view = await identity.start(actor)
    other = await identity.citizen(openid="zhang")
    assert other.id == actor.id and other.device_id != actor.device_id
    with pytest.raises(DeviceChanged):
        await identity.filmed(other, view)
    assert (await identity.filmed(actor, view)).outcome == "accept"


def test_a_device_is_known_by_our_token_only() -> None:
    devices = Devices(key=b"k" * 32)
    first = devices.known_or_new(None)
    assert devices.known_or_new(first.token) == first and len(first.id) <= 48
    for invented in ("", ".", "abc", first.token[:-1] + ("0" if first.token[-1] != "0" else "1"), "x" + first.token, "设备.x"):
        assert devices.known_or_new(invented).id != first.id
    assert Devices(key=b"j" * 32).known_or_new(first.token).id != first.id
