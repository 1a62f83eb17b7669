"""Consents: separate ones, to a text, withdrawn at any moment, with a history (R52; 个人信息保护法 art. 14, 15, 29)."""

from __future__ import annotations

import asyncio
import time

import pytest

from core import audit
from core.actor import Actor
from identity.liveness.consent import AUDIT_IMAGE_VERSION, TEXTS, VERSION, FaceConsents
from identity.liveness.errors import ConsentNeeded, ConsentTextChanged, ConsentWithdrawn, VerificationExpired
from identity.liveness.models import FaceTally, SeenCapture, SeenFrame, Verification
from identity.liveness.views import VerificationView
from tests.factories.identity import LI, ZHANG, IdentityWorld
from tests.factories.moving import Shown, clip
from tests.service.test_identity_capture import person, streamed


async def nothing_came_of(identity: IdentityWorld, actor: Actor, view: VerificationView) -> None:
    """The check has ended without verdict, trace, digest or a failure on anybody's tally, and another needs a new consent."""
    row = await Verification.get(id=view.id)
    assert (row.state, row.outcome, row.tries, row.open_for, row.lease_until) == ("expired", None, 0, None, None)
    assert await SeenFrame.all().count() == await SeenCapture.all().count() == await FaceTally.all().count() == 0
    with pytest.raises(ConsentNeeded):
        await identity.verifications.create(actor, purpose="sign", application_id="case_1", document_sha256=None, consent_version=VERSION)
    assert (await identity.accounts.profile(actor)).level == "L2"
    assert "identity.face_judged" not in [link.action for link in await audit.links(f"account:{actor.id}")]


async def test_withdrawing_stops_a_running_capture_at_once(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    who = person(identity, view)
    receive, since = who.receive, 0.0

    async def withdrawing() -> bytes:
        nonlocal since
        if who.sent == 40:
            await identity.consents.decline(actor)
            since = time.monotonic()
            await asyncio.sleep(3600)
        return await receive()

    who.receive = withdrawing  # type: ignore[method-assign]
    with pytest.raises(ConsentWithdrawn):
        await streamed(identity, actor, view, who)
    assert time.monotonic() - since < 2 and "judging" not in who.kinds() and who.sent == 40
    await nothing_came_of(identity, actor, view)


@pytest.mark.parametrize("how", ["stream", "clip"])
async def test_withdrawing_while_pictures_are_judged_leaves_no_verdict(identity: IdentityWorld, how: str) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    challenge = await identity.verifications.clip_challenge(actor, view.id) if how == "clip" else None

    async def withdraw() -> None:
        await identity.consents.decline(actor)

    identity.vision.during = withdraw
    with pytest.raises(ConsentWithdrawn):
        if challenge:
            film = clip([Shown() for _ in range(60)])
            await identity.verifications.submit_clip(actor, view.id, nonce=challenge.nonce, data=film, mirrored=False)
        else:
            await identity.filmed(actor, view)
    await nothing_came_of(identity, actor, view)


async def test_withdrawing_ends_what_was_only_opened_and_leaves_others_alone(identity: IdentityWorld) -> None:
    actor, other = await identity.citizen(ZHANG), await identity.citizen(LI)
    view, theirs = await identity.start(actor), await identity.start(other)
    await identity.consents.decline(actor)
    with pytest.raises(VerificationExpired):
        await identity.filmed(actor, view)
    assert (await identity.filmed(other, theirs)).outcome == "accept"


async def test_a_consent_withdrawn_while_a_check_is_being_opened_opens_none(
    identity: IdentityWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = await identity.citizen(ZHANG)
    await identity.consents.grant(actor, VERSION)
    asked = FaceConsents.require

    async def require(self: FaceConsents, account_id: str, version: str) -> str:
        found = await asked(self, account_id, version)
        await identity.consents.decline(actor)
        return found

    monkeypatch.setattr(FaceConsents, "require", require)
    with pytest.raises(ConsentNeeded):
        await identity.verifications.create(actor, purpose="sign", application_id="case_1", document_sha256=None, consent_version=VERSION)
    assert await Verification.all().count() == 0


async def test_the_two_consents_are_separate_and_both_remembered(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    await identity.consents.grant(actor, VERSION)
    assert not (await identity.consents.view(actor, "audit_image")).is_given
    with pytest.raises(ConsentTextChanged):
        await identity.consents.grant(actor, "2020-1-1", "audit_image")
    for _ in range(2):
        assert (await identity.consents.grant(actor, AUDIT_IMAGE_VERSION, "audit_image")).is_given
    identity.clock.advance(hours=1)
    assert not (await identity.consents.decline(actor, "audit_image")).is_given
    assert (await identity.consents.view(actor)).is_given
    identity.clock.advance(hours=1)
    await identity.consents.decline(actor)
    await identity.consents.grant(actor, VERSION)
    listed = await identity.consents.history(actor)
    assert sorted((one.kind, one.withdrawn_at is None) for one in listed) == [("audit_image", False), ("face", False), ("face", True)]
    assert all(one.text_sha256 == TEXTS[one.kind].sha256 and one.title for one in listed)
    assert await identity.consents.history(await identity.citizen()) == []
    chain = [link.action for link in await audit.links(f"account:{actor.id}")]
    assert chain.count("identity.audit_image_consent_granted") == 1 and "identity.face_consent_withdrawn" in chain


async def test_an_older_text_does_not_stand_for_a_newer_one(identity: IdentityWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = await identity.citizen(ZHANG)
    await identity.consents.grant(actor, VERSION)
    newer = type(TEXTS["face"])("2099-1-1", "人脸核验告知书", "新的内容")
    monkeypatch.setitem(TEXTS, "face", newer)
    assert not (await identity.consents.view(actor)).is_given and newer.sha256 != (await identity.consents.history(actor))[0].text_sha256


async def test_erasing_withdraws_all_consents(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    await identity.consents.grant(actor, AUDIT_IMAGE_VERSION, "audit_image")
    assert (await identity.consents.erase(actor)).withdrawn == ["face", "audit_image"]
    assert (await identity.verifications.get(actor, view.id)).state == "expired"
    assert (await identity.consents.erase(actor)).withdrawn == []
