"""Whose case is it: every route with an id, in the hands of a stranger, of another office and of a clerk with another task.

Walks the routes as they are declared, so that a new one is looked at without being listed here; one whose id or body this test does not
know fails it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.rooms import all_routes
from core.clock import ManualClock
from core.http.routes import Endpoint
from core.ids import new_id
from core.models import IdempotencyRecord
from express.models import CustodyEvent
from hall.appointments.service import Appointments
from hall.cases.models import CaseMaterial, CaseParty
from hall.feedback.models import RectificationTask
from hall.feedback.service import Feedback
from hall.licences.models import Licence
from hall.notices.models import Notice
from identity.audit_images.service import AuditImages
from identity.guardians.models import Guardianship
from identity.liveness.consent import VERSION
from identity.liveness.service import FaceConsents, Verifications
from identity.ukeys.models import UkeyChallenge
from identity.video_checks.service import VideoChecks
from tests.factories.cases import STROKES, footprint, photo
from tests.factories.enterprises import asked_by_an_enterprise
from tests.factories.hall import OFFICE
from tests.factories.http_hall import STAFF, HttpHall, open_hall

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BODIES: dict[str, Any] = {
    "save_form": {"values": {"seats": 1}},
    "invite": {"role": "shareholder", "name": "王建国", "id_number": "510100195005180011"},
    "sign": {
        "assertion": "a.b.c",
        "signature": {
            "strokes": msgspec.to_builtins(STROKES),
            "consent_version": "sign-2026-11",
            "dwell_seconds": 9,
            "is_scrolled_to_end": True,
        },
    },
    "consent_for_ward": {"version": "2026-11-1"},
    "prove_by_ukey": {"certificates": ["eA=="], "signature": "eA=="},
    "begin_provider_check": {"notice_version": "2026-11-1"},
    "consent_to_request": {"version": "2026-11-2"},
    "answer_video": {"round": 1, "sdp": "v=0\r\n"},
    "rate_case": {"level": 5},
    "send_back": {"gaps": {"form.seats": "餐位数不对"}},
    "decline": {"kind": "not_required", "reason": "无需办理"},
    "pause": {"reason": "survey"},
    "decide": {"is_granted": True, "reason": "符合条件"},
    "change_status": {"action": "revoke", "reason": "现场检查不符"},
    "record_call_back": {"was_reached": True, "note": "已联系"},
    "rectify_task": {"outcome": "已经整改完毕"},
}
UPLOADS = {
    "add_material": {"file": ("a.jpg", photo(), "image/jpeg")},
    "submit_clip": {"clip": ("a.mp4", b"x", "video/mp4")},
}
NOT_BOUND_TO_AN_OFFICE = {"show_holder"}
"""People are identified at any counter; each look is recorded in the person's own chain."""


@pytest.fixture
async def door(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HttpHall]:
    async with open_hall(database_url, tmp_path / "data", clock, staff=tuple(STAFF)) as opened:
        yield opened


async def real_ids(door: HttpHall) -> dict[str, str]:
    """One of everything, all of it of `zhang` and of the home office."""
    house = door.house
    refused = await house.waved_through("accepted")
    await house.cases.review.decide(house.back, refused.id, is_granted=False, reason="不符合")
    await house.hall.service(Feedback).rate(house.zhang, refused.id, 1, comment="不满意")
    case = await house.waved_through("granted")
    await house.deliver_outbox()
    appointments = house.hall.service(Appointments)
    slots = await appointments.offered(OFFICE, "identity_check", date(2026, 11, 24), date(2026, 11, 27))
    booked = await appointments.confirm(house.zhang, (await appointments.hold(house.zhang, slots[0].id)).id)
    await house.hall.service(FaceConsents).grant(house.zhang, VERSION)
    check = await house.hall.service(Verifications).create(
        house.zhang, purpose="sign", application_id=case.id, document_sha256=None, consent_version=VERSION
    )
    picture = await house.hall.service(AuditImages).keep(
        account_id=house.zhang.id, verification_id=check.id, consent_id="consent", picture=photo()
    )
    asked = await asked_by_an_enterprise(house.hall, "zhang_wei")
    guardianship = await Guardianship.create(
        id=new_id("guardianship"),
        guardian_id=house.zhang.id,
        ward_id=house.li.id,
        relation="parent",
        state="proven",
        ends_on=date(2030, 1, 1),
        declared_at=door.house.clock.now(),
    )
    challenge = await UkeyChallenge.create(
        id=new_id("ukey"),
        account_id=house.zhang.id,
        application_id=case.id,
        nonce="n",
        created_at=door.house.clock.now(),
        expires_at=door.house.clock.now(),
    )
    video = await house.hall.service(VideoChecks).join(house.zhang, application_id=case.id, document_sha256=None)
    (parcel,) = await house.parcels.of_case(case.id)
    return {
        "case_id": case.id,
        "code": "M06",
        "material_id": (await CaseMaterial.filter(case_id=case.id))[0].id,
        "party_id": (await CaseParty.filter(case_id=case.id))[0].id,
        "licence_id": (await Licence.get(case_id=case.id)).id,
        "notice_id": (await Notice.filter(account_id=house.zhang.id))[0].id,
        "parcel_id": parcel.id,
        "appointment_id": booked.id,
        "verification_id": check.id,
        "image_id": picture or "",
        "guardianship_id": guardianship.id,
        "challenge_id": challenge.id,
        "video_id": video.id,
        "task_id": (await RectificationTask.all())[0].id,
        "request_id": asked.request.id,
        "account_id": house.zhang.id,
        "page": "1.png",
    }


