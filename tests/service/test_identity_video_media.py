"""How the two browsers of a video check find each other: rounds, for nobody else, kept no longer than the call (R52)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import Conflict, Forbidden, NotFound
from identity.video_checks.config import VideoConfig
from identity.video_checks.errors import VideoClosed, VideoRoundOver
from identity.video_checks.models import VideoCheck
from identity.video_checks.rules import turn_access
from identity.video_checks.service import VideoChecks, VideoEvidence
from tests.factories.identity import LI, ZHANG, IdentityWorld
from tests.factories.video import ICE, join, sdp, videos_of

OFFER, ANSWER, LATER = sdp("192.0.2.10"), sdp("198.51.100.20"), sdp("192.0.2.11")
REFUSED = VideoEvidence("reject", "resident_id_card", [], "picture_too_bad")


async def kept(check_id: str) -> tuple[bytes | None, bytes | None]:
    row = await VideoCheck.get(id=check_id)
    return row.offer_sealed, row.answer_sealed


async def test_a_round_of_offer_and_answer(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    assert view.media is None
    with pytest.raises(VideoRoundOver):
        await videos.answer(actor, view.id, 1, ANSWER)
    call = await videos.take_next(clerk)
    assert (call.media.round, call.media.answer, call.media.needs_offer, call.media.ice_servers) == (0, None, True, [])
    call = await videos.offer(clerk, OFFER)
    assert (call.media.round, call.media.needs_offer) == (1, False) and (await videos.offer(clerk, OFFER)).media.round == 1
    mine = (await videos.get(actor, view.id)).media
    assert mine is not None and (mine.round, mine.offer, mine.is_answered) == (1, OFFER, False)
    for _ in range(2):
        mine = (await videos.answer(actor, view.id, 1, ANSWER)).media
        assert mine is not None and mine.is_answered
    assert (await videos.current(clerk)).media.answer == ANSWER
    with pytest.raises(VideoRoundOver):
        await videos.answer(actor, view.id, 1, LATER)


async def test_either_side_begins_anew_and_an_old_answer_does_not_count(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    await videos.reconnect(actor, view.id)
    await videos.take_next(clerk)
    await videos.offer(clerk, OFFER)
    await videos.answer(actor, view.id, 1, ANSWER)
    again = (await videos.offer(clerk, LATER)).media
    assert (again.round, again.answer, again.needs_offer) == (2, None, False)
    with pytest.raises(VideoRoundOver):
        await videos.answer(actor, view.id, 1, ANSWER)
    for _ in range(2):
        mine = (await videos.reconnect(actor, view.id)).media
        assert mine is not None and (mine.offer, mine.is_answered) == (None, False)
        assert (await videos.current(clerk)).media.needs_offer
    with pytest.raises(VideoRoundOver):
        await videos.answer(actor, view.id, 2, ANSWER)
    assert (await videos.offer(clerk, OFFER)).media.round == 3


async def test_of_two_answers_at_once_one_counts(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    await videos.take_next(clerk)
    await videos.offer(clerk, OFFER)
    answers = [sdp(f"198.51.100.{number}") for number in range(1, 5)]
    done = await asyncio.gather(*(videos.answer(actor, view.id, 1, answer) for answer in answers), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert {type(one) for one in done if isinstance(one, BaseException)} <= {VideoRoundOver, Conflict}
    assert (await videos.current(clerk)).media.answer in answers


async def test_nobody_else_sees_or_changes_it(identity: IdentityWorld) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    stranger, other = await identity.citizen(LI), await identity.clerk("other", id_number="510104199001010027")
    view = await join(videos, actor)
    await videos.take_next(clerk)
    await videos.offer(clerk, OFFER)
    for asked in (videos.get(stranger, view.id), videos.answer(stranger, view.id, 1, ANSWER), videos.reconnect(stranger, view.id)):
        with pytest.raises(NotFound):
            await asked
    for asked_at in (videos.current(other), videos.offer(other, LATER)):
        with pytest.raises(NotFound):
            await asked_at
    with pytest.raises(Forbidden):
        await videos.offer(actor, LATER)
    with pytest.raises(NotFound):
        await videos.answer(clerk, view.id, 1, ANSWER)
    assert (await videos.current(clerk)).media.round == 1


@pytest.mark.parametrize("how", ["leave", "decide", "put_back", "expire"])
async def test_what_they_told_each_other_is_gone_with_the_call(identity: IdentityWorld, how: str) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    await videos.take_next(clerk)
    await videos.offer(clerk, OFFER)
    await videos.answer(actor, view.id, 1, ANSWER)
    assert None not in await kept(view.id)
    if how == "leave":
        await videos.leave(actor, view.id)
    elif how == "decide":
        await videos.decide(clerk, view.id, REFUSED)
    elif how == "put_back":
        await videos.put_back(clerk)
    else:
        identity.clock.advance(minutes=21)
        assert await videos.sweep() == 1
    assert await kept(view.id) == (None, None) and (await videos.get(actor, view.id)).media is None
    with pytest.raises(VideoRoundOver):
        await videos.answer(actor, view.id, 1, ANSWER)
    with pytest.raises(NotFound):
        await videos.offer(clerk, OFFER)
    assert (await videos.reconnect(actor, view.id)).media is None
    if how == "put_back":
        assert (await videos.take_next(clerk)).media.needs_offer and (await videos.offer(clerk, OFFER)).media.round == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_thief_of_the_database_learns_no_address(identity: IdentityWorld, database_url: str) -> None:
    videos, actor, clerk = videos_of(identity), await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    await videos.take_next(clerk)
    await videos.offer(clerk, OFFER)
    await videos.answer(actor, view.id, 1, ANSWER)
    database = Path(database_url.removeprefix("sqlite://"))
    stolen = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    assert view.id.encode() in stolen
    for text in (b"v=0", b"192.0.2.10", b"198.51.100.20", b"candidate"):
        assert text not in stolen, text


async def test_servers_to_meet_through(identity: IdentityWorld) -> None:
    videos = videos_of(identity, VideoConfig(ice=ICE, turn_secret="north wind", call_minutes=20))
    actor, clerk = await identity.citizen(ZHANG), await identity.clerk()
    view = await join(videos, actor)
    identity.clock.advance(seconds=30)
    call = await videos.take_next(clerk)
    row = await VideoCheck.get(id=view.id)
    assert row.taken_at is not None
    ends = int(row.taken_at.timestamp()) + 20 * 60
    identity.clock.advance(minutes=5)
    mine = (await videos.get(actor, view.id)).media
    assert mine is not None and (call.media.is_relayed, mine.is_relayed) == (True, True)
    for servers, who in ((call.media.ice_servers, "clerk"), (mine.ice_servers, "citizen")):
        stun, turn = servers
        assert (stun.urls, stun.username, turn.urls) == ([ICE[0]], None, list(ICE[1:]))
        expected = turn_access("north wind", f"{who}-{view.id}", row.taken_at.fromtimestamp(ends, row.taken_at.tzinfo))
        assert (turn.username, turn.credential) == expected and str(turn.username).startswith(f"{ends}:")
        assert not any(secret in str(servers) for secret in (*ZHANG, actor.id, clerk.id, "north wind"))


async def test_outside_the_hours_nobody_joins_and_who_is_there_stays(identity: IdentityWorld) -> None:
    here = identity.clock.now()
    opens = f"{(here.hour + 8) % 24:02d}:00"
    videos: VideoChecks = videos_of(identity, VideoConfig(hours=(f"{opens}-{(here.hour + 9) % 24:02d}:00",), unseen_seconds=90_000))
    actor, late = await identity.citizen(ZHANG), await identity.citizen(LI)
    view = await join(videos, actor)
    assert videos.hours().opens_at is None and videos.hours().hours_text
    identity.clock.advance(hours=2)
    assert videos.hours().opens_at is not None
    with pytest.raises(VideoClosed, match=f"明天 {opens}|周一）{opens}"):
        await join(videos, late)
    assert (await join(videos, actor)).id == view.id and (await videos.take_next(await identity.clerk())).id == view.id
