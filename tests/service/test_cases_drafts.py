"""Before submission: start, resume, files, people."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from core import audit
from core.actor import Actor, Role
from core.errors import Conflict, DomainError, InvalidInput, NotFound
from core.flow import IllegalMove
from core.models import StoredObject
from hall.cases.drafts import Delivery
from hall.cases.errors import (
    IdentityFirst,
    Incomplete,
    InvitationInvalid,
    MaterialRejected,
    MaterialTooLarge,
    NotApplicable,
    PartyExists,
    TooManyDrafts,
    TooManyMaterials,
    UnknownMaterial,
)
from hall.cases.models import Case, CaseMaterial, CaseParty
from hall.cases.rules import INVITATION_DAYS, MAX_FILES_PER_MATERIAL, MAX_OPEN_DRAFTS
from tests.factories.cases import DELIVERY, CaseWorld, footprint, photo
from tests.factories.catalog import CATERING_CODE, catering_answers, catering_form

PDF_THAT_IS_NONE = b"%PDF-1.7\n%%EOF\n"
TOLD = {name: catering_answers()[name] for name in ("applicant_kind", "area_sqm", "premises", "makes_cold_dishes", "sells_online")}
"""What the scenario's answers already tell of the form."""


async def test_a_draft_is_found_again_as_it_was_left(house: CaseWorld) -> None:
    """R24, R30: the notice is made at once; the half-filled form comes back on another phone, with what the scenario already told."""
    case = await house.started()
    assert (case.state, case.number, case.office_id) == ("draft", None, "office_jinchuan")
    assert (await house.cases.drafts.notice(house.zhang, case.id)).startswith(b"%PDF-")
    gaps = await house.cases.drafts.save_form(house.zhang, case.id, {"shop_name": "老巷面馆", "seats": 30}, None)
    assert "form.uscc" in gaps and "form.shop_name" not in gaps
    await house.cases.drafts.save_form(house.zhang, case.id, {"seats": None, "staff_count": 5}, DELIVERY)
    draft = await house.cases.drafts.draft(house.zhang, case.id)
    form, delivery = draft.form, draft.delivery
    assert form == TOLD | {"shop_name": "老巷面馆", "staff_count": 5}
    assert delivery is not None and delivery["address"] == DELIVERY.address
    assert [one.id for one in await house.cases.progress.mine(house.zhang)] == [case.id]
    assert (await audit.verify(f"case:{case.id}")).is_intact


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_cannot_be_saved_leaves_the_draft_as_it_was(house: CaseWorld) -> None:
    case = await house.started()
    await house.cases.drafts.save_form(house.zhang, case.id, {"seats": 30}, DELIVERY)
    before = await footprint(house.hall)
    bad_phone = Delivery(**{name: getattr(DELIVERY, name) for name in DELIVERY.__struct_fields__} | {"phone": "110"})
    nested: dict[str, Any] = {"seats": {"a": 1}}
    for values, delivery, field in [
        ({"seats": 31, "password": "x"}, None, "password"),
        (nested, None, "values"),
        ({"seats": 31}, bad_phone, "delivery.phone"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            await house.cases.drafts.save_form(house.zhang, case.id, values, delivery)
        assert field in refused.value.fields
    draft = await house.cases.drafts.draft(house.zhang, case.id)
    form, kept = draft.form, draft.delivery
    assert form == TOLD | {"seats": 30} and kept is not None and kept["phone"] == DELIVERY.phone
    assert await footprint(house.hall) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_cannot_be_started_leaves_nothing(house: CaseWorld) -> None:
    """R24: the wrong item is told with its reason; unknown items and wrong answers leave no row and no file."""
    nobody = await house.login("ji_xiangyun", declare=False)
    before = await footprint(house.hall)
    start = house.cases.drafts.start
    with pytest.raises(IdentityFirst):
        await start(nobody, CATERING_CODE, catering_answers())
    with pytest.raises(NotApplicable) as refused:
        await start(house.zhang, CATERING_CODE, catering_answers(area_sqm=400))
    assert refused.value.message != NotApplicable.message
    with pytest.raises(DomainError) as unknown:
        await start(house.zhang, "9" * 31, catering_answers())
    assert unknown.value.code == "catalog.item_not_listed"
    for answers in ({}, catering_answers(applicant_kind="cat"), {**catering_answers(), "stranger": 1}):
        with pytest.raises(InvalidInput):
            await start(house.zhang, CATERING_CODE, answers)
    assert await footprint(house.hall) == before


async def test_the_same_file_twice_is_one_and_a_removed_file_is_gone(house: CaseWorld) -> None:
    case, drafts, store = await house.started(), house.cases.drafts, house.hall.store
    empty = await footprint(house.hall)
    first, again = await house.upload(case, "M06", photo()), await house.upload(case, "M06", photo())
    assert first.id == again.id
    elsewhere = await house.upload(case, "M07", photo())
    assert len(await store.keys("objects")) == empty["files"] + 1
    await drafts.remove_material(house.zhang, case.id, first.id)
    assert await drafts.material_file(house.zhang, case.id, elsewhere.id) == (photo(), "image/jpeg")
    with pytest.raises(NotFound):
        await drafts.material_file(house.zhang, case.id, first.id)
    with pytest.raises(NotFound):
        await drafts.remove_material(house.zhang, case.id, first.id)
    await drafts.remove_material(house.zhang, case.id, elsewhere.id)
    after = await footprint(house.hall)
    assert {name: after[name] for name in ("files", "core_stored_object", "hall_case_material")} == {
        name: empty[name] for name in ("files", "core_stored_object", "hall_case_material")
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_of_two_cases_is_kept_for_each(house: CaseWorld) -> None:
    """Deleting one's own copy never takes away somebody else's."""
    one, two = await house.started(), await house.started()
    mine, other = await house.upload(one, "M06", photo()), await house.upload(two, "M06", photo())
    await house.cases.drafts.remove_material(house.zhang, one.id, mine.id)
    assert (await house.cases.drafts.material_file(house.zhang, two.id, other.id))[0] == photo()


async def test_a_refused_file_leaves_no_row_and_no_object(house: CaseWorld) -> None:
    case = await house.started()
    before = await footprint(house.hall)
    add = house.cases.drafts.add_material
    refusals: list[tuple[type[DomainError], str, bytes, str]] = [
        (UnknownMaterial, "M99", photo(), "image/jpeg"),
        (UnknownMaterial, "M08", photo(), "image/jpeg"),  # only who owns the premises needs it
        (UnknownMaterial, "M01", photo(), "image/jpeg"),  # the system makes it
        (MaterialRejected, "M06", photo(), "application/pdf"),
        (MaterialRejected, "M06", b"", "image/jpeg"),
        (MaterialRejected, "M06", photo()[:-40], "image/jpeg"),
        (MaterialRejected, "M06", PDF_THAT_IS_NONE, "application/pdf"),
        (MaterialTooLarge, "M06", bytes(10 * 1024 * 1024 + 1), "image/jpeg"),
    ]
    for error, code, data, declared in refusals:
        with pytest.raises(error):
            await add(house.zhang, case.id, code, data, "店.jpg", declared)
    assert await footprint(house.hall) == before
    assert (await Case.get(id=case.id)).version == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_material_has_a_bounded_number_of_files(house: CaseWorld) -> None:
    case = await house.started()
    for number in range(MAX_FILES_PER_MATERIAL):
        await house.upload(case, "M06", photo((number * 12, 0, 0)))
    before = await footprint(house.hall)
    with pytest.raises(TooManyMaterials):
        await house.upload(case, "M06", photo((0, 200, 0)))
    await house.upload(case, "M06", photo((0, 0, 0)))  # one that is there already
    assert await footprint(house.hall) == before
    await house.upload(case, "M07", photo((0, 200, 0)))


async def test_files_sent_all_at_once(house: CaseWorld) -> None:
    """A phone sends its photos side by side: none is lost, the limit holds, and what came too late leaves no object."""
    case = await house.started()
    await asyncio.gather(*(house.upload(case, code, photo((number * 50, 9, 9))) for code in ("M06", "M07", "M09") for number in range(5)))
    assert await CaseMaterial.filter(case_id=case.id).count() == 15
    late = [house.upload(case, "M06", photo((9, 9, number * 10))) for number in range(20)]
    answers = await asyncio.gather(*late, return_exceptions=True)
    assert sum(isinstance(answer, TooManyMaterials) for answer in answers) == 5, answers
    assert await CaseMaterial.filter(case_id=case.id, code="M06").count() == MAX_FILES_PER_MATERIAL
    shared = {row.sha256 for row in await CaseMaterial.filter(case_id=case.id)}
    assert len(await house.hall.store.keys("objects")) == await StoredObject.all().count() == len(shared) + 1
    assert (await audit.verify(f"case:{case.id}")).is_intact


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_incomplete_application_names_every_gap_at_once(house: CaseWorld) -> None:
    """R24."""
    case = await house.started()
    await house.cases.drafts.save_form(house.zhang, case.id, {"seats": 9999, "uscc": "91510100MA6A2B3C40"}, None)
    await house.invited(case)
    with pytest.raises(Incomplete) as refused:
        await house.cases.signing.prepare(house.zhang, case.id)
    gaps = refused.value.fields
    assert {
        "form.seats",
        "form.uscc",
        "form.shop_name",
        "form.contact_phone",
        "materials.M06",
        "materials.M07",
        "parties",
        "delivery",
    } <= set(gaps)
    assert "materials.M08" not in gaps and "materials.M01" not in gaps and "parties.shareholder" not in gaps
    assert gaps == await house.cases.drafts.gaps(await Case.get(id=case.id))
    for gap in [gap for gap in gaps if gap.startswith("materials.")]:
        await house.upload(case, gap.removeprefix("materials."))
    assert set(await house.cases.drafts.save_form(house.zhang, case.id, catering_form(), DELIVERY)) == {"parties"}


async def test_an_invitation_is_for_one_person_once(house: CaseWorld) -> None:
    case, drafts = await house.started(), house.cases.drafts
    code = await house.invited(case)
    with pytest.raises(NotFound):
        await house.cases.register.of_citizen(house.li, case.id)
    for actor, given in ((house.wang, code), (house.zhang, code), (house.li, code + "x"), (house.li, "")):
        with pytest.raises(InvitationInvalid):
            await drafts.join(actor, given)
    assert (await drafts.join(house.li, code)).id == case.id
    assert (await drafts.join(house.li, code)).id == case.id
    assert await CaseParty.filter(case_id=case.id, account_id=house.li.id).count() == 1
    with pytest.raises(InvitationInvalid):
        await drafts.join(house.wang, code)
    assert [one.id for one in await house.cases.progress.mine(house.li)] == [case.id]
    with pytest.raises(NotFound):
        await drafts.save_form(house.li, case.id, {"seats": 1}, None)


async def test_a_lost_invitation_is_replaced_or_taken_back(house: CaseWorld) -> None:
    case, drafts = await house.started(), house.cases.drafts
    lost, second = await house.invited(case), await house.invited(case)
    with pytest.raises(InvitationInvalid):
        await drafts.join(house.li, lost)
    (waiting,) = await CaseParty.filter(case_id=case.id, account_id=None)
    for actor, party_id in ((house.li, waiting.id), (house.wang, waiting.id), (house.zhang, "party_unknown")):
        with pytest.raises(NotFound):
            await drafts.uninvite(actor, case.id, party_id)
    await drafts.uninvite(house.zhang, case.id, waiting.id)
    with pytest.raises(InvitationInvalid):
        await drafts.join(house.li, second)
    await drafts.join(house.li, await house.invited(case))
    for party in await CaseParty.filter(case_id=case.id):  # who has joined stays, the owner too
        with pytest.raises(NotFound):
            await drafts.uninvite(house.zhang, case.id, party.id)
    assert await CaseParty.filter(case_id=case.id).count() == 2
    assert (await audit.verify(f"case:{case.id}")).is_intact


async def test_who_cannot_be_invited(house: CaseWorld) -> None:
    case, drafts = await house.started(), house.cases.drafts
    await drafts.join(house.li, await house.invited(case))
    before = await footprint(house.hall)
    with pytest.raises(PartyExists):
        await house.invited(case)
    with pytest.raises(PartyExists):
        await house.invited(case, "zhang_wei")
    for role, number in (("shareholder", "500103199807220026"), ("legal_person", "510100195005180011"), ("boss", "510100195005180011")):
        with pytest.raises(DomainError) as refused:
            await drafts.invite(house.zhang, case.id, role, "王建国", number)
        assert refused.value.status == 422
    assert await footprint(house.hall) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_invitation_to_somebody_of_another_name_is_void(house: CaseWorld) -> None:
    case = await house.started()
    code = await house.cases.drafts.invite(house.zhang, case.id, "shareholder", "李四", "500103199807220025")
    with pytest.raises(InvitationInvalid):
        await house.cases.drafts.join(house.li, code)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_invitation_lapses_counted_from_the_day_it_was_made(house: CaseWorld) -> None:
    case, drafts = await house.started(), house.cases.drafts
    house.clock.advance(days=INVITATION_DAYS + 10)
    code = await house.invited(case)
    house.clock.advance(days=INVITATION_DAYS - 1)
    stale = await drafts.invite(house.zhang, case.id, "shareholder", "王建国", "510100195005180011")
    assert (await drafts.join(house.li, code)).id == case.id
    house.clock.advance(days=INVITATION_DAYS, seconds=1)
    with pytest.raises(InvitationInvalid):
        await drafts.join(house.wang, stale)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_joins_a_case_that_was_withdrawn(house: CaseWorld) -> None:
    case = await house.started()
    code = await house.invited(case)
    await house.cases.drafts.withdraw(house.zhang, case.id)
    with pytest.raises(InvitationInvalid):
        await house.cases.drafts.join(house.li, code)
    with pytest.raises(IllegalMove):
        await house.upload(case, "M06")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_number_of_another_role_opens_nothing(house: CaseWorld) -> None:
    """The id of the owner in another role's hands is nobody's key."""
    case = await house.started()
    for role in (Role.COURIER, Role.CLERK, Role.ADMIN, Role.SUPERVISOR, Role.SYSTEM, Role.ANONYMOUS):
        with pytest.raises(NotFound):
            await house.cases.register.of_citizen(Actor(role, house.zhang.id), case.id)


async def test_rows_and_objects_agree(house: CaseWorld) -> None:
    """Every stored file is referred to, and every reference has its file."""
    case = await house.filled()
    rows = {row.id for row in await StoredObject.all()}
    held = {f"{case.id}:{row.sha256}" for row in await CaseMaterial.filter(case_id=case.id)}
    assert rows == held | {f"documents:{case.notice_sha256}"}
    assert len(await house.hall.store.keys("objects")) == len(rows)


async def test_a_person_has_a_bounded_number_of_drafts(house: CaseWorld) -> None:
    """Also when they are started side by side; a refused one leaves no row and no file."""
    for _ in range(MAX_OPEN_DRAFTS - 2):
        last = await house.started()
    answers = await asyncio.gather(*(house.started() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, TooManyDrafts) for answer in answers) == 3, answers
    assert await Case.filter(owner_id=house.zhang.id).count() == MAX_OPEN_DRAFTS
    assert len(await house.hall.store.keys("objects")) == await StoredObject.all().count() == MAX_OPEN_DRAFTS
    before = await footprint(house.hall)
    with pytest.raises(TooManyDrafts):
        await house.started()
    assert await footprint(house.hall) == before
    await house.cases.drafts.withdraw(house.zhang, last.id)
    await house.started()


async def test_the_same_file_sent_ten_times_at_once_is_one(house: CaseWorld) -> None:
    case = await house.started()
    answers = await asyncio.gather(*(house.upload(case, "M06", photo()) for _ in range(10)))
    assert len({answer.id for answer in answers}) == 1 == await CaseMaterial.filter(case_id=case.id).count()
    assert await house.cases.drafts.material_file(house.zhang, case.id, answers[0].id) == (photo(), "image/jpeg")


async def test_nothing_is_added_once_the_commitment_is_frozen(house: CaseWorld) -> None:
    """A file on its way while the case goes from draft to signing is refused, and whoever freezes sees every file that got in."""
    case = await house.filled()
    gate = asyncio.Event()
    put = house.cases.drafts._vault.put

    async def slow_put(*arguments: Any, **named: Any) -> Any:
        stored = await put(*arguments, **named)
        await gate.wait()
        return stored

    house.cases.drafts._vault.put = slow_put  # type: ignore[method-assign]
    late = asyncio.create_task(house.upload(case, "M06", photo((1, 99, 1))))
    await asyncio.sleep(0.3)
    del house.cases.drafts._vault.put
    assert await Case.filter(id=case.id, state="draft").update(state="signing")
    before = await CaseMaterial.filter(case_id=case.id).count()
    gate.set()
    with pytest.raises(Conflict):
        await late
    assert await CaseMaterial.filter(case_id=case.id).count() == before
    assert not await StoredObject.filter(sha256=hashlib.sha256(photo((1, 99, 1))).hexdigest()).exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_name_shows_all_it_says(house: CaseWorld) -> None:
    case = await house.started()
    name = "店\u202egpj\u202c\u200b\ufeff\u2028\x00\ud800.pdf.jpg"
    added = await house.cases.drafts.add_material(house.zhang, case.id, "M06", photo(), name, "image/jpeg")
    assert house.cases.register.open(case.id, "file:M06", added.filename) == "店gpj.pdf.jpg"
