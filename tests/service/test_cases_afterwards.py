"""From the decision to the doorstep, and what a stranger, a citizen and an auditor see of it."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from tortoise.expressions import F

from api.wiring import Hall
from core import audit
from core.actor import Actor, Role
from core.errors import NotFound
from core.flow import IllegalMove
from core.models import AuditEntry, AuditHead, OutboxDelivery, StoredObject
from esign.publication.models import StatusEntry
from esign.service import Esign
from esign.verification import verify
from express.models import Parcel
from hall.appointments.service import Appointments
from hall.cases.models import Case, CaseTrip
from hall.feedback.errors import AlreadyRated, NotFinished
from hall.feedback.service import Feedback
from hall.licences.models import Licence
from hall.licences.rules import is_identifier
from hall.notices.models import Notice
from hall.notices.service import Notices
from tests.factories.cases import CaseWorld, footprint
from tests.factories.hall import OFFICE
from tests.factories.sandbox import break_next, lever

COURIER = Actor(Role.COURIER, "courier_1")


async def delivered(house: CaseWorld, case: Case) -> Parcel:
    """The desk's screen, the courier's scan, the citizen's code at the door."""
    parcels = house.parcels
    (parcel,) = await parcels.of_case(case.id)
    offer = await parcels.handoff_code(house.front, parcel.id)
    parcel = await parcels.accept_handoff(COURIER, parcel.waybill_no or "", offer.payload)
    return await parcels.deliver(COURIER, parcel.id, await parcels.pickup_code_for(house.zhang, parcel.id))


async def lists(hall: Hall, licence: Licence) -> tuple[bytes, bytes]:
    esign, entry = hall.service(Esign), await StatusEntry.get(id=licence.id)
    return await esign.trust_list(), await esign.status_list(entry.list_id)


async def test_from_grant_to_the_door_each_thing_happens_once(house: CaseWorld) -> None:
    """R29, R55, R58, R60: one licence, one parcel, one message a transition, whatever is repeated; the case closes without a trip."""
    case = await house.waved_through("granted")
    await house.deliver_outbox()
    case = await Case.get(id=case.id)
    (licence,) = await Licence.filter(case_id=case.id)
    assert (case.state, licence.state, licence.holder_id) == ("delivering", "valid", house.zhang.id)
    assert licence.number == "锦餐备〔2026〕000001号" and is_identifier(licence.identifier)
    assert (licence.issued_on, licence.valid_until) == (date(2026, 11, 23), date(2029, 11, 22))
    (parcel,) = await house.parcels.of_case(case.id)
    assert parcel.licence_id == licence.id and parcel.waybill_no is not None
    before, waybills = await footprint(house.hall), set(house.sandbox.state.parcels)
    assert await house.repeat_every_reaction() >= 7
    assert await footprint(house.hall) == before and set(house.sandbox.state.parcels) == waybills
    with pytest.raises(NotFinished):
        await house.hall.service(Feedback).rate(house.zhang, case.id, 5)
    await delivered(house, case)
    await house.deliver_outbox()
    case = await Case.get(id=case.id)
    assert (case.state, case.trips, case.closed_at) == ("closed", 0, house.clock.now())
    before = await footprint(house.hall)
    await house.repeat_every_reaction()
    assert await footprint(house.hall) == before
    assert await OutboxDelivery.exclude(state="done").count() == 0
    kinds = [row.kind for row in await Notice.filter(account_id=house.zhang.id).order_by("created_at", "kind")]
    assert sorted(kinds) == ["case.accepted", "case.closed", "case.granted", "case.licensed", "case.submitted"]
    report = await audit.verify(f"case:{case.id}")
    assert report.is_intact and (await audit.verify(f"licence:{licence.id}")).is_intact
    assert (await house.parcels.verify_custody(parcel.id)).is_intact


async def test_a_case_is_rated_once_by_its_owner_after_the_end(house: CaseWorld) -> None:
    case = await house.waved_through("accepted")
    feedback = house.hall.service(Feedback)
    await house.cases.review.decide(house.back, case.id, is_granted=False, reason="不符合")
    for stranger in (house.li, house.wang):
        with pytest.raises(NotFound):
            await feedback.rate(stranger, case.id, 1)
    answers = await asyncio.gather(*(feedback.rate(house.zhang, case.id, level) for level in (5, 4, 5)), return_exceptions=True)
    assert sum(isinstance(answer, AlreadyRated) for answer in answers) == 2, answers
    with pytest.raises(AlreadyRated):
        await feedback.rate(house.zhang, case.id, 5)


