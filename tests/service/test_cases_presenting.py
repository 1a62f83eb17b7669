"""What the people of a case and its reviewers are shown of it, on the way from the first question to the closed file."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from tortoise.expressions import F

from core import audit
from core.actor import Actor, Role
from core.models import OutboxEvent
from hall.cases.flow import FLOW
from hall.cases.models import Case, CaseMaterial
from hall.cases.presenting import case_view, clerk_view, queue_view, summary
from hall.cases.views import CaseView
from tests.factories.cases import DELIVERY, CaseWorld, footprint, photo
from tests.factories.catalog import CATERING_CODE, catering_answers, catering_form

COURIER = Actor(Role.COURIER, "courier_1")


async def seen(house: CaseWorld, case: Case, actor: Actor | None = None) -> CaseView:
    return await case_view(house.cases, await Case.get(id=case.id), actor or house.zhang)


async def test_one_question_after_the_other(house: CaseWorld) -> None:
    """R24: the next question is decided here, by the answers so far; the end of the questions is the start of the notice."""
    catalog = house.cases.catalog
    answers: dict[str, Any] = {}
    asked: list[str] = []
    full = catering_answers(makes_high_risk_food=True, makes_cold_dishes=None)
    while (step := await catalog.next_question(CATERING_CODE, answers)).question is not None:
        assert step.number == len(asked) + 1 <= step.total
        asked.append(step.question.name)
        answers[step.question.name] = full[step.question.name]
    assert asked == list(full) and "makes_cold_dishes" not in asked
    assert (step.number, step.total) == (7, 7)
    answers["makes_high_risk_food"] = False
    step = await catalog.next_question(CATERING_CODE, answers)
    assert step.question is not None and (step.question.name, step.number, step.total) == ("makes_cold_dishes", 5, 8)


async def test_a_draft_shows_the_fields_that_count(house: CaseWorld) -> None:
    """A hidden field is not shown, not missed, not signed, whatever was once filled into it."""
    drafts, case = house.cases.drafts, await house.started()
    await drafts.save_form(house.zhang, case.id, {"premises": None, "sells_online": None, "applicant_kind": None}, None)
    names = {field.name for field in (await drafts.draft(house.zhang, case.id)).fields}
    assert "seats" in names and not {"lease_until", "platform_names", "share_percent"} & names
    await drafts.save_form(house.zhang, case.id, {**catering_form(), "lease_until": "1999-99-99"}, DELIVERY)
    draft = await drafts.draft(house.zhang, case.id)
    assert {"lease_until", "platform_names", "share_percent"} <= {field.name for field in draft.fields}
    assert "form.lease_until" in draft.gaps and draft.needs_delivery and draft.delivery is not None
    await drafts.save_form(house.zhang, case.id, {"premises": "own"}, None)
    draft = await drafts.draft(house.zhang, case.id)
    assert "form.lease_until" not in draft.gaps and "lease_until" not in {field.name for field in draft.fields}
    assert draft.form["lease_until"] == "1999-99-99"


async def test_saving_again_changes_nothing(house: CaseWorld) -> None:
    """A phone that lost the answer sends its draft once more, also while the first is under way."""
    case = await house.started()
    save = house.cases.drafts.save_form
    gaps = await save(house.zhang, case.id, catering_form(), DELIVERY)
    before, version = await footprint(house.hall), (await Case.get(id=case.id)).version
    assert await save(house.zhang, case.id, catering_form(), None) == gaps
    assert await save(house.zhang, case.id, {}, DELIVERY) == gaps
    assert (await Case.get(id=case.id)).version == version + 1  # only the address was sealed anew
    assert await footprint(house.hall) == before
    assert (await house.cases.drafts.draft(house.zhang, case.id)).form == catering_form()


async def test_an_upload_that_is_retried_is_one_material(house: CaseWorld) -> None:
    """The same key is the same upload even where the phone made the picture anew; another key is another file; nothing is left over."""
    case, add = await house.started(), house.cases.drafts.add_material
    tries = [add(house.zhang, case.id, "M06", photo((9, 9, number)), "店.jpg", "image/jpeg", key="k1") for number in range(0, 90, 10)]
    found = await asyncio.gather(*tries)
    assert len({material.id for material in found}) == 1 == await CaseMaterial.filter(case_id=case.id).count()
    assert await house.hall.store.keys("objects") and len(await house.hall.store.keys("objects")) == 2  # and the notice
    again = await add(house.zhang, case.id, "M06", photo((1, 2, 3)), "店.jpg", "image/jpeg", key="k1")
    other = await add(house.zhang, case.id, "M06", photo((1, 2, 3)), "店.jpg", "image/jpeg", key="k2")
    elsewhere = await add(house.zhang, case.id, "M07", photo((1, 2, 3)), "店.jpg", "image/jpeg", key="k1")
    assert again.id == found[0].id and len({again.id, other.id, elsewhere.id}) == 3
    await house.cases.drafts.remove_material(house.zhang, case.id, again.id)
    assert (await add(house.zhang, case.id, "M06", photo((5, 5, 5)), "店.jpg", "image/jpeg", key="k1")).id != again.id
    assert (await audit.verify(f"case:{case.id}")).is_intact


async def test_a_citizen_is_led_through_the_whole_case(house: CaseWorld) -> None:
    """R24, R82: what to do now, in one sentence, and where the case has been and will go."""
    case = await house.started()
    view = await seen(house, case)
    assert (view.next_step.section, view.next_step.action) == ("form", "edit")
    assert len(view.answer_lines) == len(catering_answers()) and all(line.label and line.text for line in view.answer_lines)
    needed = {material.code: material for material in view.needed}
    assert needed["M06"].is_required and not needed["M06"].is_provided and needed["M01"].is_generated
    assert view.timeline[0].title == "开始办理" and view.timeline[1].state == "current" and view.timeline[-1].title == "寄送到手"
    case = await house.filled(case)
    view = await seen(house, case)
    assert (view.next_step.section, view.next_step.action) == ("parties", "edit")
    assert all(material.is_provided for material in view.needed if material.is_required)
    assert {material.name for material in view.materials} <= {material.name for material in view.needed}
    await house.cases.drafts.join(house.li, await house.invited(case))
    assert (await seen(house, case, house.li)).next_step.title == "不用您做什么，申请人正在填写"
    assert (await seen(house, case)).next_step.action == "prepare_signing"
    case = await house.cases.signing.prepare(house.zhang, case.id)
    for actor in (house.zhang, house.li):
        assert (await seen(house, case, actor)).next_step.action == "sign"
        await house.sign(actor, case)
    assert (await seen(house, case)).next_step.title == "正在写入您的签名"
    await house.deliver_outbox()
    assert (await seen(house, case)).next_step.action == "submit"
    assert (await seen(house, case, house.li)).next_step.action is None
    case = await house.cases.signing.submit(house.zhang, case.id)
    view = await seen(house, case)
    assert view.next_step.title == "不用您做什么，工作人员正在看材料，最晚11月30日答复"
    assert [one.note for one in view.timeline if one.state == "current"] == ["最晚11月30日答复"]


async def test_after_the_grant_the_case_leads_to_licence_and_parcel(house: CaseWorld) -> None:
    """R55: the owner finds both from the case; a co-signer has neither."""
    case = await house.waved_through("granted")
    assert (await seen(house, case)).licence_id is None
    await house.deliver_outbox()
    (parcel,) = await house.parcels.of_case(case.id)
    view = await seen(house, case)
    assert (view.licence_id, view.parcel_id) == (parcel.licence_id, parcel.id)
    assert view.next_step.title == "证照做好了，等快递员来取"
    assert ((await seen(house, case, house.li)).licence_id, (await seen(house, case, house.li)).parcel_id) == (None, None)
    clerk = await clerk_view(house.cases, await Case.get(id=case.id), house.front)
    assert (clerk.licence_id, clerk.parcel_id, clerk.decision_reason) == (parcel.licence_id, parcel.id, "符合备案条件")
    offer = await house.parcels.handoff_code(house.front, parcel.id)
    await house.parcels.accept_handoff(COURIER, parcel.waybill_no or "", offer.payload)
    assert (await seen(house, case)).next_step.section == "parcel"
    await house.parcels.start_delivery(COURIER, parcel.id)
    await house.parcels.deliver(COURIER, parcel.id, await house.parcels.pickup_code_for(house.zhang, parcel.id))
    await house.deliver_outbox()
    view = await seen(house, case)
    assert (view.state, view.next_step.title) == ("closed", "办好了")
    assert [one.title for one in view.timeline][-5:] == ["已通知快递", "快递员已取走证照", "正在派送", "证照已送到", "办结"]
    assert all(one.at for one in view.timeline) and view.remedies and view.help_phone


async def test_a_licence_that_does_not_travel_closes_the_case(house: CaseWorld) -> None:
    """Electronic delivery is delivery; also when the worker died between the two steps."""
    case = await house.waved_through("granted")
    await Case.filter(id=case.id).update(delivery=None, version=F("version") + 1)
    await house.deliver_outbox()
    case = await Case.get(id=case.id)
    assert (case.state, await house.parcels.of_case(case.id)) == ("closed", [])
    await Case.filter(id=case.id).update(state="delivering", closed_at=None)
    await house.cases.progress.record_licensed(case.id, case.licence_id or "")
    assert (await Case.get(id=case.id)).state == "closed"
    assert await OutboxEvent.filter(name="case.licensed").count() == 1


async def test_a_co_signer_finds_the_case_in_the_own_list(house: CaseWorld) -> None:
    case = await house.joined()
    (mine,) = [await summary(house.cases, found, house.li) for found in await house.cases.progress.mine(house.li)]
    assert (mine.id, mine.is_owner, mine.allowed_actions, mine.next_step.action) == (case.id, False, [], None)
    case = await house.cases.signing.prepare(house.zhang, case.id)
    (mine,) = [await summary(house.cases, found, house.li) for found in await house.cases.progress.mine(house.li)]
    assert (mine.allowed_actions, mine.next_step.action) == (["sign"], "sign")
    (his,) = [await summary(house.cases, found, house.zhang) for found in await house.cases.progress.mine(house.zhang)]
    assert his.is_owner and "reopen" in his.allowed_actions


async def test_a_reviewer_reads_labels_and_points_at_them(house: CaseWorld) -> None:
    """R25: what may be named in a one-time notice is listed, and only what can really be mended."""
    case = await house.waved_through("prereview")
    view = await clerk_view(house.cases, case, house.front)
    lines = {line.name: (line.label, line.text, line.subject) for line in view.form_lines}
    assert lines["lease_until"][1:] == ("2028年12月31日", "form.lease_until") and lines["sells_online"][1] == "是"
    subjects = {subject.key: subject.label for subject in view.subjects}
    assert {line.subject for line in view.form_lines} <= set(subjects) and "materials.M06" in subjects
    assert "materials.M01" not in subjects  # the system makes it
    await house.cases.review.send_back(house.front, case.id, dict.fromkeys(subjects, "请核对"))
    corrections = (await seen(house, case)).corrections
    assert {gap.subject: gap.label for gap in corrections} == subjects
    assert (await seen(house, case)).next_step.title == f"请修改 {len(subjects)} 处内容"
    assert (await seen(house, case)).timeline[-6].state == "current"


async def test_the_queue_shows_what_presses_and_finds(house: CaseWorld) -> None:
    """R20: working days left to the answer and to the promise; one's own number, receipt or ID number finds the case."""
    case = await house.waved_through("prereview")
    review = house.cases.review

    async def row(day: int = 0) -> tuple[date, int, str] | None:
        house.clock.advance(days=day)
        (found,) = await queue_view(house.cases, await review.queue(house.front, None))
        assert (found.department, found.applicant) == (case.department, "张*")
        return None if found.deadline is None else (found.deadline.on, found.deadline.working_days_left, found.deadline.tone)

    assert await row() == (date(2026, 11, 30), 5, "calm")
    assert await row(4) == (date(2026, 11, 30), 1, "warn")
    assert await row(3) == (date(2026, 11, 30), 0, "warn")
    assert await row(2) == (date(2026, 11, 30), -2, "overdue")
    house.clock.advance(seconds=-timedelta(days=9).total_seconds())
    await review.prereview(house.front, case.id)
    await review.accept(house.front, case.id)
    assert await row() == (date(2026, 11, 26), 3, "calm")
    await review.pause(house.front, case.id, "survey")
    assert await row() is None
    await house.waved_through("granted")
    await Case.filter(state="granted").update(state="refused")
    found: dict[str, int] = {}
    for text in ((case.number or "")[-12:], case.id[-12:].upper(), "510104199203150017", "51010419920315001x", "餐饮", "没有", "%", "_"):
        found[text] = len(await review.queue(house.front, None, text=text))
    assert list(found.values()) == [1, 1, 0, 2, 2, 0, 0, 0], found
    assert len(await review.queue(house.front, "refused", text="51010419920315001X")) == 1
    assert await review.queue(house.elsewhere, None, text=case.number or "") == []
    assert len(await review.queue(house.front, None)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_view_of_each_state_can_be_shown(house: CaseWorld) -> None:
    """Every state of the flow has its sentence, its timeline and its queue row over real rows."""
    case = await house.joined()
    for state in FLOW.states:
        await Case.filter(id=case.id).update(state=state, submitted_at=house.clock.now())
        stored = await Case.get(id=case.id)
        for actor in (house.zhang, house.li):
            assert (await case_view(house.cases, stored, actor)).next_step.title
        assert (await queue_view(house.cases, [stored]))[0].state_label
        assert (await clerk_view(house.cases, stored, house.back)).timeline
