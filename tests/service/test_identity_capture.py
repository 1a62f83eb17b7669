"""R51: a capture is a conversation that only the right person, live and in the asked order, can finish; all else has its reason.

Frames are made-up numbers here (`factories.moving`); real faces are in test_identity_faces_in_motion.
"""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from core import audit
from core.actor import Actor
from core.errors import NotFound, UpstreamUnavailable
from identity.liveness.errors import (
    ClipInvalid,
    ClipNotAsked,
    ClipTooLate,
    ClipTypeUnsupported,
    NonceWrong,
    VerificationExpired,
    VerificationRunning,
    VisionBusy,
    VisionUnavailable,
)
from identity.liveness.models import FaceTally, SeenCapture, Verification
from identity.liveness.motion.actions import ACTIONS
from identity.liveness.views import ClipChallengeView, VerificationView
from sandbox.faces.acting import Act, moments
from tests.factories.before_camera import Person
from tests.factories.identity import LI, ZHANG, IdentityWorld
from tests.factories.moving import Shown, clip, shown


def key_of(view: VerificationView) -> bytes:
    assert view.key is not None
    return urlsafe_b64decode(view.key + "=")


def person(identity: IdentityWorld, view: VerificationView, **how: Any) -> Person:
    return Person(identity.clock, key_of(view), view.nonce or "", **how)


async def streamed(
    identity: IdentityWorld, actor: Actor, view: VerificationView, who: Person, nonce: str | None = None
) -> VerificationView:
    return await identity.verifications.stream(
        actor, view.id, nonce=nonce or view.nonce or "", mirrored=False, receive=who.receive, send=who.send
    )


async def test_who_does_what_is_asked_passes(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor, document="ab" * 32)
    who = person(identity, view)
    done = await streamed(identity, actor, view, who)
    assert (done.state, done.outcome, done.reasons, done.nonce, done.key) == ("decided", "accept", [], None, None)
    prompts = who.prompts()
    assert len(set(prompts)) == 3 and set(prompts) <= set(ACTIONS)
    assert who.kinds()[0] == "prompt" and who.kinds()[-1] == "judging" and who.kinds().count("done") == 3
    assert who.kinds().index("done") < [place for place, kind in enumerate(who.kinds()) if kind == "prompt"][2], "one prompt at a time"
    row = await Verification.get(id=view.id)
    assert (row.capture, row.engine, row.policy_version) == ("stream", "dlib/20.0.1", "2026-11-3")
    assert (await audit.verify(f"account:{actor.id}")).is_intact
    assert await identity.verifications.assertion(actor, view.id)


async def test_prompts_are_drawn_anew_for_every_capture(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    orders = set()
    for number in range(6):
        view = await identity.start(actor, application=f"case_{number}")
        who = person(identity, view, seed=number + 50)
        await streamed(identity, actor, view, who)
        orders.add(tuple(who.prompts()))
    assert len(orders) > 1


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "does something else": ({"obeys": lambda action: ["nod" if action != "nod" else "mouth"]}, "STEP1_"),
    "does nothing": ({"obeys": lambda action: []}, "_NOT_SEEN"),
    "is a flat picture": (
        {"change": lambda number, frame: Shown(yaw=frame.yaw, pitch=frame.pitch, is_flat=True)},
        "STEP",
    ),
    "is two people": ({"change": lambda number, frame: Shown(faces=2) if 30 < number < 40 else frame}, "CROWDED"),
    "goes away": ({"change": lambda number, frame: Shown(faces=0) if 30 < number < 45 else frame}, "FACE_LOST"),
    "sits in the dark": ({"change": lambda number, frame: Shown(light=20.0)}, "TOO_DARK"),
    "sits far away": ({"change": lambda number, frame: Shown(px=30.0)}, "FACE_TOO_SMALL"),
}


@pytest.mark.parametrize("how, reason", WRONG.values(), ids=WRONG)
async def test_who_does_not_is_told_why_and_may_try_again(identity: IdentityWorld, how: dict[str, Any], reason: str) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    again = await streamed(identity, actor, view, person(identity, view, **how))
    assert any(reason in code for code in again.reasons), again.reasons
    assert again.coaching
    if again.state == "created":
        assert again.nonce not in (None, view.nonce) and again.key not in (None, view.key) and again.tries_left == 2


async def test_the_wrong_person_is_refused(identity: IdentityWorld) -> None:
    identity.vision.script = "other"
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    done = await streamed(identity, actor, view, person(identity, view))
    assert (done.state, done.outcome, done.reasons) == ("decided", "reject", ["OTHER_PERSON"])