async def test_a_crash_after_the_file_was_kept_makes_no_second_licence(house: CaseWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies between storing the sealed PDF and recording it: the next attempt ends with one licence."""
    case = await house.waved_through("granted")
    licences = house.licences
    vault = licences._vault

    async def kept_then_killed(*arguments: object, **named: object) -> None:
        await type(vault).put(vault, *arguments, **named)  # type: ignore[arg-type]
        raise ConnectionResetError

    with monkeypatch.context() as crash:
        crash.setattr(vault, "put", kept_then_killed)
        await house.relay.drain()
        licence = await Licence.get(case_id=case.id)
        assert (licence.state, licence.pdf_sha256, licence.credential) == ("drafted", None, None)
        with pytest.raises(NotFound):
            await licences.of_holder(house.zhang, licence.id)
    house.clock.advance(seconds=1)
    await house.deliver_outbox()
    again = await Licence.get(case_id=case.id)
    assert (again.id, again.state, again.number) == (licence.id, "valid", licence.number)
    assert (await licences.pdf(house.zhang, licence.id)).startswith(b"%PDF-")
    assert (await Case.get(id=case.id)).state == "delivering"
    assert await Parcel.filter(case_id=case.id).count() == 1


async def test_the_same_grant_worked_on_twice_at_once_is_one_licence(house: CaseWorld) -> None:
    case = await house.waved_through("granted")
    drafted = await asyncio.gather(*(house.licences.draft(case.id) for _ in range(4)))
    assert len({licence.id for licence in drafted}) == 1
    await asyncio.gather(*(house.licences.produce(drafted[0].id) for _ in range(3)), return_exceptions=True)
    await house.deliver_outbox()
    assert await Licence.all().count() == 1 and await Parcel.all().count() == 1
    licence = await Licence.get(case_id=case.id)
    assert licence.state == "valid"
    # Copies that came too late are not kept.
    kept = {row.sha256 for row in await StoredObject.filter(id__startswith="documents:")}
    assert kept == {case.notice_sha256, licence.pdf_sha256}
    with pytest.raises(NotFound):
        await house.licences.draft((await house.waved_through("accepted")).id)


async def test_a_revocation_shows_to_every_stranger(house: CaseWorld) -> None:
    """R54, R55: valid, suspended, valid, revoked; the list published before still says what it said."""
    case = await house.waved_through("granted")
    await house.deliver_outbox()
    licence = await Licence.get(case_id=case.id)
    pdf, picture = await house.licences.pdf(house.zhang, licence.id), await house.licences.qr_png(house.zhang, licence.id)
    trust, before = await lists(house.hall, licence)
    for data in (pdf, picture):
        report = verify(data, trust=trust, status=before, at=house.clock.now())
        assert (report.verdict, report.status) == ("TOTAL_PASSED", "valid"), report.reasons
        assert report.licence is not None and report.licence.holder_name == "锦川市临江区老巷面馆有限公司"
    asked = await house.hall.service(Esign).verify_for_stranger(pdf)
    assert (asked.verdict, asked.status) == ("TOTAL_PASSED", "valid"), asked.reasons
    for action, verdict, status in (
        ("suspend", "TOTAL_FAILED", "suspended"),
        ("restore", "TOTAL_PASSED", "valid"),
        ("revoke", "TOTAL_FAILED", "revoked"),
    ):
        await house.licences.change_status(house.back, licence.id, action, "现场检查不符")
        trust, now = await lists(house.hall, licence)
        for data in (pdf, picture):
            report = verify(data, trust=trust, status=now, at=house.clock.now())
            assert (report.verdict, report.status) == (verdict, status), report.reasons
    assert verify(pdf, trust=trust, status=before, at=house.clock.now()).status == "valid"
    before_refusal = await footprint(house.hall)
    with pytest.raises(IllegalMove):
        await house.licences.change_status(house.back, licence.id, "restore", "反悔")
    with pytest.raises(IllegalMove):
        await house.licences.change_status(house.front, licence.id, "revoke", "没有权限")
    with pytest.raises(NotFound):
        await house.licences.change_status(house.elsewhere, licence.id, "revoke", "别的大厅")
    assert await footprint(house.hall) == before_refusal
    await house.deliver_outbox()
    assert await Notice.filter(kind="licence.status_changed").count() == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_message_is_one_even_when_wechat_is_away(house: CaseWorld) -> None:
    """R60: recorded at once, sent when WeChat answers again, and only to who accepted messages."""
    template = house.hall.settings.wechat.progress_template
    await lever(house.sandbox, "wechat/accept", {"person": "张伟", "template_id": template, "times": 1})
    await break_next(house.sandbox, "/cgi-bin/message/subscribe/send", "502", times=2)
    case = await house.waved_through("prereview")
    await house.relay.drain()
    (notice,) = await house.hall.service(Notices).mine(house.zhang)
    assert (notice.kind, notice.case_id, notice.read_at) == ("case.submitted", case.id, None)
    assert house.sandbox.state.sent_messages == []
    await house.deliver_outbox(seconds=10)
    assert [sent["data"]["phrase2"] for sent in house.sandbox.state.sent_messages] == ["预审中"]
    await house.repeat_every_reaction()
    assert len(house.sandbox.state.sent_messages) == 1
    await house.cases.review.send_back(house.front, case.id, {"form.seats": "餐位数与平面图不符"})
    await house.deliver_outbox()
    states = {row.kind: row.wechat_state for row in await Notice.all()}
    assert states == {"case.submitted": "sent", "case.returned": "refused"}
    with pytest.raises(NotFound):
        await house.hall.service(Notices).mark_read(house.li, notice.id)
    await house.hall.service(Notices).mark_read(house.zhang, notice.id)
    assert await house.hall.service(Notices).mine(house.li) == []


async def test_a_visit_to_a_counter_is_in_the_trip_ledger(house: CaseWorld) -> None:
    """R29: each visit counts once, an appointment for nothing counts for nobody."""
    case = await house.waved_through("prereview")
    appointments = house.hall.service(Appointments)
    slots = await appointments.offered(OFFICE, "identity_check", date(2026, 11, 24), date(2026, 11, 27))
    held = await appointments.hold(house.zhang, slots[0].id, case.id)
    confirmed = await appointments.confirm(house.zhang, held.id)
    house.clock.advance(seconds=(slots[0].starts_at - house.clock.now()).total_seconds())
    await appointments.check_in(house.front, confirmed.code or "")
    assert (await Case.get(id=case.id)).trips == 0
    await appointments.complete(house.front, held.id)
    await house.deliver_outbox()
    await house.repeat_every_reaction()
    assert ((await Case.get(id=case.id)).trips, await CaseTrip.filter(case_id=case.id).count()) == (1, 1)
    with pytest.raises(NotFound):
        await appointments.hold(house.wang, slots[1].id, case.id)


@pytest.mark.parametrize(
    ("how", "reason"), [("altered", "altered"), ("rehashed", "does_not_follow"), ("deleted", "missing"), ("head", "truncated")]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_hole_in_the_log_is_seen_by_the_citizen(house: CaseWorld, how: str, reason: str) -> None:
    """R57: whoever edits the database is found out at the place of the edit."""
    case = await house.waved_through("prereview")
    chain = f"case:{case.id}"
    _, links, report = await house.cases.progress.timeline(house.zhang, case.id)
    assert report.is_intact and report.length == len(links) > 8
    entry = await AuditEntry.get(chain=chain, seq=4)
    if how == "altered":
        await AuditEntry.filter(id=entry.id).update(actor_id="staff_nobody")
        at = 4
    elif how == "rehashed":
        # A cleverer forger recomputes the hash of the entry; the next one no longer follows.
        digest = audit.chain.link_hash(chain, 4, entry.at, entry.actor_kind, "staff_nobody", entry.action, entry.data, entry.prev_hash)
        await AuditEntry.filter(id=entry.id).update(actor_id="staff_nobody", hash=digest)
        at = 5
    elif how == "deleted":
        await entry.delete()
        at = 4
    else:
        last = await AuditEntry.filter(chain=chain).order_by("-seq").first()
        assert last is not None
        await last.delete()
        at = report.length
    _, _, broken = await house.cases.progress.timeline(house.zhang, case.id)
    assert (broken.is_intact, broken.broken_at, broken.reason) == (False, at, reason)
    for stranger in (house.wang,):
        with pytest.raises(NotFound):
            await house.cases.progress.timeline(stranger, case.id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_cutting_the_head_too_is_not_hidden_from_who_kept_it(house: CaseWorld) -> None:
    """R57: a forger who shortens chain and head alike changes the head that the citizen's phone showed."""
    case = await house.waved_through("prereview")
    chain = f"case:{case.id}"
    shown = await audit.verify(chain)
    last = await AuditEntry.get(chain=chain, seq=shown.length)
    await last.delete()
    await AuditHead.filter(chain=chain).update(seq=F("seq") - 1, hash=last.prev_hash)
    now = await audit.verify(chain)
    assert now.is_intact and (now.head, now.length) != (shown.head, shown.length)
