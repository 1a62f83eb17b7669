"""People under 14: a proven guardian, a recorded consent, an end at 14, never oneself (R52; 人脸识别技术应用安全管理办法 art. 7)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import get_args

import pytest

from core import audit
from core.actor import Actor
from core.db import transaction
from core.errors import Forbidden, InvalidInput, NotFound, TooManyRequests
from core.flow import IllegalMove
from identity.guardians.errors import GuardianNotProven, GuardianshipOpen, OwnGuardian, OwnWard, WardTooOld, WardUnknown
from identity.guardians.models import GuardianConsent, Guardianship
from identity.guardians.rules import OTHER_REFUSAL, REFUSALS, birthday, is_ward, may_be_guardian, refusal_text
from identity.guardians.service import CONSENT, Evidence, Refusal
from identity.guardians.views import GuardianshipView
from identity.liveness.errors import ConsentWithdrawn, GuardianNeeded
from identity.liveness.models import Verification
from tests.factories.identity import CHILD, LI, ZHANG, IdentityWorld

SEEN = Evidence("household_register", ["document_genuine", "relation_shown", "ward_matches", "guardian_present"])


async def family(identity: IdentityWorld) -> tuple[Actor, Actor, GuardianshipView]:
    """A proven guardian, the child, and the guardianship as declared."""
    guardian, child = await identity.citizen(ZHANG), await identity.citizen(CHILD)
    await identity.passed(guardian)
    return guardian, child, await identity.guardians.declare(guardian, name=CHILD[0], id_number=CHILD[1], relation="parent")


async def test_a_child_s_face_is_checked_with_a_proven_guardian_s_consent_and_it_is_on_record(identity: IdentityWorld) -> None:
    guardian, child, view = await family(identity)
    clerk = await identity.clerk()
    for step in range(2):
        with pytest.raises(GuardianNeeded):
            await identity.start(child)
        if step == 0:
            assert (view.state, view.has_consent, view.allowed_actions) == ("declared", False, ["revoke"])
            with pytest.raises(IllegalMove):
                await identity.guardians.consent(guardian, view.id, CONSENT.version)
            (waiting,) = await identity.guardians.to_prove(clerk)
            assert (waiting.guardian_id_number, waiting.ward_id_number) == (ZHANG[1], CHILD[1])
            assert (await identity.guardians.prove(clerk, view.id, SEEN)).state == "proven"
    with pytest.raises(InvalidInput):
        await identity.guardians.consent(guardian, view.id, "2020-1")
    for _ in range(2):
        assert (await identity.guardians.consent(guardian, view.id, CONSENT.version)).has_consent
    done = await identity.passed(child)
    assert done.outcome == "accept"
    given = await GuardianConsent.get(ward_id=child.id)
    assert (await Verification.get(id=done.id)).guardian_consent_id == given.id
    chain = [link.action for link in await audit.links(f"account:{child.id}")]
    assert [action for action in chain if action.startswith("guardian.")] == [
        "guardian.declared",
        "guardian.viewed",
        "guardian.proven",
        "guardian.consented",
    ]
    assert [(one.role, one.allowed_actions) for one in await identity.guardians.mine(child)] == [("ward", [])]


async def test_a_consent_asked_for_twice_at_once_is_one(identity: IdentityWorld) -> None:
    guardian, child, view = await family(identity)
    await identity.guardians.prove(await identity.clerk(), view.id, SEEN)
    await asyncio.gather(*(identity.guardians.consent(guardian, view.id, CONSENT.version) for _ in range(5)))
    assert await GuardianConsent.filter(ward_id=child.id, withdrawn_at=None).count() == 1
    given = await GuardianConsent.get(ward_id=child.id)
    async with transaction():
        assert await identity.guardians.hold(given.id)
    await identity.guardians.withdraw(guardian, view.id)
    async with transaction():
        assert not await identity.guardians.hold(given.id)


async def test_withdrawing_stops_the_child_s_check_while_it_is_judged(identity: IdentityWorld) -> None:
    guardian, child, view = await family(identity)
    await identity.guardians.prove(await identity.clerk(), view.id, SEEN)
    await identity.guardians.consent(guardian, view.id, CONSENT.version)
    check = await identity.start(child)

    async def withdraw() -> None:
        await identity.guardians.withdraw(guardian, view.id)

    identity.vision.during = withdraw
    with pytest.raises(ConsentWithdrawn):
        await identity.filmed(child, check)
    assert (await identity.verifications.get(child, check.id)).state == "expired"
    with pytest.raises(GuardianNeeded):
        await identity.start(child)


async def test_who_cannot_be_a_guardian_or_a_ward(identity: IdentityWorld) -> None:
    guardian, child, adult = await identity.citizen(ZHANG), await identity.citizen(CHILD), await identity.citizen(LI)

    async def declare(name: str, number: str) -> object:
        return await identity.guardians.declare(guardian, name=name, id_number=number, relation="parent")

    with pytest.raises(GuardianNotProven):
        await declare(*CHILD)
    await identity.passed(guardian)
    for (name, number), error in (
        (ZHANG, OwnGuardian),
        (LI, WardTooOld),
        ((LI[0], CHILD[1]), WardUnknown),
    ):
        with pytest.raises(error):
            await declare(name, number)
    await declare(*CHILD)
    with pytest.raises(GuardianshipOpen):
        await declare(*CHILD)
    with pytest.raises(TooManyRequests):
        await declare(*CHILD)
    assert await Guardianship.all().count() == 1
    with pytest.raises(GuardianNotProven):
        await identity.guardians.declare(child, name=CHILD[0], id_number=CHILD[1], relation="sibling")
    assert await identity.guardians.mine(adult) == []


async def test_only_a_clerk_without_interest_proves_and_only_with_all_papers(identity: IdentityWorld) -> None:
    guardian, child, view = await family(identity)
    own, kin = await identity.clerk("zhangwei", id_number=ZHANG[1]), await identity.clerk("child", id_number=CHILD[1])
    clerk = await identity.clerk()
    for who in (own, kin):
        with pytest.raises(OwnWard):
            await identity.guardians.prove(who, view.id, SEEN)
    for who in (guardian, child):
        with pytest.raises(Forbidden):
            await identity.guardians.prove(who, view.id, SEEN)
        with pytest.raises(Forbidden):
            await identity.guardians.to_prove(who)
    with pytest.raises(InvalidInput):
        await identity.guardians.prove(clerk, view.id, Evidence("birth_certificate", ["document_genuine"]))
    with pytest.raises(NotFound):
        await identity.guardians.prove(clerk, "guardianship_unknown", SEEN)
    await identity.verifications.revoke_proof(clerk, account_id=guardian.id, reason="another_person")
    with pytest.raises(GuardianNotProven):
        await identity.guardians.prove(clerk, view.id, SEEN)


async def test_a_clerk_who_is_not_convinced_says_why_and_the_child_may_be_declared_again(identity: IdentityWorld) -> None:
    guardian, child, view = await family(identity)
    clerk, kin = await identity.clerk(), await identity.clerk("child", id_number=CHILD[1])
    with pytest.raises(OwnWard):
        await identity.guardians.refuse(kin, view.id, "facts_differ")
    for who in (guardian, child):
        with pytest.raises(Forbidden):
            await identity.guardians.refuse(who, view.id, "facts_differ")
    with pytest.raises(NotFound):
        await identity.guardians.refuse(clerk, "guardianship_unknown", "facts_differ")
    assert (await identity.guardians.refuse(clerk, view.id, "relation_not_shown")).state == "ended"
    with pytest.raises(IllegalMove):
        await identity.guardians.prove(clerk, view.id, SEEN)
    assert await identity.guardians.to_prove(clerk) == []
    lines = [link for link in await audit.links(f"account:{child.id}") if link.action == "guardian.refused"]
    assert len(lines) == 1 and "relation_not_shown" in str(lines[0].data)
    (told,) = await identity.guardians.mine(guardian)
    assert told.ended_why == "refused" and told.reason_text == refusal_text("relation_not_shown")
    (child_reads,) = await identity.guardians.mine(child)
    assert child_reads.ended_why == "refused" and child_reads.reason_text is None
    again = await identity.guardians.declare(guardian, name=CHILD[0], id_number=CHILD[1], relation="parent")
    await identity.guardians.prove(clerk, again.id, SEEN)
    with pytest.raises(IllegalMove):
        await identity.guardians.refuse(clerk, again.id, "facts_differ")
    assert {one.state: one.reason_text for one in await identity.guardians.mine(guardian)} == {
        "proven": None,
        "ended": refusal_text("relation_not_shown"),
    }


async def test_it_ends_by_revocation_and_on_the_fourteenth_birthday(identity: IdentityWorld) -> None:
    guardian, child, view = await family(identity)
    clerk = await identity.clerk()
    await identity.guardians.prove(clerk, view.id, SEEN)
    await identity.guardians.consent(guardian, view.id, CONSENT.version)
    for call in (identity.guardians.revoke, identity.guardians.withdraw):
        with pytest.raises(NotFound):
            await call(child, view.id)
    ended = await identity.guardians.revoke(guardian, view.id)
    assert (ended.state, ended.ended_why) == ("ended", "revoked")
    with pytest.raises(GuardianNeeded):
        await identity.start(child)
    with pytest.raises(IllegalMove):
        await identity.guardians.revoke(guardian, view.id)
    again = await identity.guardians.declare(guardian, name=CHILD[0], id_number=CHILD[1], relation="parent")
    await identity.guardians.prove(clerk, again.id, SEEN)
    await identity.guardians.consent(guardian, again.id, CONSENT.version)
    assert again.ends_on == date(2032, 1, 1)
    assert await identity.guardians.end_of_age() == 0
    identity.clock.advance(days=(date(2032, 1, 1) - date(2026, 11, 23)).days)
    (first, _) = await identity.guardians.mine(guardian)
    assert (first.state, first.has_consent, first.allowed_actions) == ("ended", False, [])
    assert await identity.guardians.consent_for(child.id) is None
    assert await identity.guardians.end_of_age() == 1 and await GuardianConsent.filter(withdrawn_at=None).count() == 0
    grown = await identity.citizen(openid="grown")
    assert grown.id != child.id


def test_every_refusal_has_its_words_and_an_unknown_one_still_says_what_to_bring() -> None:
    assert set(REFUSALS) == set(get_args(Refusal))
    assert refusal_text("a reason of tomorrow") == refusal_text(None) == OTHER_REFUSAL and "带上" in OTHER_REFUSAL


def test_birthdays() -> None:
    leap = date(2012, 2, 29)
    assert birthday(leap, 14) == date(2026, 3, 1) and birthday(leap, 16) == date(2028, 2, 29)
    assert is_ward(leap, date(2026, 2, 28)) and not is_ward(leap, date(2026, 3, 1))
    assert not may_be_guardian(date(2008, 11, 24), date(2026, 11, 23)) and may_be_guardian(date(2008, 11, 23), date(2026, 11, 23))
