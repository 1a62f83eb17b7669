"""What the phone and the console lean on, over HTTP: a draft that answers itself, retried uploads, pages of documents, the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core import audit
from core.clock import ManualClock
from hall.cases.models import Case, CaseMaterial
from hall.licences.models import Licence
from tests.factories.cases import STROKES, photo
from tests.factories.catalog import CATERING_CODE, catering_answers, catering_form
from tests.factories.http_hall import HttpHall, open_hall

CASES = "/api/citizen/cases"


@pytest.fixture
async def hall(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[HttpHall]:
    async with open_hall(database_url, tmp_path / "data", clock, staff=("front", "back", "elsewhere", "trainee")) as opened:
        yield opened


async def started(hall: HttpHall) -> dict[str, Any]:
    case: dict[str, Any] = await hall.done("zhang", "POST", CASES, json={"item_code": CATERING_CODE, "answers": catering_answers()})
    return case


async def test_from_the_questions_to_a_draft_that_answers_itself(hall: HttpHall) -> None:
    """R24: no client evaluates a condition or names a gap."""
    path, full = f"/api/open/catalog/items/{CATERING_CODE}/scenario/next", catering_answers()
    answers: dict[str, Any] = {}
    while (step := await hall.done(None, "POST", path, json={"answers": answers}))["question"] is not None:
        answers[step["question"]["name"]] = full[step["question"]["name"]]
    assert answers == full and step["number"] == step["total"] == len(full)
    wrong = await hall.send(None, "POST", path, json={"answers": {"area_sqm": "很大"}})
    assert wrong.status_code == 422 and set(wrong.json()["error"]["fields"]) == {"answers.area_sqm"}
    assert (await hall.refused(None, "POST", path.replace(CATERING_CODE, "x" * 31), json={"answers": {}}))[0] == 403
    case = await started(hall)
    form = f"{CASES}/{case['id']}/form"
    first = await hall.done("zhang", "GET", form)
    assert first["needs_delivery"] and first["delivery"] is None
    assert "lease_until" in {field["name"] for field in first["fields"]}, "rented, as answered before (R30)"
    owned = await hall.done("zhang", "PUT", form, json={"values": {"premises": "own"}})
    assert "lease_until" not in {field["name"] for field in owned["fields"]}
    saved = await hall.done("zhang", "PUT", form, json={"values": catering_form()})
    assert saved["form"] == catering_form() and "lease_until" in {field["name"] for field in saved["fields"]}
    assert saved == await hall.done("zhang", "GET", form) == await hall.done("zhang", "PUT", form, json={"values": catering_form()})
    assert not any(gap.startswith("form.") for gap in saved["gaps"]) and "delivery" in saved["gaps"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_upload_retried_with_its_key_is_one_material(hall: HttpHall) -> None:
    """A lost answer: the phone sends again, in a new envelope and maybe a picture made anew."""
    case = await started(hall)
    path = f"{CASES}/{case['id']}/materials/M06"
    for number in range(3):
        view = await hall.done(
            "zhang", "POST", path, files={"file": (f"{number}.jpg", photo((number, 5, 5)), "image/jpeg")}, headers={"Idempotency-Key": "a1"}
        )
        assert len(view["materials"]) == 1 and view["materials"][0]["name"]
        assert [one["code"] for one in view["needed"] if one["is_provided"]] == ["M06"]
    for _ in range(2):
        view = await hall.done("zhang", "POST", path, files={"file": ("x.jpg", photo((9, 9, 9)), "image/jpeg")})
    assert len(view["materials"]) == 2 == await CaseMaterial.filter(case_id=case["id"]).count()
    for key in ("k" * 129, "a b"):
        headers = {"Idempotency-Key": key}
        answer = await hall.send("zhang", "POST", path, files={"file": ("y.jpg", photo((8, 8, 8)), "image/jpeg")}, headers=headers)
        assert answer.status_code == 422, key
    assert await CaseMaterial.filter(case_id=case["id"]).count() == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_answer_tells_the_time(hall: HttpHall) -> None:
    """A phone whose clock is wrong corrects its idea of now by the Date header."""
    for who, path in ((None, "/healthz"), ("zhang", CASES), (None, CASES), (None, "/nowhere"), ("zhang", f"{CASES}/case_nothing")):
        answer = await hall.send(who, "GET", path)
        assert parsedate_to_datetime(answer.headers["date"]) == hall.house.clock.now().replace(microsecond=0), path
    hall.house.clock.advance(hours=30)
    answer = await hall.send("zhang", "GET", CASES)
    assert parsedate_to_datetime(answer.headers["date"]) == hall.house.clock.now().replace(microsecond=0)
    assert len(answer.headers.get_list("date")) == 1


async def test_a_co_signer_sees_the_case_and_its_pages(hall: HttpHall) -> None:
    """R82: reading the exact document page by page; who is no party sees none."""
    case = await hall.house.prepared()
    (mine,) = await hall.done("li", "GET", CASES)
    assert (mine["id"], mine["is_owner"], mine["allowed_actions"], mine["next_step"]["action"]) == (case.id, False, ["sign"], "sign")
    assert await hall.done("wang", "GET", CASES) == []
    for what in ("commitment", "notice"):
        path = f"{CASES}/{case.id}/{what}/pages"
        for who in ("zhang", "li"):
            found = await hall.done(who, "GET", path)
            if what == "commitment":
                assert found["sha256"] == case.commitment_sha256 == (await hall.done(who, "GET", f"{CASES}/{case.id}"))["commitment_sha256"]
            for page in found["pages"]:
                picture = await hall.send(who, "GET", f"{path}/{page['number']}.png")
                assert picture.status_code == 200 and picture.headers["content-type"] == "image/png"
                assert picture.content.startswith(b"\x89PNG") and len(picture.content) < 150 * 1024 and page["text"]
            assert (await hall.refused(who, "GET", f"{path}/{len(found['pages']) + 1}.png"))[0] == 404
        for part in ("", "/1.png"):
            assert [(await hall.refused(who, "GET", path + part))[0] for who in ("wang", "front", None)] == [404, 403, 401]


async def test_a_reviewer_reads_the_signed_pages_and_signs_the_decision(hall: HttpHall) -> None:
    """R82, R38: the clerk sees the signed document; the approver's handwriting goes with the decision, once."""
    case = await hall.house.submitted()
    path = f"/api/clerk/cases/{case.id}"
    found = await hall.done("front", "GET", f"{path}/commitment/pages")
    assert found["sha256"] != case.commitment_sha256 and "张伟" in "".join(page["text"] for page in found["pages"])
    assert (await hall.done("front", "GET", f"{path}/commitment/pages/1.png")).startswith(b"\x89PNG")
    for who, status in (("elsewhere", 404), ("trainee", 403), ("zhang", 403)):
        assert (await hall.refused(who, "GET", f"{path}/commitment/pages/1.png"))[0] == status
    (row,) = await hall.done("front", "GET", "/api/clerk/cases", params={"q": (case.number or "")[-8:], "state": "prereview"})
    assert row["deadline"] == {"on": "2026-11-30", "working_days_left": 5, "tone": "calm", "label": "预审答复期限"}
    assert row["department"] == case.department
    await hall.done("front", "POST", f"{path}/prereview")
    view = await hall.done("front", "POST", f"{path}/accept")
    assert view["form_lines"] and view["subjects"] and view["timeline"][-1]["at"] is None
    body = {"is_granted": True, "reason": "符合备案条件", "signature": {"strokes": msgspec.to_builtins(STROKES)}}
    tap = {**body, "signature": {"strokes": [[[1, 1]]]}}
    assert await hall.refused("back", "POST", f"{path}/decision", json=tap) == (422, "esign.handwriting_unusable")
    assert await hall.refused("back", "POST", f"{path}/decision", json={**body, "signature": {"strokes": "x"}}) == (422, "request.invalid")
    answers = [await hall.done("back", "POST", f"{path}/decision", json=body, headers={"Idempotency-Key": "d1"}) for _ in range(2)]
    assert answers[0] == answers[1] and answers[0]["has_decision_signature"] and answers[0]["state"] == "granted"
    assert (await Case.get(id=case.id)).decision_signature_sha256


