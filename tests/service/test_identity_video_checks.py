"""The video queue, of equal rank with the face: places, one clerk each, tokens that a video server takes, and who goes away (R52)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from core import audit
from core.actor import Actor
from core.errors import Forbidden, InvalidInput, NotFound
from identity.config import IdentityConfig
from identity.liveness.models import Verification
from identity.liveness.service import Identifications
from identity.video_checks.config import VideoConfig
from identity.video_checks.errors import ClerkTalking, QueueEmpty, VideoMissing, VideoOpen
from identity.video_checks.models import VideoCheck
from identity.video_checks.rules import refusal_text, wait_seconds
from identity.video_checks.service import LiveKitRooms, VideoChecks, VideoEvidence
from identity.video_checks.views import VideoCheckView
from sandbox.rooms import claims_of
from tests.factories.id_numbers import with_check
from tests.factories.identity import LI, RARE, UIGHUR, ZHANG, IdentityWorld
from tests.factories.sandbox import running_sandbox

SEEN = VideoEvidence(
    "accept",
    "resident_id_card",
    ["document_genuine", "holder_matches_photo", "number_matches_account", "moves_when_asked", "is_alone"],
)


def videos_of(identity: IdentityWorld, url: str = "wss://video.example") -> VideoChecks:
    config = VideoConfig(url=url)
    return VideoChecks(
        clock=identity.clock,
        accounts=identity.accounts,
        staff=identity.staff,
        rooms=LiveKitRooms(config=config, clock=identity.clock) if url else None,
        identifications=Identifications(clock=identity.clock, accounts=identity.accounts, config=IdentityConfig()),
        config=config,
    )


async def join(videos: VideoChecks, actor: Actor) -> VideoCheckView:
    return await videos.join(actor, application_id="case_1", document_sha256="d" * 64)


async def test_a_clerk_identifies_over_video_with_equal_effect(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    assert (view.state, view.position, view.wait_seconds, view.room, view.allowed_actions) == ("waiting", 1, 300, None, ["leave"])
    call = await videos.take_next(clerk)
    assert (call.name, call.id_number) == ZHANG and (await videos.current(clerk)).id == call.id
    mine = await videos.get(actor, view.id)
    assert mine.state == "talking" and mine.room is not None and mine.room.token != call.room.token
    for room in (mine.room, call.room):
        claims = claims_of(room.token, "sandbox", VideoConfig().secret, identity.clock.now().timestamp())
        assert (
            claims is not None and claims["video"]["roomJoin"] and not any(secret in str(claims) for secret in (*ZHANG, actor.id, clerk.id))
        )
    with pytest.raises(InvalidInput):
        await videos.decide(clerk, VideoEvidence("accept", "resident_id_card", ["document_genuine"]))
    with pytest.raises(InvalidInput):
        await videos.decide(clerk, VideoEvidence("reject", "resident_id_card", []))
    done = await videos.decide(clerk, SEEN)
    assert (await identity.accounts.profile(actor)).level == "L3"
    token = (await identity.verifications.assertion(actor, done.verification_id)).assertion
    facts = await identity.verifications.consume(token, application_id="case_1", document_sha256="d" * 64, account_id=actor.id)
    assert facts.method == "video"
    assert (await videos.get(actor, view.id)).verification_id == done.verification_id
    chain = [link.action for link in await audit.links(f"account:{actor.id}")]
    assert {"identity.video_joined", "identity.video_taken", "identity.identified_by_video"} <= set(chain)
    with pytest.raises(NotFound):
        await videos.decide(clerk, SEEN)


async def test_a_refusal_raises_nobody_and_says_why_on_record(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    await videos.take_next(clerk)
    await videos.decide(clerk, VideoEvidence("reject", "resident_id_card", ["document_genuine"], "other_person"))
    done = await videos.get(actor, view.id)
    assert (done.state, done.outcome, done.verification_id) == ("decided", "reject", None)
    assert done.reason_text == "工作人员看到的人和证件上的照片没有对上。" and "没能核对上" in refusal_text("a reason of tomorrow")
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
    assert (await videos.take_next(clerk)).id == views[1].id


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
        await join(videos_of(identity, ""), actor)


async def test_both_meet_in_one_room_of_the_stand_in_and_no_forged_token_enters(identity: IdentityWorld) -> None:
    async with running_sandbox() as sandbox:
        state_now = sandbox.state.clock.now()
        identity.clock.advance(seconds=(state_now - identity.clock.now()).total_seconds())
        videos, actor, clerk = videos_of(identity, sandbox.base_url), await identity.citizen(ZHANG), await identity.clerk()
        view = await join(videos, actor)
        call = await videos.take_next(clerk)
        mine = (await videos.get(actor, view.id)).room
        assert mine is not None
        async with httpx.AsyncClient(base_url=mine.url, trust_env=False) as web:
            answers = [
                await web.post("/rooms/join", headers={"Authorization": f"Bearer {token}"})
                for token in (call.room.token, mine.token, mine.token[:-3] + "abc", "x", mine.token.rsplit(".", 1)[0] + ".")
            ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401, 401]
    assert set(answers[1].json()["participants"].values()) == {"工作人员", "申请人"}


@pytest.mark.parametrize(
    ("url", "is_offered"), [("", False), ("http://127.0.0.1:8100", True), ("ws://rooms.test", False), ("wss://rooms.test", False)]
)
def test_the_pages_offer_only_what_they_can_finish(url: str, is_offered: bool) -> None:
    assert VideoConfig(url=url).is_on_our_pages is is_offered


def test_the_estimate_of_the_wait() -> None:
    assert wait_seconds(0, 0, []) == 300 and wait_seconds(3, 2, []) == 600 and wait_seconds(1, 1, [100.0, 200.0, 900.0]) == 400
