"""The counter, of equal rank to the face check: who may identify whom, on what evidence."""

from __future__ import annotations

import pytest

from core import audit
from core.actor import Actor, Role
from core.errors import Forbidden, InvalidInput, NotFound
from identity.accounts.errors import NotDeclared
from identity.liveness.counter import CounterEvidence
from identity.liveness.errors import (
    DocumentMismatch,
    OwnCounter,
)
from identity.liveness.models import Verification
from tests.factories.identity import CHECKED, LI, ZHANG, IdentityWorld


async def test_a_clerk_identifies_at_the_counter_with_equal_effect(identity: IdentityWorld) -> None:
    actor, clerk = await identity.citizen(ZHANG), await identity.clerk()
    view = await identity.start(actor)
    shown = await identity.verifications.holder(clerk, actor.id)
    assert (shown.name, shown.id_number) == ZHANG
    evidence = CounterEvidence("resident_id_card", CHECKED.checked, "51010419920315001x")
    done = await identity.verifications.identify_at_counter(
        clerk, account_id=actor.id, application_id="case_1", document_sha256="d" * 64, evidence=evidence
    )
    assert done.outcome == "accept" and (await identity.accounts.profile(actor)).level == "L3"
    listed = await identity.verifications.list_mine(actor, "case_1")
    assert [(item.method, item.state) for item in listed] == [("counter", "decided"), ("face", "expired")]
    assert listed[0].id == done.verification_id and listed[0].allowed_actions == ["assert"]
    assert view.id == listed[1].id
    chain = [link.action for link in await audit.links(f"account:{actor.id}")]
    assert "identity.viewed_at_counter" in chain and "identity.identified_at_counter" in chain


async def test_who_may_not_identify_at_a_counter(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    own = await identity.clerk("zhangwei", id_number=ZHANG[1])
    profile, _ = await identity.hire("other")
    without, admin = Actor(Role.CLERK, profile.staff_id), Actor(Role.ADMIN, profile.staff_id)
    for who, error in ((own, OwnCounter), (without, Forbidden), (admin, Forbidden), (actor, Forbidden)):
        with pytest.raises(error):
            await identity.verifications.holder(who, actor.id)
        with pytest.raises(error):
            await identity.verifications.identify_at_counter(
                who, account_id=actor.id, application_id="case_1", document_sha256=None, evidence=CHECKED
            )
    assert await Verification.all().count() == 0


async def test_bad_evidence_at_the_counter(identity: IdentityWorld) -> None:
    actor, clerk = await identity.citizen(ZHANG), await identity.clerk()
    blank = await identity.citizen()
    two_checks = CounterEvidence("resident_id_card", ["document_genuine", "holder_matches_photo"])
    other_card = CounterEvidence("resident_id_card", CHECKED.checked, LI[1])
    for account, evidence, error in (
        (actor.id, two_checks, InvalidInput),
        (actor.id, other_card, DocumentMismatch),
        (blank.id, CHECKED, NotDeclared),
        ("account_none", CHECKED, NotFound),
    ):
        with pytest.raises(error):
            await identity.verifications.identify_at_counter(
                clerk, account_id=account, application_id="case_1", document_sha256=None, evidence=evidence
            )
    assert await Verification.all().count() == 0


async def test_the_two_routes_are_compared(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    await identity.passed(actor)
    await identity.verifications.identify_at_counter(
        await identity.clerk(), account_id=actor.id, application_id="case_2", document_sha256=None, evidence=CHECKED
    )
    face, counter = await identity.verifications.route_reports(Actor(Role.SUPERVISOR, "staff_1"))
    assert (face.method, face.started, face.accepted) == ("face", 1, 1)
    assert face.median_seconds is not None and 3 < face.median_seconds < 14, "as long as the film"
    assert (counter.method, counter.started, counter.accepted) == ("counter", 1, 1)
    with pytest.raises(Forbidden):
        await identity.verifications.route_reports(actor)
