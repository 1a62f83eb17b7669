"""The video queue, of equal rank with the face: places, one clerk each, a decision on evidence, and who goes away (R52)."""

from __future__ import annotations

import asyncio

import pytest

from core import audit
from core.errors import Forbidden, InvalidInput, NotFound
from identity.liveness.models import Verification
from identity.video_checks.errors import ClerkTalking, QueueEmpty, VideoMissing, VideoOpen
from identity.video_checks.models import VideoCheck
from identity.video_checks.service import VideoEvidence
from tests.factories.id_numbers import with_check
from tests.factories.identity import LI, RARE, UIGHUR, ZHANG, IdentityWorld
from tests.factories.video import join, videos_of

SEEN = VideoEvidence(
    "accept",
    "resident_id_card",
    ["document_genuine", "holder_matches_photo", "number_matches_account", "moves_when_asked", "is_alone"],
)


async def test_a_clerk_identifies_over_video_with_equal_effect(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    assert (view.state, view.position, view.wait_seconds, view.media, view.allowed_actions) == ("waiting", 1, 300, None, ["leave"])
    call = await videos.take_next(clerk)
    assert (call.name, call.id_number) == ZHANG and (await videos.current(clerk)).id == call.id
    mine = await videos.get(actor, view.id)
    assert mine.state == "talking" and mine.media is not None
    with pytest.raises(InvalidInput):
        await videos.decide(clerk, view.id, VideoEvidence("accept", "resident_id_card", ["document_genuine"]))
    with pytest.raises(InvalidInput):
        await videos.decide(clerk, view.id, VideoEvidence("reject", "resident_id_card", []))
    done = await videos.decide(clerk, view.id, SEEN)
    assert (await identity.accounts.profile(actor)).level == "L3"
    token = (await identity.verifications.assertion(actor, done.verification_id)).assertion
    facts = await identity.verifications.consume(token, application_id="case_1", document_sha256="d" * 64, account_id=actor.id)
    assert facts.method == "video"
    assert (await videos.get(actor, view.id)).verification_id == done.verification_id
    chain = [link.action for link in await audit.links(f"account:{actor.id}")]
    assert {"identity.video_joined", "identity.video_taken", "identity.identified_by_video"} <= set(chain)
    with pytest.raises(NotFound):
        await videos.decide(clerk, view.id, SEEN)


async def test_a_decision_is_about_the_call_that_was_looked_at(identity: IdentityWorld) -> None:
    """A second window of the same clerk has taken the next person meanwhile."""
    videos, clerk = videos_of(identity), await identity.clerk()
    first, second = [await join(videos, await identity.citizen(who)) for who in (ZHANG, LI)]
    await videos.take_next(clerk)
    await videos.decide(clerk, first.id, SEEN)
    await videos.take_next(clerk)
    with pytest.raises(NotFound):
        await videos.decide(clerk, first.id, SEEN)
    assert (await videos.current(clerk)).id == second.id and await Verification.all().count() == 1


async def test_a_refusal_raises_nobody_and_says_why_on_record(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    await videos.take_next(clerk)
    await videos.decide(clerk, view.id, VideoEvidence("reject", "resident_id_card", ["document_genuine"], "other_person"))
    done = await videos.get(actor, view.id)
    assert (done.state, done.outcome, done.verification_id) == ("decided", "reject", None)
    assert done.reason_text == "工作人员看到的人和证件上的照片没有对上。"
    row = await Verification.get(account_id=actor.id)
    assert row.outcome == "reject" and "other_person" in (row.evidence or "") and (await identity.accounts.profile(actor)).level == "L2"
    assert (await join(videos, actor)).position == 1


async def test_places_in_the_queue_and_one_wish_at_a_time(identity: IdentityWorld) -> None:
    videos, clerk = videos_of(identity), await identity.clerk()
    people = [await identity.citizen(who) for who in (ZHANG, LI, RARE)]
    views = []
    for actor in people:
        views.append(await join(videos, actor))
        identity.clock.advance(seconds=1)
    assert [view.position for view in views] == [1, 2, 3]
    assert (await join(videos, people[1])).id == views[1].id
    with pytest.raises(VideoOpen):
        await videos.join(people[1], application_id="case_2", document_sha256=None)
    with pytest.raises(NotFound):
        await videos.get(people[0], views[1].id)
    await videos.leave(people[0], views[0].id)
    assert (await videos.get(people[2], views[2].id)).position == 2
    assert (await videos.take_next(clerk)).id == views[1].id
    with pytest.raises(ClerkTalking):
        await videos.take_next(clerk)
    assert (await videos.put_back(clerk)).waiting == 2
    assert (await videos.get(people[1], views[1].id)).position == 1
    assert (await videos.take_next(clerk)).id == views[2].id, "whom she put back is for a colleague"
    assert (await videos.put_back(clerk)).waiting == 2
    assert (await videos.take_next(clerk)).id == views[1].id, "unless nobody else waits"


async def test_two_clerks_at_once_get_different_people(identity: IdentityWorld) -> None:
    """On PostgreSQL the transactions really run side by side."""
    videos = videos_of(identity)
    clerks = [await identity.clerk(f"clerk{number}", id_number=with_check(f"5101041990010100{number}")) for number in range(3)]
    for who in (ZHANG, LI):
        await join(videos, await identity.citizen(who))
    answers = await asyncio.gather(*(videos.take_next(clerk) for clerk in clerks), return_exceptions=True)
    taken = [answer.id for answer in answers if not isinstance(answer, BaseException)]
    assert len(taken) == len(set(taken)) == 2
    assert [type(answer) for answer in answers if isinstance(answer, BaseException)] == [QueueEmpty]


async def test_who_goes_away_loses_the_place_and_a_forgotten_call_ends(identity: IdentityWorld) -> None:
    videos, clerk = videos_of(identity), await identity.clerk()
    gone, stays = await identity.citizen(ZHANG), await identity.citizen(LI)
    first, second = await join(videos, gone), await join(videos, stays)
    identity.clock.advance(seconds=40)
    await videos.get(stays, second.id)
    identity.clock.advance(seconds=40)
    assert (await videos.take_next(clerk)).id == second.id
    assert (await videos.get(gone, first.id)).state == "abandoned"
    identity.clock.advance(minutes=21)
    assert (await videos.get(stays, second.id)).state == "abandoned"
    assert (await videos.queue(clerk)).current is None
    with pytest.raises(QueueEmpty):
        await videos.take_next(clerk)
    assert await VideoCheck.filter(open_for__isnull=False).count() == 0


async def test_who_may_take_whom(identity: IdentityWorld) -> None:
    videos, actor = videos_of(identity), await identity.citizen(UIGHUR)
    own = await identity.clerk("aygul", id_number=UIGHUR[1])
    await join(videos, actor)
    for call in (videos.take_next, videos.queue, videos.current, videos.put_back):
        with pytest.raises(Forbidden):
            await call(actor)
    with pytest.raises(QueueEmpty):
        await videos.take_next(own)
    with pytest.raises(VideoMissing):
        await join(videos_of(identity, is_offered=False), actor)