def with_ids(door: HttpHall, audience: str) -> list[Endpoint]:
    declared = [endpoint for routes in all_routes(door.house.hall.settings) for endpoint in routes.endpoints]
    return [endpoint for endpoint in declared if endpoint.audience == audience and "<" in endpoint.path]


async def ask(door: HttpHall, who: str, endpoint: Endpoint, ids: dict[str, str]) -> int:
    path = re.sub(r"<(\w+)(?::\w+)?>", lambda found: ids[found[1]], endpoint.path)
    content: dict[str, Any] = {}
    if endpoint.upload:
        content = {"files": UPLOADS[endpoint.name], "data": {"nonce": "x"}}
    elif endpoint.body is not None:
        content = {"json": BODIES[endpoint.name]}
    return (await door.send(who, endpoint.method, path, **content)).status_code


async def unchanged(door: HttpHall) -> dict[str, int]:
    found = await footprint(door.house.hall)
    return found | {"versions": sum([row.seq for row in await CustodyEvent.all()])}


async def test_a_citizen_s_things_are_nobody_else_s(door: HttpHall) -> None:
    """Foreign and unknown ids answer alike, on every citizen's route, and change nothing."""
    ids = await real_ids(door)
    unknown = {name: new_id(value.split("_")[0]) if "_" in value else "f" * 64 for name, value in ids.items()} | {"code": "M06"}
    endpoints = with_ids(door, "citizen")
    assert len(endpoints) >= 25
    before = await unchanged(door)
    for endpoint in endpoints:
        assert await ask(door, "wang", endpoint, ids) == 404, f"foreign: {endpoint.method} {endpoint.path}"
        assert await ask(door, "zhang", endpoint, unknown) == 404, f"unknown: {endpoint.method} {endpoint.path}"
        assert await ask(door, "front", endpoint, ids) == 403, f"clerk: {endpoint.method} {endpoint.path}"
    assert await unchanged(door) == before
    assert await IdempotencyRecord.all().count() == 0
    readable = {endpoint.name for endpoint in endpoints if endpoint.method == "GET" and await ask(door, "zhang", endpoint, ids) == 200}
    # Without the signing there is no commitment, before the courier no pick-up code, and only the other case was rated.
    assert {endpoint.name for endpoint in endpoints if endpoint.method == "GET"} - readable == {
        "show_commitment",
        "commitment_pages",
        "commitment_page",
        "show_pickup_code",
        "my_rating",
    }


async def test_a_clerk_sees_the_own_office_and_the_own_task(door: HttpHall) -> None:
    """R38: another office gets 404, a colleague without the permission 403; neither changes anything."""
    ids = await real_ids(door)
    endpoints = with_ids(door, "clerk")
    assert len(endpoints) >= 20
    before = await unchanged(door)
    for endpoint in endpoints:
        if endpoint.name not in NOT_BOUND_TO_AN_OFFICE:
            assert await ask(door, "elsewhere", endpoint, ids) == 404, f"other office: {endpoint.method} {endpoint.path}"
        assert await ask(door, "trainee", endpoint, ids) == 403, f"no permission: {endpoint.method} {endpoint.path}"
        assert await ask(door, "zhang", endpoint, ids) == 403, f"citizen: {endpoint.method} {endpoint.path}"
    assert await unchanged(door) == before
    assert (await door.refused("trainee", "GET", "/api/clerk/cases"))[0] == 403
    assert await door.done("elsewhere", "GET", "/api/clerk/cases") == []
    assert await door.done("elsewhere", "GET", "/api/clerk/licences") == []
    for endpoint in endpoints:
        if endpoint.method == "GET" and endpoint.name not in {"show_commitment", "commitment_pages", "commitment_page", "show_holder"}:
            who = "back" if endpoint.needs == "feedback.handle" else "front"
            assert await ask(door, who, endpoint, ids) == 200, endpoint.path
