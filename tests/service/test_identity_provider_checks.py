"""A verification by an outside service: one session for one matter, one verdict, and never more trust than its figures deserve."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core import audit
from core.actor import Actor, Role
from core.clock import ManualClock
from core.db import Database
from core.errors import DomainError, NotFound, TooManyRequests, UpstreamUnavailable
from core.models import AuditEntry, OutboxEvent
from identity.liveness.consent import VERSION as CONSENT_VERSION
from identity.liveness.errors import ConsentTextChanged, FaceLocked, NotAccepted, VerificationExpired, VerificationRunning
from identity.liveness.facts import Capabilities
from identity.liveness.models import FaceTally, Verification
from identity.liveness.providers.errors import ProviderMissing, ProviderNotBegun
from identity.liveness.providers.notice import VERSION as NOTICE
from identity.liveness.providers.ports import ProviderResult
from tests.factories.identity import LI, ZHANG
from tests.factories.provider_checks import PASSED, ProviderWorld


@pytest.fixture
def world(database: Database, clock: ManualClock) -> ProviderWorld:
    return ProviderWorld(clock)


async def actions(actor: Actor) -> list[str]:
    return [entry.action for entry in await AuditEntry.filter(chain=f"account:{actor.id}").order_by("seq")]


async def test_a_passed_check_of_a_calibrated_provider_accepts(world: ProviderWorld) -> None:
    """R51, R52"""
    actor, view = await world.begun(application="case_7", document="ab" * 32)
    told = await world.checks.conclude(actor, view.id)
    assert told.is_finished and told.coaching == []
    done = told.verification
    assert (done.state, done.outcome, done.reasons, done.allowed_actions) == ("decided", "accept", [], ["assert"])
    assert (await world.identity.accounts.profile(actor)).level == "L3"
    row = await Verification.get(id=view.id)
    assert (row.provider, row.engine, row.provider_ticket) == ("played", "provider/played", None)
    assert row.policy_version and row.policy_version.startswith("provider-")
    subject, reference = world.provider.begun[0]
    assert (subject.name, subject.id_number) == ZHANG and subject.openid and len(reference) == 32
    assertion = await world.identity.verifications.assertion(actor, view.id)
    facts = await world.identity.verifications.consume(
        assertion.assertion, application_id="case_7", document_sha256="ab" * 32, account_id=actor.id
    )
    assert facts.method == "face" and facts.engine == "provider/played"
    assert await OutboxEvent.filter(name="identity.verification_decided").count() == 1
    assert [name for name in await actions(actor) if "provider" in name or "judged" in name] == [
        "identity.provider_begun",
        "identity.provider_answered",
        "identity.face_judged",
    ]
    assert (await audit.verify(f"account:{actor.id}")).is_intact


@pytest.mark.parametrize(("mode", "outcome"), [("production", "manual_review"), ("development", "accept")])
async def test_without_measured_figures_a_clerk_confirms_outside_development(
    database: Database, clock: ManualClock, mode: str, outcome: str
) -> None:
    world = ProviderWorld(clock, mode=mode)
    world.provider.capabilities = replace_calibrated(world.provider.capabilities)
    actor, told = await world.concluded(PASSED)
    assert told.verification.outcome == outcome
    assert told.verification.reasons == ([] if mode == "development" else ["PROVIDER_UNCALIBRATED"])
    assert (await world.identity.accounts.profile(actor)).level == ("L3" if mode == "development" else "L2")


def replace_calibrated(capabilities: Capabilities) -> Capabilities:
    return Capabilities(False, capabilities.detects_attacks, capabilities.licence, capabilities.population)


@pytest.mark.parametrize(
    ("answer", "outcome", "reasons"),
    [
        (ProviderResult("failed", ("PROVIDER_OTHER_PERSON",), "x"), "reject", ["PROVIDER_OTHER_PERSON"]),
        (ProviderResult("failed", ("PROVIDER_ATTACK",), "x"), "reject", ["PROVIDER_ATTACK"]),
        (ProviderResult("review", ("PROVIDER_NO_SOURCE",), "x"), "manual_review", ["PROVIDER_NO_SOURCE"]),
        (ProviderResult("review", ("PROVIDER_UNSURE",), "x"), "manual_review", ["PROVIDER_UNSURE"]),
        (ProviderResult("review", (), "x"), "manual_review", ["PROVIDER_UNSURE"]),
        (ProviderResult("failed", (), "x"), "manual_review", ["PROVIDER_UNSURE"]),
        (ProviderResult("failed", ("NEVER_HEARD_OF",), "x"), "manual_review", ["PROVIDER_UNSURE"]),
        (ProviderResult("passed", ("PROVIDER_OTHER_PERSON",), "x"), "manual_review", ["PROVIDER_UNSURE"]),
        (ProviderResult("passed", ("NEVER_HEARD_OF",), "x"), "manual_review", ["PROVIDER_UNSURE"]),
    ],
)
async def test_whatever_is_not_a_clean_pass_never_accepts(
    world: ProviderWorld, answer: ProviderResult, outcome: str, reasons: list[str]
) -> None:
    actor, told = await world.concluded(answer)
    assert told.is_finished
    assert (told.verification.outcome, told.verification.reasons) == (outcome, reasons)
    assert all("窗口" in sentence or "工作人员" in sentence for sentence in told.verification.coaching)
    with pytest.raises(NotAccepted):
        await world.identity.verifications.assertion(actor, told.verification.id)


async def test_a_poor_capture_is_another_try_with_a_new_session(world: ProviderWorld) -> None:
    actor, told = await world.concluded(ProviderResult("failed", ("PROVIDER_POOR_CAPTURE",), "90011"))
    assert told.is_finished and told.verification.state == "created" and told.verification.tries_left == 2
    assert (await FaceTally.get(account_id=actor.id)).failures == 1
    with pytest.raises(ProviderNotBegun):
        await world.checks.conclude(actor, told.verification.id)
    assert (await world.begin(actor, told.verification)).client == {"verify_id": "v2"}
    assert world.provider.begun[0][1] != world.provider.begun[1][1]


async def test_not_finished_yet_costs_nothing(world: ProviderWorld) -> None:
    actor, told = await world.concluded(ProviderResult("pending", (), "10300"))
    assert not told.is_finished and "还没有完成" in told.coaching[0]
    assert (told.verification.state, told.verification.tries_left) == ("created", 3)
    assert await FaceTally.filter(account_id=actor.id).count() == 0
    world.provider.answer = PASSED
    assert (await world.checks.conclude(actor, told.verification.id)).verification.outcome == "accept"
    assert world.provider.asked == ["secret ticket 1"] * 2


async def test_a_cancelled_session_ends_without_a_verdict_and_may_be_begun_anew(world: ProviderWorld) -> None:
    actor, told = await world.concluded(ProviderResult("pending", ("PROVIDER_CANCELLED",), "90004"))
    assert not told.is_finished and told.coaching == ["您中途退出了核验，可以重新开始。"]
    assert (told.verification.state, told.verification.tries_left) == ("created", 3)
    with pytest.raises(ProviderNotBegun):
        await world.checks.conclude(actor, told.verification.id)
    assert (await world.begin(actor, told.verification)).client == {"verify_id": "v2"}


async def test_asking_again_gives_the_same_session(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    view = await world.identity.start(actor)
    first = await world.begin(actor, view)
    assert await world.begin(actor, view) == first
    assert len(world.provider.begun) == 1
    world.clock.advance(minutes=2)
    assert await world.begin(actor, view) == first


async def test_begun_twice_at_once_both_get_the_one_session(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    view = await world.identity.start(actor)
    first, second, third = await asyncio.gather(*(world.begin(actor, view) for _ in range(3)))
    assert first == second == third


async def test_asked_twice_at_once_it_is_decided_once(world: ProviderWorld) -> None:
    actor, view = await world.begun()

    async def slow() -> None:
        await asyncio.sleep(0.05)

    world.provider.during = slow
    told = await asyncio.gather(*(world.checks.conclude(actor, view.id) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["ProviderOutcomeView", *["VerificationRunning"] * 3]
    assert len(world.provider.asked) == 1
    assert await OutboxEvent.filter(name="identity.verification_decided").count() == 1
    again = await world.checks.conclude(actor, view.id)
    assert again.is_finished and again.verification.outcome == "accept" and len(world.provider.asked) == 1


async def test_when_the_provider_is_down_nothing_is_decided_and_it_may_be_asked_again(world: ProviderWorld) -> None:
    actor, view = await world.begun()
    world.provider.error = UpstreamUnavailable()
    with pytest.raises(UpstreamUnavailable):
        await world.checks.conclude(actor, view.id)
    shown = await world.identity.verifications.get(actor, view.id)
    assert (shown.state, shown.tries_left, shown.outcome) == ("created", 3, None)
    world.provider.error = None
    assert (await world.checks.conclude(actor, view.id)).verification.outcome == "accept"


async def test_a_server_killed_while_asking_leaves_a_lease_that_ends(world: ProviderWorld) -> None:
    actor, view = await world.begun()
    row = await Verification.get(id=view.id)
    await Verification.filter(id=view.id).update(
        state="capturing", version=row.version + 1, lease_until=world.clock.now() + timedelta(seconds=30)
    )
    for call in (world.checks.conclude(actor, view.id), world.begin(actor, view)):
        with pytest.raises(VerificationRunning):
            await call
    world.clock.advance(seconds=30)
    assert (await world.begin(actor, view)).client == {"verify_id": "v1"}
    assert (await world.checks.conclude(actor, view.id)).verification.outcome == "accept"


async def test_whoever_lost_the_lease_changes_nothing(world: ProviderWorld) -> None:
    actor, view = await world.begun()

    async def overtaken() -> None:
        world.provider.during = None
        world.clock.advance(seconds=31)
        world.provider.answer = ProviderResult("failed", ("PROVIDER_OTHER_PERSON",), "10004")
        assert (await world.checks.conclude(actor, view.id)).verification.outcome == "reject"
        world.provider.answer = PASSED

    world.provider.during = overtaken
    with pytest.raises(DomainError, match=r"request\.conflict"):
        await world.checks.conclude(actor, view.id)
    assert (await world.identity.verifications.get(actor, view.id)).outcome == "reject"
    assert (await actions(actor)).count("identity.provider_answered") == 1


async def test_foreign_and_unknown_are_not_found(world: ProviderWorld) -> None:
    _, view = await world.begun()
    other = await world.identity.citizen(LI)
    clerk = Actor(Role.CLERK, other.id)
    for who, which in ((other, view.id), (other, "verification_nothing"), (clerk, view.id)):
        for call in (world.checks.begin(who, which, notice_version=NOTICE), world.checks.conclude(who, which)):
            with pytest.raises(NotFound):
                await call
    assert len(world.provider.begun) == 1 and world.provider.asked == []


async def test_a_ticket_moved_to_another_verification_is_refused_and_noted(world: ProviderWorld) -> None:
    """Must show 5 of issue 4: a passed session of one person, or of one matter, is worth nothing elsewhere."""
    _, passed = await world.begun()
    ticket = (await Verification.get(id=passed.id)).provider_ticket
    thief, view = await world.begun(LI)
    await Verification.filter(id=view.id).update(provider_ticket=ticket)
    for call in (world.checks.conclude(thief, view.id), world.begin(thief, view)):
        with pytest.raises(ProviderNotBegun):
            await call
    assert world.provider.asked == [] and "identity.provider_ticket_refused" in await actions(thief)


@pytest.mark.parametrize("changed", [{"application_id": "case_other"}, {"document_sha256": "cd" * 32}])
async def test_a_ticket_is_bound_to_application_and_document(world: ProviderWorld, changed: dict[str, str]) -> None:
    actor, view = await world.begun(document="ab" * 32)
    await Verification.filter(id=view.id).update(**changed)
    with pytest.raises(ProviderNotBegun):
        await world.checks.conclude(actor, view.id)
    assert world.provider.asked == [] and "identity.provider_ticket_refused" in await actions(actor)


async def test_the_ticket_is_sealed_at_rest(world: ProviderWorld) -> None:
    _, view = await world.begun()
    sealed = (await Verification.get(id=view.id)).provider_ticket
    assert sealed is not None
    for secret in (b"secret ticket", ZHANG[0].encode(), ZHANG[1].encode(), b"verify_id"):
        assert secret not in sealed
    lines = repr([entry.data for entry in await AuditEntry.all()])
    assert "secret ticket" not in lines and ZHANG[0] not in lines and ZHANG[1] not in lines


async def test_name_and_number_leave_only_after_the_notice_was_agreed_to(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    view = await world.identity.start(actor)
    notice = world.checks.notice()
    assert notice.provider == "played" and "某核身公司" in notice.text and "您可以不同意" in notice.text
    with pytest.raises(ConsentTextChanged):
        await world.checks.begin(actor, view.id, notice_version="2020-1-1")
    assert world.provider.begun == []
    await world.checks.begin(actor, view.id, notice_version=notice.version)
    (begun,) = await AuditEntry.filter(chain=f"account:{actor.id}", action="identity.provider_begun")
    assert "notice_sha256" in str(begun.data)


async def test_an_expired_or_withdrawn_verification_is_neither_begun_nor_asked(world: ProviderWorld) -> None:
    actor, view = await world.begun()
    world.clock.advance(seconds=181)
    with pytest.raises(VerificationExpired):
        await world.checks.conclude(actor, view.id)
    with pytest.raises(VerificationExpired):
        await world.begin(actor, view)
    fresh = await world.identity.verifications.create(
        actor, purpose="sign", application_id="case_1", document_sha256=None, consent_version=CONSENT_VERSION
    )
    await world.begin(actor, fresh)
    await world.identity.consents.decline(actor)
    with pytest.raises(VerificationExpired):
        await world.checks.conclude(actor, fresh.id)
    assert world.provider.asked == []


async def test_beginning_there_starts_the_time_anew_once(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    view = await world.identity.start(actor)
    world.clock.advance(seconds=170)
    await world.begin(actor, view)
    world.clock.advance(seconds=170)
    await world.begin(actor, view)
    world.clock.advance(seconds=20)
    with pytest.raises(VerificationExpired):
        await world.checks.conclude(actor, view.id)


async def test_the_lock_counts_here_as_well(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    world.provider.answer = ProviderResult("failed", ("PROVIDER_OTHER_PERSON",), "10004")
    for _ in range(5):
        view = await world.identity.start(actor)
        await world.begin(actor, view)
        await world.checks.conclude(actor, view.id)
    with pytest.raises(FaceLocked):
        await world.identity.start(actor)
    assert (await FaceTally.get(account_id=actor.id)).lockouts == 1


async def test_sessions_there_are_limited(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    view = await world.identity.start(actor)
    world.provider.answer = ProviderResult("pending", ("PROVIDER_CANCELLED",), "90004")
    for _ in range(10):
        await world.begin(actor, view)
        await world.checks.conclude(actor, view.id)
    with pytest.raises(TooManyRequests):
        await world.begin(actor, view)
    assert len(world.provider.begun) == 10


async def test_without_a_provider_the_answer_is_the_other_ways(world: ProviderWorld) -> None:
    actor = await world.identity.citizen(ZHANG)
    view = await world.identity.start(actor)
    none = world.with_provider(None)
    for call in (none.begin(actor, view.id, notice_version=NOTICE), none.conclude(actor, view.id)):
        with pytest.raises(ProviderMissing, match="窗口"):
            await call
    with pytest.raises(ProviderMissing):
        none.notice()


async def test_another_provider_does_not_take_up_the_old_ones_ticket(world: ProviderWorld) -> None:
    actor, view = await world.begun()
    world.provider.name = "another"
    with pytest.raises(ProviderNotBegun):
        await world.checks.conclude(actor, view.id)
    assert (await world.begin(actor, view)).provider == "another"


async def test_a_film_instead_of_the_provider_decides_as_ever(world: ProviderWorld) -> None:
    actor, view = await world.begun()
    done = await world.identity.filmed(actor, view)
    assert done.outcome == "accept"
    told = await world.checks.conclude(actor, view.id)
    assert told.is_finished and told.verification.outcome == "accept" and world.provider.asked == []
