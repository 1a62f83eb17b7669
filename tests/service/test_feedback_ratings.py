"""One rating per case, and what a bad one sets in motion."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core import audit
from core.crypto import Unsealable
from core.errors import InvalidInput, NotFound
from core.flow import GuardRefused, IllegalMove
from core.models import AuditEntry, OutboxEvent
from hall.feedback.errors import AlreadyRated, NotFinished
from hall.feedback.models import CallBack, Rating, RectificationTask
from hall.feedback.views import TaskView
from tests.factories.catalog import CATERING_CODE
from tests.factories.hall import OTHER_OFFICE, HallWorld, citizen, clerk

SECRET = "王小明的电话是13800138000"


@pytest.fixture
def finished(hall: HallWorld) -> HallWorld:
    hall.cases.owners = {"case_a": "account_a", "case_b": "account_b", "case_open": "account_a"}
    hall.cases.finished = {"case_a", "case_b"}
    return hall


async def bad(hall: HallWorld) -> TaskView:
    await hall.feedback.rate(citizen(), "case_a", 1, ["extra_trip"], SECRET)
    return (await hall.rectification.tasks(clerk()))[0]


async def test_a_good_rating(finished: HallWorld) -> None:
    rating = await finished.feedback.rate(citizen(), "case_a", 5, ["no_trip", "fast"], "  一次都没跑  ")
    assert (rating.level_text, rating.comment, rating.follow_up) == ("非常满意", "一次都没跑", None)
    assert await finished.feedback.mine(citizen(), "case_a") == rating
    assert await RectificationTask.all().count() == 0
    assert [event.name for event in await OutboxEvent.filter(name__startswith="feedback")] == ["feedback.rated"]
    assert (await audit.verify("case:case_a")).length == 1


async def test_one_service_one_rating(finished: HallWorld) -> None:
    """R65: twenty at once and one more later leave one rating, one task."""
    results = await asyncio.gather(*(finished.feedback.rate(citizen(), "case_a", 2) for _ in range(20)), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert sum(isinstance(result, AlreadyRated) for result in results) == 19
    with pytest.raises(AlreadyRated):
        await finished.feedback.rate(citizen(), "case_a", 5)
    assert await Rating.all().count() == await RectificationTask.all().count() == 1
    assert (await audit.verify("case:case_a")).length == 2


async def test_only_ones_own_finished_case(finished: HallWorld) -> None:
    for case_id in ("case_b", "case_unknown", "", "' OR 1=1"):
        with pytest.raises(NotFound):
            await finished.feedback.rate(citizen(), case_id, 5)
        with pytest.raises(NotFound):
            await finished.feedback.mine(citizen(), case_id)
    with pytest.raises(NotFinished):
        await finished.feedback.rate(citizen(), "case_open", 5)
    with pytest.raises(InvalidInput):
        await finished.feedback.rate(citizen(), "case_a", 9)
    assert await Rating.all().count() == 0
    assert await OutboxEvent.filter(name__startswith="feedback").count() == 0


async def test_what_people_write_is_sealed(finished: HallWorld) -> None:
    """A comment may name people: it is unreadable in the database, and nowhere else."""
    task = await bad(finished)
    await finished.rectification.take(clerk(), task.id)
    await finished.rectification.call_back(clerk(), task.id, was_reached=True, note=SECRET)
    rating, call = await Rating.get(), await CallBack.get()
    for stored in (rating.comment, call.note):
        assert stored is not None and SECRET.encode() not in bytes(stored)
    texts = [*await AuditEntry.all().values_list("data", flat=True), *await OutboxEvent.all().values_list("payload", flat=True)]
    assert not any("13800138000" in str(text) for text in texts)
    with pytest.raises(Unsealable):
        finished.cipher.open(bytes(rating.comment or b""), context=f"feedback.comment:{call.id}")


async def test_a_bad_rating_opens_a_task_with_deadlines(finished: HallWorld) -> None:
    """R65: 15 working days from Monday 23 November 2026 end on Monday 14 December; the call is due on the next working day."""
    rating = await finished.feedback.rate(citizen(), "case_a", 2, ["late"])
    assert rating.follow_up is not None and "15 个工作日" in rating.follow_up
    (task,) = await finished.rectification.tasks(clerk())
    assert (task.call_back_on, task.due_on, task.is_deadline_provisional) == (date(2026, 11, 24), date(2026, 12, 14), False)
    assert (task.state, task.level, task.tags, task.allowed_actions) == ("open", 2, ["late"], ["take"])
    assert await OutboxEvent.filter(name="feedback.bad_rating").count() == 1


async def test_from_task_to_rectified(finished: HallWorld) -> None:
    """R67: nothing is put right before the person was called; every call is kept."""
    task = await bad(finished)
    taken = await finished.rectification.take(clerk(), task.id)
    assert (taken.state, taken.clerk_id, taken.allowed_actions) == ("handling", "staff_a", ["call_back", "hand_over"])
    with pytest.raises(IllegalMove):
        await finished.rectification.rectify(clerk(), task.id, outcome="改好了")
    await finished.rectification.call_back(clerk(), task.id, was_reached=False, note="无人接听")
    with pytest.raises(GuardRefused):
        await finished.rectification.rectify(clerk(), task.id, outcome="改好了")
    finished.clock.advance(hours=2)
    reached = await finished.rectification.call_back(clerk(), task.id, was_reached=True, note="已说明并致歉")
    assert [(call.was_reached, call.note) for call in reached.calls] == [(False, "无人接听"), (True, "已说明并致歉")]
    done = await finished.rectification.rectify(clerk(), task.id, outcome="已修改指南，退还费用")
    assert (done.state, done.outcome, done.allowed_actions) == ("rectified", "已修改指南，退还费用", [])
    assert await finished.rectification.tasks(clerk()) == []
    assert [one.id for one in await finished.rectification.tasks(clerk(), "rectified")] == [task.id]
    assert await OutboxEvent.filter(name="feedback.rectified").count() == 1
    report = await audit.verify("case:case_a")
    assert report.is_intact and report.length == 6


async def test_three_unanswered_calls_are_enough(finished: HallWorld) -> None:
    task = await bad(finished)
    await finished.rectification.take(clerk(), task.id)
    for _ in range(3):
        await finished.rectification.call_back(clerk(), task.id, was_reached=False, note="无人接听")
    assert (await finished.rectification.rectify(clerk(), task.id, outcome="三次未接通，已整改")).state == "rectified"


async def test_a_colleague_must_wait_for_the_hand_over(finished: HallWorld) -> None:
    task = await bad(finished)
    results = await asyncio.gather(*(finished.rectification.take(clerk(f"staff_{n}"), task.id) for n in range(5)), return_exceptions=True)
    holder = next(result.clerk_id for result in results if isinstance(result, TaskView))
    assert sum(isinstance(result, TaskView) for result in results) == 1
    colleague = clerk("staff_z")
    with pytest.raises(GuardRefused):
        await finished.rectification.call_back(colleague, task.id, was_reached=True, note="抢着办")
    await finished.rectification.hand_over(clerk(str(holder)), task.id)
    assert (await finished.rectification.take(colleague, task.id)).clerk_id == "staff_z"


async def test_another_office_and_unknown_tasks_are_the_same(finished: HallWorld) -> None:
    task = await bad(finished)
    for stranger, task_id in ((clerk(office_id=OTHER_OFFICE), task.id), (clerk(office_id=None), task.id), (clerk(), "task_unknown")):
        with pytest.raises(NotFound):
            await finished.rectification.one(stranger, task_id)
        with pytest.raises(NotFound):
            await finished.rectification.take(stranger, task_id)
    assert await finished.rectification.tasks(clerk(office_id=OTHER_OFFICE)) == []
    with pytest.raises(InvalidInput):
        await finished.rectification.tasks(clerk(), "nowhere")
    await finished.rectification.take(clerk(), task.id)
    for note in ("", "  x  ", "长" * 501):
        with pytest.raises(InvalidInput):
            await finished.rectification.call_back(clerk(), task.id, was_reached=True, note=note)
    assert await CallBack.all().count() == 0


async def test_overdue_is_counted_and_shown(finished: HallWorld) -> None:
    task = await bad(finished)
    finished.clock.advance(days=21)
    assert await finished.rectification.overdue() == 0
    finished.clock.advance(days=1)
    assert await finished.rectification.overdue() == 1
    assert (await finished.rectification.one(clerk(), task.id)).is_overdue


async def test_public_figures(finished: HallWorld) -> None:
    """R66: numbers only."""
    assert (await finished.feedback.tally(CATERING_CODE)).satisfaction_percent is None
    await finished.feedback.rate(citizen(), "case_a", 5)
    await finished.feedback.rate(citizen("account_b"), "case_b", 1, [], SECRET)
    tally = await finished.feedback.tally(CATERING_CODE)
    assert (tally.total, tally.satisfaction_percent) == (2, 50.0)
    assert tally.levels == {"非常满意": 1, "满意": 0, "基本满意": 0, "不满意": 0, "非常不满意": 1}
    assert (await finished.feedback.tally("' OR 1=1")).total == 0
