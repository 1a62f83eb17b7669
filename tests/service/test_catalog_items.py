"""The catalogue in a database."""

from __future__ import annotations

import asyncio
from datetime import date

import msgspec
import pytest

from core import audit
from core.actor import SYSTEM
from core.errors import InvalidInput
from core.models import OutboxEvent
from hall.catalog.errors import ItemNotListed, ItemRejected, OfficeUnknown, VersionFixed
from hall.catalog.item import Item
from hall.catalog.models import CalendarYear, ServiceItem
from hall.catalog.packaged import packaged_items
from hall.catalog.workdays import YearTable
from tests.factories.catalog import CATERING_CODE, catering, catering_answers, item_with
from tests.factories.hall import HallWorld


def next_version(**changes: object) -> Item:
    return item_with(version=2, **changes)


async def test_seeding_again_changes_nothing(hall: HallWorld) -> None:
    before = await ServiceItem.all().count()
    report = await hall.catalog.seed()
    assert report.created == ()
    assert len(report.unchanged) == before == len(packaged_items())
    assert (await audit.verify("catalog")).is_intact


async def test_two_processes_that_seed_at_once_store_each_item_once(hall: HallWorld) -> None:
    await asyncio.gather(*(hall.catalog.import_items([next_version(name="小餐饮备案（新版）")]) for _ in range(4)), return_exceptions=True)
    assert await ServiceItem.filter(code=CATERING_CODE, version=2).count() == 1
    assert await ServiceItem.filter(code=CATERING_CODE, status="published").count() == 1


async def test_a_new_version_replaces_the_old_and_both_stay_readable(hall: HallWorld) -> None:
    """R17, R22: the history is public; a case that began with version 1 keeps it."""
    await hall.catalog.import_items([next_version(statutory_days=10, materials=catering().materials[:8])])
    assert (await hall.catalog.get(CATERING_CODE)).version == 2
    assert await hall.catalog.get(CATERING_CODE, 1) == catering()
    history = await hall.catalog.versions(CATERING_CODE)
    assert [(one.version, one.status, one.materials) for one in history] == [(2, "published", 8), (1, "superseded", 14)]
    assert await OutboxEvent.filter(name="catalog.item_published", payload__contains=CATERING_CODE).count() == 2


async def test_a_stored_version_never_changes(hall: HallWorld) -> None:
    for item in (item_with(name="另一个名字"), item_with(version=0)):
        with pytest.raises(VersionFixed):
            await hall.catalog.import_items([item])
    assert await hall.catalog.get(CATERING_CODE) == catering()


async def test_an_unsound_item_is_rejected_and_so_is_its_whole_batch(hall: HallWorld) -> None:
    """R13: a published item that lacks a mandatory element does not get in."""
    with pytest.raises(ItemRejected) as caught:
        await hall.catalog.import_items([next_version(), next_version(conditions=())])
    assert "conditions" in caught.value.fields
    with pytest.raises(ItemRejected):
        await hall.catalog.import_items([next_version(effective_on=date(2027, 1, 1))])
    assert await ServiceItem.filter(version=2).count() == 0


async def test_what_is_not_listed_is_refused(hall: HallWorld) -> None:
    """R15: unknown, hostile, draft and withdrawn codes are all 403."""
    draft = item_with(code=CATERING_CODE[:-1] + "9", basic_code="510131016009", status="draft")
    await hall.catalog.import_items([draft])
    for code in ("", "0" * 31, "' OR 1=1 --", "%", draft.code):
        for query in (hall.catalog.get, hall.catalog.guide, hall.catalog.scenario, hall.catalog.versions):
            with pytest.raises(ItemNotListed) as caught:
                await query(code)
            assert caught.value.status == 403
        with pytest.raises(ItemNotListed):
            await hall.catalog.answer_scenario(code, {})
    with pytest.raises(ItemNotListed):
        await hall.catalog.get(draft.code, 1)
    await hall.catalog.withdraw(SYSTEM, CATERING_CODE)
    with pytest.raises(ItemNotListed):
        await hall.catalog.get(CATERING_CODE)
    with pytest.raises(ItemNotListed):
        await hall.catalog.withdraw(SYSTEM, CATERING_CODE)
    assert (await hall.catalog.versions(CATERING_CODE))[0].withdrawn_at == hall.clock.now()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("小餐饮", {"小餐饮食品经营备案"}),
        ("  面馆  ", {"小餐饮食品经营备案"}),
        ("营业执照 个体户", {"个体工商户设立登记"}),
        ("市场监督", {"小餐饮食品经营备案", "个体工商户设立登记"}),
        ("面馆 老年", set()),
        ("%", set()),
        ("_", set()),
        ("'; DROP TABLE hall_item; --", set()),
    ],
)
async def test_search(hall: HallWorld, text: str, found: set[str]) -> None:
    page = await hall.catalog.search(text)
    assert {item.name for item in page.items} == found
    assert page.total == len(found)