async def test_holder_and_clerk_look_at_the_licence(hall: HttpHall) -> None:
    """R55: the holder page by page; the clerk as a file, and every look is on record."""
    case = await hall.house.waved_through("granted")
    await hall.house.deliver_outbox()
    view = await hall.done("zhang", "GET", f"{CASES}/{case.id}")
    licence_id = view["licence_id"]
    assert licence_id == (await Licence.get(case_id=case.id)).id and view["parcel_id"]
    path = f"/api/citizen/licences/{licence_id}/licence/pages"
    assert len((await hall.done("zhang", "GET", path))["pages"]) == 1
    assert (await hall.done("zhang", "GET", f"{path}/1.png")).startswith(b"\x89PNG")
    assert (await hall.refused("li", "GET", f"{path}/1.png"))[0] == 404
    pdf = f"/api/clerk/licences/{licence_id}/licence.pdf"
    assert await hall.done("front", "GET", pdf) == await hall.done("zhang", "GET", f"/api/citizen/licences/{licence_id}/licence.pdf")
    assert [(await hall.refused(who, "GET", pdf))[0] for who in ("elsewhere", "trainee", "zhang")] == [404, 403, 403]
    lines = [line for line in await audit.links(f"licence:{licence_id}") if line.action == "licence.viewed"]
    assert [line.actor_id for line in lines] == [hall.actors["front"].id]
