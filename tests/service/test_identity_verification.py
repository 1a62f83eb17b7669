"""Face checks and the counter: consent, tries, locks, leases, and nothing kept of a face."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import structlog
from tortoise import Tortoise
from tortoise.connection import get_connection

from core import audit
from core.actor import Actor, Role
from core.errors import Conflict, NotFound, UpstreamUnavailable
from core.flow import IllegalMove
from core.models import OutboxEvent
from identity.accounts.errors import NotDeclared
from identity.liveness.consent import VERSION, FaceConsents
from identity.liveness.errors import (
    ConsentNeeded,
    ConsentTextChanged,
    CounterOnly,
    FaceLocked,
    GuardianNeeded,
    NonceWrong,
    VerificationExpired,
    VerificationRunning,
    VisionUnavailable,
)
from identity.liveness.models import FaceTally, SeenFrame, Verification
from identity.liveness.views import VerificationView
from tests.factories.identity import CHECKED, CHILD, LI, ZHANG, IdentityWorld


async def test_a_matching_face_raises_the_account_to_the_highest_level(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    assert view.state == "created" and view.nonce and view.tries_left == 3
    assert (view.expires_at - identity.clock.now()).total_seconds() == 180
    assert view.limits.fps == 15 and "capture" in view.allowed_actions and "book_counter" in view.allowed_actions
    done = await identity.filmed(actor, view)
    assert (done.state, done.outcome, done.nonce, done.reasons) == ("decided", "accept", None, [])
    assert done.allowed_actions == ["assert"]
    assert (await identity.accounts.profile(actor)).level == "L3"
    events = await OutboxEvent.filter(name="identity.verification_decided")
    assert len(events) == 1 and "张伟" not in events[0].payload
    assert (await audit.verify(f"account:{actor.id}")).is_intact
    row = await Verification.get(id=view.id)
    assert row.engine == "dlib/20.0.1" and row.model_sha256 == "ab" * 32 and row.threshold == 0.45 and row.policy_version


async def test_in_production_an_uncalibrated_engine_leads_to_the_counter(identity: IdentityWorld) -> None:
    identity.vision.is_calibrated = False
    actor = await identity.citizen(ZHANG)
    done = await identity.passed(actor)
    assert done.outcome == "manual_review" and done.reasons == ["ENGINE_UNCALIBRATED"] and done.allowed_actions == ["book_counter"]
    assert (await identity.accounts.profile(actor)).level == "L2"


async def test_a_person_without_a_portrait_on_file_goes_to_the_counter(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    identity.register.people[ZHANG[1]] = (ZHANG[0], None)
    done = await identity.passed(actor)
    assert done.outcome == "manual_review" and "book_counter" in done.allowed_actions


async def test_declining_the_face_check_is_normal_and_answers_with_the_counter(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    answer = await identity.consents.decline(actor)
    assert not answer.is_given and [route.code for route in answer.other_routes] == ["book_counter"]
    with_video = await FaceConsents(clock=identity.clock, has_video=True).view(actor)
    assert [route.code for route in with_video.other_routes] == ["video_check", "book_counter"]
    with_all = await FaceConsents(clock=identity.clock, has_video=True, has_ukey=True).view(actor)
    assert [route.code for route in with_all.other_routes] == ["video_check", "ukey", "book_counter"]
    with pytest.raises(ConsentNeeded) as caught:
        await identity.verifications.create(actor, purpose="sign", application_id="case_1", document_sha256=None, consent_version=VERSION)
    assert "窗口" in caught.value.message


async def test_withdrawing_consent_ends_an_open_check(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    assert (await identity.consents.view(actor)).is_given
    await identity.consents.decline(actor)
    with pytest.raises(VerificationExpired):
        await identity.filmed(actor, view)
    assert not (await identity.consents.view(actor)).is_given and identity.vision.calls == 0


async def test_consent_is_given_to_the_text_that_was_shown(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    with pytest.raises(ConsentTextChanged):
        await identity.consents.grant(actor, "2020-1-1")
    await identity.consents.grant(actor, VERSION)
    with pytest.raises(ConsentTextChanged):
        await identity.verifications.create(
            actor, purpose="sign", application_id="case_1", document_sha256=None, consent_version="2020-1-1"
        )


async def test_without_a_declared_identity_there_is_nothing_to_compare(identity: IdentityWorld) -> None:
    with pytest.raises(NotDeclared):
        await identity.start(await identity.citizen())


async def test_a_child_goes_to_the_counter_with_a_guardian(identity: IdentityWorld) -> None:
    with pytest.raises(GuardianNeeded):
        await identity.start(await identity.citizen(CHILD))


async def test_when_the_engine_or_the_register_is_silent_another_film_may_come(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    identity.vision.error = VisionUnavailable()
    with pytest.raises(VisionUnavailable):
        await identity.filmed(actor, view)
    identity.vision.error, identity.register.is_down = None, True
    view = await identity.verifications.get(actor, view.id)
    with pytest.raises(UpstreamUnavailable):
        await identity.filmed(actor, view)
    identity.register.is_down = False
    view = await identity.verifications.get(actor, view.id)
    assert view.state == "created" and view.tries_left == 3
    assert (await identity.filmed(actor, view)).outcome == "accept"


async def test_foreign_and_unknown_verifications_are_not_found(identity: IdentityWorld) -> None:
    actor, other = await identity.citizen(ZHANG), await identity.citizen(LI)
    view = await identity.start(actor)
    for who, verification in ((other, view.id), (actor, "verification_none"), (Actor(Role.CLERK, actor.id), view.id)):
        with pytest.raises(NotFound):
            await identity.verifications.get(who, verification)
        with pytest.raises(NotFound):
            await identity.filmed(who, msgspec.structs.replace(view, id=verification))
        with pytest.raises(NotFound):
            await identity.verifications.assertion(who, verification)


async def test_a_wrong_nonce_is_refused_before_anything_is_analysed(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    for nonce in ("", "x" * 43, "é"):
        with pytest.raises(NonceWrong):
            await identity.filmed(actor, view, nonce=nonce)
    assert identity.vision.calls == 0


async def test_a_poor_recording_is_coached_three_times_with_a_new_nonce_each(identity: IdentityWorld) -> None:
    identity.vision.script = "dark"
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    nonces = {view.nonce}
    for left in (2, 1):
        view = await identity.filmed(actor, view)
        nonces.add(view.nonce)
        assert (
            view.state == "created" and view.outcome is None and view.tries_left == left and any("光线" in line for line in view.coaching)
        )
    assert len(nonces) == 3
    last = await identity.filmed(actor, view)
    assert last.state == "decided" and last.outcome == "reject" and "TRIES_USED_UP" in last.reasons
    assert last.allowed_actions == ["start_again", "book_counter"]
    with pytest.raises(IllegalMove):
        await identity.filmed(actor, view)


async def test_an_old_nonce_does_not_serve_a_second_try(identity: IdentityWorld) -> None:
    identity.vision.script = "dark"
    actor = await identity.citizen(ZHANG)
    first = await identity.start(actor)
    await identity.filmed(actor, first)
    with pytest.raises(NonceWrong):
        await identity.filmed(actor, first)


async def test_five_failures_lock_for_half_an_hour_and_three_locks_leave_the_counter(identity: IdentityWorld) -> None:
    identity.vision.script = "other"
    actor = await identity.citizen(ZHANG)
    for lockout in range(1, 4):
        for _ in range(5):
            done = await identity.passed(actor)
            assert done.outcome == "reject" and done.reasons == ["OTHER_PERSON"]
        assert done.allowed_actions == ["book_counter"]
        with pytest.raises(FaceLocked if lockout < 3 else CounterOnly):
            await identity.start(actor)
        identity.clock.advance(minutes=60)
    with pytest.raises(CounterOnly):
        await identity.start(actor)
    await identity.verifications.identify_at_counter(
        await identity.clerk(), account_id=actor.id, application_id="case_1", document_sha256=None, evidence=CHECKED
    )
    assert (await identity.start(actor)).state == "created"


async def test_a_success_forgets_earlier_failures(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    identity.vision.script = "other"
    for _ in range(4):
        await identity.passed(actor)
    identity.vision.script = "match"
    assert (await identity.passed(actor)).outcome == "accept"
    assert (await FaceTally.get(account_id=actor.id)).failures == 0


async def test_a_verification_expires_after_three_minutes(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    identity.clock.advance(seconds=180)
    with pytest.raises(VerificationExpired):
        await identity.filmed(actor, view)
    shown = await identity.verifications.get(actor, view.id)
    assert shown.state == "expired" and shown.allowed_actions == ["start_again", "book_counter"]


async def test_starting_again_ends_the_check_before(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    first, second = await identity.start(actor), await identity.start(actor)
    with pytest.raises(VerificationExpired):
        await identity.filmed(actor, first)
    assert (await identity.filmed(actor, second)).outcome == "accept"


async def test_starts_at_once_leave_one_open_check(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    await identity.start(actor)
    outcomes = await asyncio.gather(*(identity.start(actor) for _ in range(4)), return_exceptions=True)
    assert all(isinstance(outcome, (VerificationView, Conflict)) for outcome in outcomes)
    assert await Verification.filter(account_id=actor.id, state="created").count() == 1


async def test_of_two_submits_at_once_one_is_judged(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)

    async def slow() -> None:
        await asyncio.sleep(0.05)

    identity.vision.during = slow
    outcomes = await asyncio.gather(*(identity.filmed(actor, view) for _ in range(3)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["VerificationRunning", "VerificationRunning", "VerificationView"]
    assert identity.vision.calls == 1


async def test_after_a_killed_server_another_film_may_come_once_the_lease_is_over(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    identity.clock.advance(seconds=1)
    # What a server leaves behind that was killed between its claim and its decision.
    await Verification.filter(id=view.id).update(state="capturing", version=1, lease_until=identity.clock.now() + timedelta(seconds=30))
    identity.clock.advance(seconds=29)
    with pytest.raises(VerificationRunning):
        await identity.filmed(actor, view)
    with pytest.raises(VerificationRunning):
        await identity.start(actor)
    assert "capture" not in (await identity.verifications.get(actor, view.id)).allowed_actions
    identity.clock.advance(seconds=1)
    shown = await identity.verifications.get(actor, view.id)
    assert shown.nonce == view.nonce and "capture" in shown.allowed_actions
    assert (await identity.filmed(actor, view)).outcome == "accept"


async def test_a_judge_that_lost_its_lease_changes_nothing(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)

    async def overtaken() -> None:
        identity.vision.during = None
        identity.clock.advance(seconds=76)
        identity.vision.script = "other"
        taken.append(asyncio.create_task(identity.filmed(actor, view)))
        await asyncio.shield(taken[0])
        identity.vision.script = "match"

    taken: list[asyncio.Task[VerificationView]] = []
    identity.vision.during = overtaken
    with pytest.raises(Conflict):
        await identity.filmed(actor, view)
    assert (await taken[0]).outcome == "reject"
    assert (await identity.verifications.get(actor, view.id)).outcome == "reject"
    assert (await identity.accounts.profile(actor)).level == "L2"


async def everything_stored(folder: Path) -> str:
    """Every row of every table, and every byte of every file in the folder (the SQLite file, its journal, temporary files)."""
    rows = [
        await get_connection("default").execute_query_dict(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608
        for model in Tortoise.apps["zerotrip"].values()
    ]
    return repr(rows) + "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())  # noqa: ASYNC240


async def test_nothing_of_a_frame_is_kept(
    identity: IdentityWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in the database, not in the logs, not in the temporary folder: only SHA-256 digests remain, of good and of bad recordings."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent = {script: secrets.token_hex(64) for script in ("dark", "other", "match")}
    actor = await identity.citizen(ZHANG)
    with structlog.testing.capture_logs() as logs:
        for script, picture in sent.items():
            identity.vision.script = script
            await identity.filmed(actor, await identity.start(actor), pictures=[b"\xff\xd8\xff" + picture.encode()])
    kept = await everything_stored(tmp_path)
    output = "".join(capfd.readouterr()) + repr(logs)
    assert await SeenFrame.all().count() > 100
    for picture in sent.values():
        assert picture not in kept and picture not in output


async def test_old_digests_are_forgotten(identity: IdentityWorld) -> None:
    await identity.passed(await identity.citizen(ZHANG))
    assert await identity.verifications.forget_old() == 0
    identity.clock.advance(days=181)
    assert await identity.verifications.forget_old() > 50