async def test_hints_come_while_it_runs(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    who = person(identity, view, change=lambda number, frame: Shown(faces=0) if number < 20 else frame)
    done = await streamed(identity, actor, view, who)
    hints = [message["code"] for message in who.told if message["type"] == "hint"]
    assert hints[:2] == ["NO_FACE", None] and done.outcome == "accept", "the capture counts from when the face was there"


async def test_yesterdays_film_is_known_again(identity: IdentityWorld) -> None:
    """The attacker even hits the same prompts: the film betrays itself by how the head moved."""
    actor = await identity.citizen(ZHANG)
    films: dict[str, Person] = {}
    for number in range(60):
        view = await identity.start(actor, application=f"case_{number}")
        who = person(identity, view, seed=7)
        done = await streamed(identity, actor, view, who)
        prompts = " ".join(who.prompts())
        if number == 0:
            assert done.outcome == "accept" and await SeenCapture.filter(account_id=actor.id).count() == 1
        films[prompts] = who
        if "REPLAYED" in done.reasons:
            assert done.outcome == "reject"
            return
        await FaceTally.filter(account_id=actor.id).delete()
    pytest.fail("the same head moved the same way in sixty captures and nobody noticed")


async def test_a_changed_frame_ends_it_as_tampered(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    who = person(identity, view)
    who.spoil = lambda number, message: message[:-1] + b"!" if number == 25 else message
    done = await streamed(identity, actor, view, who)
    assert (done.state, done.outcome, done.reasons) == ("decided", "reject", ["TAMPERED"])


@pytest.mark.parametrize("forged", ["another key", "another nonce", "a frame twice", "a frame from before"])
async def test_frames_that_do_not_belong_are_refused(identity: IdentityWorld, forged: str) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    key, nonce = key_of(view), view.nonce or ""
    who = Person(identity.clock, b"x" * 32 if forged == "another key" else key, "x" if forged == "another nonce" else nonce)
    held: list[bytes] = []

    def spoil(number: int, message: bytes) -> bytes:
        held.append(message)
        if number != 10 or forged.startswith("another"):
            return message
        return held[9] if forged == "a frame twice" else held[2]

    who.spoil = spoil
    done = await streamed(identity, actor, view, who)
    assert done.outcome != "accept" and {"TAMPERED", "OUT_OF_ORDER"}.intersection(done.reasons)


async def test_a_phone_that_falls_silent_or_breaks_off_costs_a_try(identity: IdentityWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity.liveness.stream.STALL_SECONDS", 0.1)
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    one = await streamed(identity, actor, view, person(identity, view, stops_after=10))
    assert (one.reasons, one.state, one.tries_left) == (["BROKEN_OFF"], "created", 2)
    two = await streamed(identity, actor, one, person(identity, one, breaks_after=5, seed=2))
    assert (two.reasons, two.tries_left) == (["BROKEN_OFF"], 1)
    assert not await FaceTally.filter(account_id=actor.id, failures__gt=0).exists(), "nothing was learnt of the prompts"
    three = await streamed(identity, actor, two, person(identity, two, breaks_after=150, seed=3, obeys=lambda action: [action]))
    assert three.state == "decided"


async def test_a_clock_that_runs_away_is_noticed(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    who = person(identity, view)
    late = who.receive

    async def receive() -> bytes:
        if who.sent == 30:
            identity.clock.advance(seconds=2)
        return await late()

    who.receive = receive  # type: ignore[method-assign]
    assert "CLOCK_DRIFT" in (await streamed(identity, actor, view, who)).reasons


async def test_a_step_that_was_not_shown_cannot_be_answered(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    who = person(identity, view)
    taken = who.receive

    async def receive() -> bytes:
        who.step = 3
        return await taken()

    who.receive = receive  # type: ignore[method-assign]
    assert (await streamed(identity, actor, view, who)).reasons == ["TAMPERED"]


async def test_two_sockets_on_one_session(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    first, second = person(identity, view), person(identity, view)
    ends = await asyncio.gather(streamed(identity, actor, view, first), streamed(identity, actor, view, second), return_exceptions=True)
    assert [type(end) for end in ends].count(VerificationRunning) == 1
    assert [end.outcome for end in ends if isinstance(end, VerificationView)] == ["accept"]
    assert (await Verification.get(id=view.id)).tries == 1


async def test_wrong_nonces_and_other_peoples_sessions(identity: IdentityWorld) -> None:
    actor, other = await identity.citizen(ZHANG), await identity.citizen(LI)
    view = await identity.start(actor)
    with pytest.raises(NonceWrong):
        await streamed(identity, actor, view, person(identity, view), nonce="wrong")
    with pytest.raises(NotFound):
        await streamed(identity, other, view, person(identity, view))
    identity.clock.advance(minutes=4)
    with pytest.raises(VerificationExpired):
        await streamed(identity, actor, view, person(identity, view))


@pytest.mark.parametrize("error", [VisionBusy(), VisionUnavailable(), UpstreamUnavailable()], ids=lambda error: error.code)
async def test_trouble_of_ours_costs_nothing_but_the_prompts(identity: IdentityWorld, error: Exception) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    identity.vision.error = error
    with pytest.raises(type(error)):
        await streamed(identity, actor, view, person(identity, view))
    open_again = await identity.verifications.get(actor, view.id)
    assert (open_again.state, open_again.tries_left) == ("created", 3) and open_again.nonce not in (None, view.nonce)
    identity.vision.error = None
    assert (await streamed(identity, actor, open_again, person(identity, open_again))).outcome == "accept"


async def test_a_handler_that_is_cancelled_leaves_it_open(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    running = asyncio.create_task(streamed(identity, actor, view, person(identity, view, stops_after=10)))
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    row = await Verification.get(id=view.id)
    assert (row.state, row.tries) == ("created", 1) and row.nonce != view.nonce


def recording(challenge: ClipChallengeView, *, order: list[str] | None = None, seed: int = 1) -> bytes:
    prompts = zip(order or [prompt.action for prompt in challenge.prompts], challenge.prompts, strict=True)
    acts = [Act(action, prompt.at + 0.7) for action, prompt in prompts]
    return clip([shown(at) for at in moments(acts, challenge.seconds, seed=seed)])


async def sent(identity: IdentityWorld, actor: Actor, view: VerificationView, nonce: str, data: bytes) -> VerificationView:
    return await identity.verifications.submit_clip(actor, view.id, nonce=nonce, data=data, mirrored=False)


async def test_a_clip_is_the_weaker_way_and_says_so(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    challenge = await identity.verifications.clip_challenge(actor, view.id)
    done = await sent(identity, actor, view, challenge.nonce, recording(challenge))
    assert (done.outcome, done.reasons) == ("manual_review", ["ORDER_KNOWN"])
    assert (await Verification.get(id=view.id)).capture == "clip"


async def test_a_clip_in_another_order_fails(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    challenge = await identity.verifications.clip_challenge(actor, view.id)
    order = [prompt.action for prompt in challenge.prompts]
    done = await sent(identity, actor, view, challenge.nonce, recording(challenge, order=[order[1], order[2], order[0]]))
    assert done.state == "created" and any(code.startswith("STEP") for code in done.reasons)
    with pytest.raises(ClipNotAsked):
        await sent(identity, actor, view, done.nonce or "", recording(challenge))


async def test_a_clip_needs_its_own_prompts_and_comes_in_time(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    with pytest.raises(ClipNotAsked):
        await sent(identity, actor, view, view.nonce or "", clip([Shown()] * 100))
    first = await identity.verifications.clip_challenge(actor, view.id)
    second = await identity.verifications.clip_challenge(actor, view.id)
    with pytest.raises(NonceWrong):
        await sent(identity, actor, view, first.nonce, recording(first))
    for data, error in ((b"", ClipInvalid), (b"PK\x03\x04zip", ClipTypeUnsupported)):
        with pytest.raises(error):
            await sent(identity, actor, view, second.nonce, data)
    identity.clock.advance(seconds=second.seconds + 16)
    with pytest.raises(ClipTooLate):
        await sent(identity, actor, view, second.nonce, recording(second))
    assert (await identity.verifications.get(actor, view.id)).tries_left == 3


async def test_whoever_has_no_portrait_on_file_is_told_before_moving(identity: IdentityWorld) -> None:
    identity.register.people[ZHANG[1]] = (ZHANG[0], None)
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    who = person(identity, view)
    done = await streamed(identity, actor, view, who)
    assert (done.state, done.outcome, done.reasons, who.kinds()) == ("decided", "manual_review", ["PORTRAIT_MISSING"], [])
    assert "工作人员" in done.coaching[0] and identity.vision.calls == 0 and not await FaceTally.exists(account_id=actor.id)
    again = await identity.start(actor, application="case_2")
    challenge = await identity.verifications.clip_challenge(actor, again.id)
    done = await sent(identity, actor, again, challenge.nonce, recording(challenge))
    assert (done.outcome, done.reasons, identity.vision.calls) == ("manual_review", ["PORTRAIT_MISSING"], 0)