async def test_lists_and_pages(hall: HallWorld) -> None:
    everything = await hall.catalog.search()
    assert everything.total == 5
    assert [item.is_frequent for item in everything.items] == [True, True, True, False, False], "frequent ones first"
    assert (await hall.catalog.search(is_frequent=True)).total == 3
    assert {item.name for item in (await hall.catalog.search(audience="企业")).items} >= {"小餐饮食品经营备案"}
    assert "老年人优待证办理" not in {item.name for item in (await hall.catalog.search(audience="企业")).items}
    pages = [await hall.catalog.search(limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [item.code for page in pages for item in page.items] == [item.code for item in everything.items]


async def test_the_guide_says_where_when_and_how_much(hall: HallWorld) -> None:
    """R23: conditions, materials, limits, fees; and where to go."""
    guide = await hall.catalog.guide(CATERING_CODE)
    assert guide.item.conditions and guide.item.materials
    assert guide.limits.reduction_percent == 85
    assert guide.fee_text == "不收费"
    assert [place.window for place in guide.places] == ["B06 市场准入窗口", "A01 综合受理窗口", "1 综合窗口"]
    assert all(place.address and place.opening_hours and place.phone for place in guide.places)


async def test_answers_give_a_checklist_with_places(hall: HallWorld) -> None:
    """R24."""
    checklist = await hall.catalog.answer_scenario(CATERING_CODE, catering_answers())
    again = await hall.catalog.answer_scenario(CATERING_CODE, dict(reversed(catering_answers().items())))
    assert checklist == again
    assert checklist.places[0].office == "锦川市政务服务中心"
    assert {one.code for one in checklist.materials if one.is_required} == {"M03", "M06", "M07", "M09", "M10", "M12"}


async def test_bad_answers_are_all_named_at_once(hall: HallWorld) -> None:
    with pytest.raises(InvalidInput) as caught:
        await hall.catalog.answer_scenario(CATERING_CODE, {"area_sqm": -1, "premises": "<b>"})
    assert set(caught.value.fields) >= {"answers.area_sqm", "answers.premises", "answers.applicant_kind", "answers.handled_by"}
    assert "<b>" not in str(caught.value.fields)


async def test_offices(hall: HallWorld) -> None:
    assert [office.id for office in await hall.catalog.offices()] == ["office_jinchuan", "office_qinghe"]
    assert (await hall.catalog.office("office_qinghe")).tier == "街道"
    with pytest.raises(OfficeUnknown):
        await hall.catalog.office("office_nowhere")


async def test_an_official_table_makes_a_provisional_deadline_certain(hall: HallWorld) -> None:
    """行政许可法 art. 82: until the notice for 2027 is imported, a deadline in 2027 is provisional and says so."""
    start = date(2026, 12, 30)
    assert hall.days.deadline(start, 3) == (date(2027, 1, 4), True)
    table = YearTable(year=2027, days_off=(date(2027, 1, 1), date(2027, 1, 4)), make_up_days=(), source="测试用表")
    await hall.days.import_year(SYSTEM, table)
    assert hall.days.deadline(start, 3) == (date(2027, 1, 6), False)
    wrong = msgspec.structs.replace(table, days_off=(date(2027, 1, 2),))
    with pytest.raises(InvalidInput):
        await hall.days.import_year(SYSTEM, wrong)
    assert hall.days.deadline(start, 3) == (date(2027, 1, 6), False)
    assert await CalendarYear.all().count() == 1
