"""Real-name levels on an account: each step up, each way down, and what `/me` shows of it (R52)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import audit
from core.clock import BEIJING
from core.errors import Forbidden
from identity.accounts.errors import DocumentExpired, IdNumberInvalid
from identity.liveness.errors import NotAccepted, OwnCounter
from tests.factories.id_numbers import with_check
from tests.factories.identity import LI, ZHANG, IdentityWorld


async def test_an_account_rises_step_by_step_and_falls_with_its_phone(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    assert (await identity.accounts.profile(actor)).level == "L0"
    bound = await identity.accounts.bind_phone(actor, identity.wechat.code_for("19900000001"))
    assert (bound.level, bound.level_title, [step.code for step in bound.next_steps]) == ("L1", "已绑定手机号", ["declare_identity"])
    assert (await identity.accounts.unbind_phone(actor)).level == "L0"
    assert (await identity.accounts.unbind_phone(actor)).phone is None
    declared = await identity.accounts.declare_identity(actor, *ZHANG)
    assert (declared.level, declared.document_kind, declared.document_title) == ("L2", "resident_id_card", "居民身份证")
    await identity.passed(actor)
    proven = await identity.accounts.profile(actor)
    assert proven.level == "L3" and proven.proven_at == identity.clock.now() and proven.level_falls_on is not None
    chain = [link.action for link in await audit.links(f"account:{actor.id}")]
    assert chain.count("phone.unbound") == 1 and "identity.declared" in chain


async def test_a_document_that_runs_out_takes_the_level_along_until_it_is_renewed(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    today = identity.clock.now().astimezone(BEIJING).date()
    with pytest.raises(DocumentExpired):
        await identity.accounts.declare_identity(actor, *ZHANG, document_until=today - timedelta(days=1))
    declared = await identity.accounts.declare_identity(actor, *ZHANG, document_until=today + timedelta(days=9))
    assert declared.level_falls_on == today + timedelta(days=10)
    await identity.passed(actor)
    identity.clock.advance(days=10)
    fallen = await identity.accounts.profile(actor)
    assert (fallen.level, [step.code for step in fallen.next_steps]) == ("L0", ["bind_phone", "renew_document"])
    assert (await identity.accounts.identity_of(actor.id)).level == 0
    renewed = await identity.accounts.declare_identity(actor, *ZHANG, document_until=today + timedelta(days=3650))
    assert renewed.level == "L3" and "identity.document_renewed" in [link.action for link in await audit.links(f"account:{actor.id}")]
    earlier = await identity.accounts.declare_identity(actor, *ZHANG, document_until=today + timedelta(days=20))
    assert earlier.document_until == today + timedelta(days=3650)


async def test_a_last_day_is_told_later_and_a_long_term_document_has_none(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    today = identity.clock.now().astimezone(BEIJING).date()
    told = await identity.accounts.declare_identity(actor, *ZHANG, document_until=today)
    assert (told.document_until, told.level_falls_on) == (today, today + timedelta(days=1))
    identity.clock.advance(days=1)
    assert (await identity.accounts.profile(actor)).level == "L0"
    endless = await identity.accounts.declare_identity(actor, *ZHANG, document_until=date.max)
    assert (endless.level, endless.document_until, endless.level_falls_on) == ("L2", date.max, None)
    assert (await identity.accounts.declare_identity(actor, *ZHANG)).document_until == date.max
    identity.clock.advance(days=36500)
    assert (await identity.accounts.profile(actor)).level == "L2"


async def test_everybody_is_told_what_each_level_lets_them_do_and_what_is_missing(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    levels = await identity.accounts.levels(actor)
    assert [(one.level, one.step and one.step.code) for one in levels] == [
        ("L0", None),
        ("L1", "bind_phone"),
        ("L2", None),
        ("L3", "prove_in_person"),
    ]
    assert all(one.title and one.lets for one in levels)


async def test_a_proof_does_not_last_for_ever(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    await identity.passed(actor)
    identity.clock.advance(days=1824)
    assert (await identity.accounts.profile(actor)).level == "L3"
    identity.clock.advance(days=1)
    assert (await identity.accounts.profile(actor)).level == "L2"


async def test_holders_of_residence_permits_are_declared_like_everybody(identity: IdentityWorld) -> None:
    for name, number, kind in (
        ("陳大文", with_check("81000019850601002"), "hmt_residence_permit"),
        ("Maria da Silva", with_check("91107619800229001"), "permanent_residence_card"),
        ("John Smith", "USA310080022901", "permanent_residence_card"),
    ):
        identity.register.people[number] = (name, b"portrait")
        actor = await identity.citizen((name, number))
        profile = await identity.accounts.profile(actor)
        assert (profile.level, profile.document_kind) == ("L2", kind)
        assert (await identity.passed(actor)).outcome == "accept"
    asked = identity.register.asked
    with pytest.raises(IdNumberInvalid):
        await identity.accounts.declare_identity(await identity.citizen(), "张未来", with_check("51010420270101001"))
    assert identity.register.asked == asked


async def test_a_clerk_takes_a_proof_back_and_nothing_that_followed_from_it_can_be_used(identity: IdentityWorld) -> None:
    actor, clerk = await identity.citizen(ZHANG), await identity.clerk()
    view = await identity.passed(actor)
    own = await identity.clerk("zhangwei", id_number=ZHANG[1])
    for who, error in ((own, OwnCounter), (actor, Forbidden)):
        with pytest.raises(error):
            await identity.verifications.revoke_proof(who, account_id=actor.id, reason="another_person")
    assert (await identity.accounts.profile(actor)).level == "L3"
    for _ in range(2):
        await identity.verifications.revoke_proof(clerk, account_id=actor.id, reason="another_person")
    assert (await identity.accounts.profile(actor)).level == "L2"
    with pytest.raises(NotAccepted):
        await identity.verifications.assertion(actor, view.id)
    assert [link.action for link in await audit.links(f"account:{actor.id}")].count("identity.proof_revoked") == 1
    other = await identity.citizen(LI)
    await identity.passed(other)
    assert (await identity.accounts.profile(other)).level == "L3"
