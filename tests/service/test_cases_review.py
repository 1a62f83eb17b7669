"""The clerks' side: one-time notice, clocks, separation of duties."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core import audit
from core.actor import Actor, Role
from core.errors import DomainError, InvalidInput, NotFound
from core.flow import IllegalMove
from core.models import OutboxEvent
from hall.cases.errors import GapNotNew, SamePerson
from hall.cases.models import Case, CaseGap, CaseMaterial, CasePause, CaseSnapshot
from hall.cases.presenting import clerk_view
from hall.catalog.service import WorkingDays
from tests.factories.cases import BACK, DELIVERY, CaseWorld, clerk, footprint, photo
from tests.factories.catalog import CATERING_CODE, catering_answers


async def mended(house: CaseWorld, case: Case, *, values: dict[str, object] | None = None, file: tuple[str, bytes] | None = None) -> Case:
    """The owner reopens, changes something and hands in again (the signing itself has tests of its own)."""
    await house.cases.signing.reopen(house.zhang, case.id)
    await house.cases.drafts.save_form(house.zhang, case.id, values or {}, None)
    if file is not None:
        await house.upload(case, *file)
    await Case.filter(id=case.id).update(state="signing", is_signed=True)
    return await house.cases.signing.submit(house.zhang, case.id)


async def test_a_second_request_must_show_a_new_fact(house: CaseWorld) -> None:
    """R25: what was there the first time and was not named then cannot be asked for now."""
    case = await house.waved_through("prereview")
    number = case.number
    send_back = house.cases.review.send_back
    with pytest.raises(InvalidInput):
        await send_back(house.front, case.id, {})
    with pytest.raises(InvalidInput) as strangers:
        await send_back(house.front, case.id, {"form.seats": "太多", "form.password": "?", "materials.M99": "?"})
    assert set(strangers.value.fields) == {"form.password", "materials.M99"}
    case = await send_back(house.front, case.id, {"form.seats": "餐位数与平面图不符", "materials.M06": "平面图看不清"})
    assert (case.state, await CaseGap.filter(case_id=case.id).count()) == ("returned", 2)
    with pytest.raises(IllegalMove):
        await send_back(house.front, case.id, {"form.shop_name": "店名有误"})
    case = await mended(house, case, values={"seats": 24}, file=("M06", photo((1, 2, 3))))
    assert (case.number, case.review_round) == (number, 2)
    before = await footprint(house.hall)
    with pytest.raises(GapNotNew) as refused:
        await send_back(house.front, case.id, {"form.seats": "还是不对", "form.shop_name": "店名有误", "materials.M07": "合同缺页"})
    assert set(refused.value.fields) == {"form.shop_name", "materials.M07"}
    assert await footprint(house.hall) == before
    case = await send_back(house.front, case.id, {"form.seats": "与面积不符", "materials.M06": "新图缺上下水"})
    assert {gap.round for gap in await CaseGap.filter(case_id=case.id)} == {1, 2}
    assert await CaseSnapshot.filter(case_id=case.id).count() == 2
    corrections = (await clerk_view(house.cases, case, house.front)).corrections
    assert [(gap.round, gap.reason) for gap in corrections if gap.subject == "form.seats"] == [(1, "餐位数与平面图不符"), (2, "与面积不符")]


async def test_clocks_run_in_working_days_and_stand_still_in_a_special_procedure(house: CaseWorld) -> None:
    """R20, R27; 行政许可法 art. 42, 45, 82: the day after acceptance is the first; paused days do not count; the ledger proves it."""
    case = await house.waved_through("prereviewed")
    assert case.promised_on is None  # R27: pre-review runs no clock
    house.clock.advance(days=3)  # Thursday 26 November 2026
    case = await house.cases.review.accept(house.front, case.id)
    assert (case.promised_on, case.statutory_on) == (date(2026, 12, 1), date(2026, 12, 24))
    assert not case.is_deadline_provisional
    with pytest.raises(InvalidInput):
        await house.cases.review.pause(house.front, case.id, "holiday")
    house.clock.advance(days=1)
    case = await house.cases.review.pause(house.front, case.id, "survey")  # Friday
    assert case.state == "special"
    with pytest.raises(IllegalMove):
        await house.cases.review.decide(house.back, case.id, is_granted=True, reason="符合条件")
    house.clock.advance(days=5)
    case = await house.cases.review.resume(house.front, case.id)  # Wednesday: Friday, Monday and Tuesday did not count
    assert await house.cases.review.pauses(case) == [(date(2026, 11, 27), date(2026, 12, 2))]
    assert (case.promised_on, case.statutory_on) == (date(2026, 12, 4), date(2026, 12, 29))
    assert house.hall.service(WorkingDays).deadline(date(2026, 11, 26), 3, await house.cases.review.pauses(case))[0] == case.promised_on
    # A second pause that ends on its own day stops nothing; one over New Year makes the date provisional.
    await house.cases.review.pause(house.front, case.id, "hearing")
    case = await house.cases.review.resume(house.front, case.id)
    assert case.promised_on == date(2026, 12, 4)
    await house.cases.review.pause(house.front, case.id, "inspection")
    house.clock.advance(days=35)
    case = await house.cases.review.resume(house.front, case.id)
    assert case.is_deadline_provisional and case.statutory_on is not None and case.statutory_on.year == 2027
    assert await CasePause.filter(case_id=case.id).count() == 3 and await CasePause.filter(to_on=None).count() == 0


async def test_who_reviewed_or_accepted_may_not_decide(house: CaseWorld) -> None:
    """R38: even with every permission."""
    both = clerk("staff_both", (*house.back.permissions,))
    case = await house.waved_through("prereview")
    await house.cases.review.prereview(both, case.id)
    await house.cases.review.accept(house.front, case.id)
    before = await footprint(house.hall)
    for is_granted in (True, False):
        with pytest.raises(SamePerson):
            await house.cases.review.decide(both, case.id, is_granted=is_granted, reason="同意")
        accepted_here = Actor(Role.CLERK, house.front.id, frozenset({*house.front.permissions, "case.decide"}), house.front.office_id)
        with pytest.raises(SamePerson):
            await house.cases.review.decide(accepted_here, case.id, is_granted=is_granted, reason="同意")
    with pytest.raises(IllegalMove):
        await house.cases.review.decide(clerk("staff_c", ("case.accept",)), case.id, is_granted=True, reason="同意")
    assert await footprint(house.hall) == before
    view = await clerk_view(house.cases, await Case.get(id=case.id), both)
    assert "grant" not in view.allowed_actions
    case = await house.cases.review.decide(house.back, case.id, is_granted=True, reason="符合备案条件")
    assert (case.state, case.decider_id, case.decided_at) == ("granted", house.back.id, house.clock.now())
    with pytest.raises(IllegalMove):
        await house.cases.review.decide(clerk("staff_d", BACK), case.id, is_granted=False, reason="反悔")
    assert (await audit.verify(f"case:{case.id}")).is_intact


@pytest.mark.parametrize(
    ("action", "state"), [("decline_not_required", "not_required"), ("decline_wrong_authority", "wrong_authority"), ("refuse", "refused")]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_no_ends_the_case_with_its_reason(house: CaseWorld, action: str, state: str) -> None:
    case = await house.waved_through("accepted" if action == "refuse" else "prereview")
    if action == "refuse":
        case = await house.cases.review.decide(house.back, case.id, is_granted=False, reason="场所不符合条件")
    else:
        case = await house.cases.review.decline(house.front, case.id, action, "场所不符合条件")
    assert (case.state, case.closed_at) == (state, house.clock.now())
    assert house.cases.register.open(case.id, "decision", case.decision_reason) == "场所不符合条件"
    await house.deliver_outbox()
    assert await house.cases.progress.outcome(case.id) is None
    assert await house.licences.of_case(case.id) is None
    with pytest.raises(IllegalMove):
        await house.cases.drafts.withdraw(house.zhang, case.id)


async def test_who_reviewed_in_an_earlier_round_may_not_decide_either(house: CaseWorld) -> None:
    """R38: sending back is reviewing, too, though a colleague passed the second round."""
    both = clerk("staff_both", tuple(house.back.permissions))
    case = await house.waved_through("prereview")
    await house.cases.review.send_back(both, case.id, {"form.seats": "餐位数与平面图不符"})
    case = await mended(house, case, values={"seats": 24})
    await house.cases.review.prereview(house.front, case.id)
    await house.cases.review.accept(house.front, case.id)
    with pytest.raises(SamePerson):
        await house.cases.review.decide(both, case.id, is_granted=True, reason="同意")
    assert "grant" not in (await clerk_view(house.cases, await Case.get(id=case.id), both)).allowed_actions
    assert (await house.cases.review.decide(house.back, case.id, is_granted=True, reason="符合备案条件")).state == "granted"


async def test_two_clerks_at_once_decide_once(house: CaseWorld) -> None:
    case = await house.waved_through("accepted")
    deciders = [clerk(f"staff_{number}", BACK) for number in range(6)]
    answers = await asyncio.gather(
        *(house.cases.review.decide(one, case.id, is_granted=number % 2 == 0, reason="决定") for number, one in enumerate(deciders)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(refused) == 5 and all(isinstance(error, DomainError) and error.status == 409 for error in refused)
    assert await OutboxEvent.filter(name__in=["case.granted", "case.refused"]).count() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_draft_that_was_never_handed_in_is_no_clerk_s_business(house: CaseWorld) -> None:
    """Also after its owner withdrew it."""
    case = await house.cases.drafts.start(house.zhang, CATERING_CODE, catering_answers())
    await house.cases.drafts.save_form(house.zhang, case.id, {"seats": 3}, DELIVERY)
    for state in ("draft", "signing", "withdrawn"):
        await Case.filter(id=case.id).update(state=state)
        with pytest.raises(NotFound):
            await house.cases.register.of_clerk(house.front, case.id)
        assert await house.cases.review.queue(house.front, state) == []
    handed_in = await house.waved_through("prereview")
    await house.cases.drafts.withdraw(house.zhang, handed_in.id)
    assert [one.id for one in await house.cases.review.queue(house.front, "withdrawn")] == [handed_in.id]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_look_at_a_file_is_recorded(house: CaseWorld) -> None:
    case = await house.waved_through("prereview")
    material = await CaseMaterial.filter(case_id=case.id).first()
    assert material is not None
    data, media_type = await house.cases.review.file(house.front, case.id, material.id)
    assert data.startswith(b"\xff\xd8\xff") and media_type == "image/jpeg"
    last = (await audit.links(f"case:{case.id}"))[-1]
    assert (last.action, last.actor_id) == ("case.material_viewed", house.front.id)
