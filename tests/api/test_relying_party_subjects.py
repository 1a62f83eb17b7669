"""R51, R52: whoever is asked by an enterprise sees who asks and why, says yes or no, and is known to it by a verdict only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.adapters import CaseFacts, CounterBusiness
from core import audit
from core.actor import Role
from core.clock import ManualClock
from core.db import transaction
from core.models import AuditEntry
from identity.accounts.service import Accounts
from identity.config import IdentityConfig
from identity.liveness.models import UsedAssertion, Verification
from identity.liveness.service import Identifications
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.models import ShareholderBatch, UsageMonth, VerificationRequest
from identity.relying_parties.service import Requests, Subjects
from identity.sessions.service import Sessions
from tests.factories.enterprises import API, CONSOLE, Enterprises, question, subject
from tests.factories.http_hall import open_hall
from tests.factories.sandbox import lever

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
MINE = "/api/citizen/verification-requests"
OPEN = "/api/citizen/verification-invitations"
INVALID = (404, "relying_party.invitation_invalid")


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Enterprises]:
    async with open_hall(database_url, tmp_path / "data", clock, staff=("front",)) as hall:
        enterprises = Enterprises(hall)
        await enterprises.with_key()
        yield enterprises


def token_of(made: dict[str, Any]) -> str:
    return str(made["invitation_url"]).split("token=")[1]


@on_sqlite
async def test_a_link_serves_whom_it_names_once(bank: Enterprises) -> None:
    hall = bank.hall
    made = await bank.asked("li_na")
    token = token_of(made)
    assert len(token) >= 43 and "#" in made["invitation_url"].split("token=")[0], "servers on the way never see the token"
    assert token not in str(vars(await VerificationRequest.get()))
    for who, wrong in (("zhang", token), ("wang", token), ("li", token[:-1]), ("li", "x")):
        assert await hall.refused(who, "POST", OPEN, json={"token": wrong}) == INVALID
    assert await hall.refused(None, "POST", OPEN, json={"token": token}) == (401, "auth.required")
    seen = await bank.opened("li", made["invitation_url"])
    assert (seen["state"], seen["allowed_actions"], seen["role"]) == ("invited", ["consent", "decline"], "shareholder")
    assert "锦川银行" in seen["organisation"] and seen["purpose"] and "不同意" in seen["consent_text"]
    assert (await VerificationRequest.get()).invitation_used_by == hall.actors["li"].id
    await VerificationRequest.all().update(invitation_used_by="account_of_somebody_else")
    assert await hall.refused("li", "POST", OPEN, json={"token": token}) == INVALID


@on_sqlite
async def test_a_new_link_ends_the_old_one_and_time_ends_both(bank: Enterprises, clock: ManualClock) -> None:
    hall = bank.hall
    made = await bank.asked("li_na")
    path = f"{API}/verifications/{made['request']['id']}"
    again = await hall.done("bank-key", "POST", f"{path}/invite-again")
    assert await hall.refused("li", "POST", OPEN, json={"token": token_of(made)}) == INVALID
    await bank.opened("li", again["invitation_url"])
    clock.advance(days=RelyingPartyConfig().request_days)
    hall.tokens["li"] = await hall.house.hall.service(Sessions).open(Role.CITIZEN, hall.actors["li"].id)
    assert await hall.refused("li", "POST", OPEN, json={"token": token_of(again)}) == INVALID
    assert await bank.state_of(made["request"]["id"]) == "expired"
    assert await hall.refused("bank-key", "POST", f"{path}/invite-again") == (409, "flow.illegal_move")
    assert await hall.refused("bank-key", "POST", f"{path}/cancel") == (409, "flow.illegal_move")


@on_sqlite
async def test_consent_is_to_the_text_that_was_shown(bank: Enterprises) -> None:
    hall = bank.hall
    request_id = (await bank.asked("li_na"))["request"]["id"]
    wrong = await hall.refused("li", "POST", f"{MINE}/{request_id}/consent", json={"version": "2020-01-1"})
    assert wrong == (409, "relying_party.consent_text_changed")
    for _ in range(2):
        assert (await bank.agreed("li", request_id))["state"] == "consented"
    row = await VerificationRequest.get()
    assert row.account_id == hall.actors["li"].id and row.consent_version and row.consent_sha256 and row.consented_at
    chain = f"account:{hall.actors['li'].id}"
    assert await AuditEntry.filter(chain=chain, action="verification_request.consented").count() == 1
    assert (await audit.verify(chain)).is_intact
    assert (await hall.done("li", "POST", f"{MINE}/{request_id}/decline"))["state"] == "declined", "also after a yes"
    assert await hall.refused("li", "POST", f"{MINE}/{request_id}/consent", json={"version": row.consent_version}) == (
        409,
        "flow.illegal_move",
    )
    assert await bank.state_of(request_id) == "declined"


@on_sqlite
async def test_without_consent_no_check_counts(bank: Enterprises) -> None:
    """R51: a passed face check for a request nobody agreed to tells the enterprise nothing."""
    request_id = (await bank.asked("li_na"))["request"]["id"]
    assert (await bank.face_check("li", request_id))["outcome"] == "accept"
    await bank.worker()
    assert await bank.state_of(request_id) == "invited"
    await bank.agreed("li", request_id)
    assert (await bank.face_check("zhang", request_id))["outcome"] == "accept", "of somebody else"
    await bank.worker()
    assert await bank.state_of(request_id) == "consented"


@on_sqlite
async def test_one_check_serves_once_and_both_routes_read_the_same(bank: Enterprises) -> None:
    hall = bank.hall
    ids = {who: (await bank.asked(person, f"r-{who}"))["request"]["id"] for who, person in (("li", "li_na"), ("zhang", "zhang_wei"))}
    for who, request_id in ids.items():
        await bank.agreed(who, request_id)
    check = await bank.face_check("li", ids["li"])
    await bank.at_the_counter("zhang", ids["zhang"])
    await bank.worker()
    assert [await bank.state_of(one) for one in ids.values()] == ["verified", "verified"]
    assert await UsedAssertion.all().count() == 2
    assert await hall.refused("li", "POST", f"/api/citizen/verifications/{check['id']}/assertion") == (409, "identity.not_accepted")
    await hall.house.repeat_every_reaction()
    assert (await UsageMonth.get()).verified == 2
    shown = [await hall.done("bank-key", "GET", f"{API}/verifications/{one}/result") for one in ids.values()]
    assert [(one["verdict"], one["assurance"]) for one in shown] == [("verified", "L3")] * 2
    console = await hall.done("bank", "GET", f"{CONSOLE}/verifications/{ids['li']}")
    assert console["name"] == "李*" and "0025" in console["document_number"] and "500103" not in console["document_number"]


@on_sqlite
async def test_the_counter_may_be_booked_for_it(bank: Enterprises) -> None:
    """By whoever has agreed, and by nobody else; the clerk reads what it is about, and nothing is signed with it."""
    services = bank.hall.house.hall
    subjects, business = services.service(Subjects), CounterBusiness(CaseFacts(services.clock), services.service(Subjects))
    request_id = (await bank.asked("li_na"))["request"]["id"]
    li, zhang = bank.hall.actors["li"], bank.hall.actors["zhang"]
    seen = await bank.hall.done("li", "GET", f"{MINE}/{request_id}")
    assert (seen["ways"], await subjects.may_come(li, request_id)) == ([], False)
    assert (await bank.agreed("li", request_id))["ways"] == ["face", "without_face"]
    assert await business.may_book(li, request_id, "identity_check")
    assert not await subjects.may_come(zhang, request_id) and not await subjects.may_come(li, "vreq_unknown")
    assert await subjects.titles([request_id, "vreq_unknown"]) == {request_id: "bank 锦川银行请求的身份核验"}
    await bank.at_the_counter("li", request_id)
    await bank.worker()
    assert await bank.state_of(request_id) == "verified" and not await subjects.may_come(li, request_id)


@on_sqlite
async def test_after_three_refusals_the_counter_is_still_open(bank: Enterprises) -> None:
    """R52: the face is never the only way."""
    request_id = (await bank.asked("li_na"))["request"]["id"]
    await bank.agreed("li", request_id)
    bank.hall.house.vision.script = "other"
    for expected in ("consented", "consented", "failed"):
        assert (await bank.face_check("li", request_id))["outcome"] == "reject"
        await bank.worker()
        await bank.hall.house.repeat_every_reaction()
        assert await bank.state_of(request_id) == expected
    bank.hall.house.vision.script = "match"
    assert (await bank.face_check("li", request_id))["outcome"] == "accept"
    await bank.worker()
    assert await bank.state_of(request_id) == "failed", "a fourth face does not undo it"
    assert (await bank.hall.done("li", "GET", f"{MINE}/{request_id}"))["ways"] == ["without_face"]
    await bank.at_the_counter("li", request_id)
    await bank.worker()
    assert await bank.state_of(request_id) == "verified"


@on_sqlite
async def test_refusals_over_video_are_no_failed_faces(bank: Enterprises) -> None:
    request_id = (await bank.asked("li_na"))["request"]["id"]
    await bank.agreed("li", request_id)
    hall = bank.hall.house.hall
    identifications = Identifications(clock=hall.clock, accounts=hall.service(Accounts), config=IdentityConfig())
    for _ in range(3):
        async with transaction():
            await identifications.record(
                bank.hall.actors["front"],
                method="video",
                account_id=bank.hall.actors["li"].id,
                application_id=request_id,
                document_sha256=None,
                outcome="reject",
                evidence={"reason": "picture_too_bad"},
            )
        await bank.worker()
    assert await bank.state_of(request_id) == "consented"


@on_sqlite
async def test_who_is_known_is_told_by_wechat_and_the_enterprise_sees_no_difference(bank: Enterprises) -> None:
    hall = bank.hall
    await lever(
        hall.house.sandbox,
        "wechat/accept",
        {"person": "li_na", "template_id": hall.house.hall.settings.wechat.progress_template, "times": 5},
    )
    known, unknown = await bank.asked("li_na", "known"), await bank.asked("zhao_shifu", "unknown")
    wrong = await hall.done("bank-key", "POST", f"{API}/verifications", json=question("li_na", "wrong", name="李四"))
    await bank.worker()
    told = {row.reference: row.notified_at is not None for row in await VerificationRequest.all()}
    assert told == {"known": True, "unknown": False, "wrong": False}
    shown = {one["reference"]: one for one in (await hall.done("bank-key", "GET", f"{API}/verifications"))["items"]}
    assert set(shown["known"]) == set(shown["unknown"]) and {shown[name]["state"] for name in shown} == {"invited"}
    assert [one["id"] for one in await hall.done("li", "GET", MINE)] == [known["request"]["id"]]
    assert await hall.refused("li", "GET", f"{MINE}/{wrong['request']['id']}") == (404, "request.not_found"), "another name, another person"
    assert unknown["request"]["id"] not in str(await hall.done("wang", "GET", MINE))


@on_sqlite
async def test_pages_follow_one_another(bank: Enterprises, clock: ManualClock) -> None:
    hall = bank.hall
    for number in range(5):
        await bank.asked("li_na", f"r-{number}")
    found: list[str] = []
    cursor = ""
    while True:
        page = await hall.done("bank-key", "GET", f"{API}/verifications?limit=2{cursor}")
        found += [one["reference"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(found) == [f"r-{number}" for number in range(5)] and len(found) == 5
    await hall.done("bank-key", "POST", f"{API}/verifications/{(await VerificationRequest.first()).id}/cancel")  # type: ignore[union-attr]
    assert len((await hall.done("bank-key", "GET", f"{API}/verifications?state=cancelled"))["items"]) == 1
    for wrong in ("limit=0", "limit=101", "limit=x", "state=nonsense"):
        assert (await hall.refused("bank-key", "GET", f"{API}/verifications?{wrong}"))[0] == 422


@on_sqlite
async def test_names_are_sealed_and_forgotten(bank: Enterprises, clock: ManualClock) -> None:
    request_id = (await bank.asked("li_na"))["request"]["id"]
    row = await VerificationRequest.get()
    assert "李娜".encode() not in bytes(row.name_sealed or b"") and b"500103" not in bytes(row.number_sealed or b"")
    await bank.hall.done("bank-key", "POST", f"{API}/verifications/{request_id}/cancel")
    requests = bank.hall.house.hall.service(Requests)
    clock.advance(days=RelyingPartyConfig().keep_days)
    assert await requests.forget_old() == 0
    clock.advance(seconds=1)
    assert await requests.forget_old() == 1
    row = await VerificationRequest.get()
    assert (row.name_sealed, row.number_sealed, row.subject_index) == (None, None, None)
    shown = await bank.hall.done("bank-key", "GET", f"{API}/verifications/{request_id}")
    assert (shown["state"], shown["name"], shown["document_number"]) == ("cancelled", None, None)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "1"}, "name"),
        ({"document_number": "510104199203150010"}, "document_number"),
        ({"role": "friend"}, "role"),
        ({"reference": "a b"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"purpose": "x"}, "purpose"),
        ({"purpose": "开户\u202e"}, "purpose"),
        ({"name": None}, "name"),
    ],
)
async def test_what_is_wrong_is_named_and_not_repeated(bank: Enterprises, change: dict[str, Any], field: str) -> None:
    answer = await bank.hall.send("bank-key", "POST", f"{API}/verifications", json=question() | change)
    error = answer.json()["error"]
    assert answer.status_code == 422 and list(error["fields"]) == [field] and "510104" not in answer.text
    assert not await VerificationRequest.exists() and not await UsageMonth.filter(created__gt=0).exists()


def batch(*people: str, reference: str = "b-1", **other: Any) -> dict[str, Any]:
    subjects = [subject(person, f"{reference}-{number}") for number, person in enumerate(people)]
    return {"reference": reference, "company_name": "老巷餐饮有限公司", "purpose": "开户核实", "subjects": subjects, **other}


@on_sqlite
async def test_a_batch_is_all_or_nothing(bank: Enterprises) -> None:
    hall = bank.hall
    await hall.done("admin", "PUT", f"/api/admin/relying-parties/{bank.parties['bank']}/quota", json={"monthly_quota": 2})
    over = batch("li_na", "zhang_wei", "wang_jianguo")
    assert await hall.refused("bank-key", "POST", f"{API}/batches", json=over) == (429, "relying_party.quota_exceeded")
    wrong = batch("li_na", "zhang_wei")
    wrong["subjects"][1]["document_number"] = "510104199203150010"
    answer = await hall.send("bank-key", "POST", f"{API}/batches", json=wrong)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["subjects[1].document_number"])
    twice = await hall.send("bank-key", "POST", f"{API}/batches", json=batch("li_na", "li_na"))
    assert (twice.status_code, list(twice.json()["error"]["fields"])) == (422, ["subjects[1].document_number"])
    for number in (0, 101):
        body = batch("li_na") | {"subjects": [subject("li_na", f"s-{place}") for place in range(number)]}
        assert (await hall.refused("bank-key", "POST", f"{API}/batches", json=body))[0] == 422
    assert await VerificationRequest.all().count() == await ShareholderBatch.all().count() == 0
    await bank.asked("wang_jianguo", "b-1-0")
    assert await hall.refused("bank-key", "POST", f"{API}/batches", json=batch("li_na")) == (409, "relying_party.reference_reused")
    await hall.done("bank-key", "POST", f"{API}/batches", json=batch("li_na", reference="b-2"))
    changed = batch("li_na", reference="b-2", company_name="另一家公司")
    assert await hall.refused("bank-key", "POST", f"{API}/batches", json=changed) == (409, "relying_party.reference_reused")
    assert await VerificationRequest.all().count() == 2


@on_postgres
async def test_the_last_two_of_a_batch_end_at_once(bank: Enterprises, clock: ManualClock) -> None:
    """Whoever comes second completes the batch: once, and not never."""
    hall = bank.hall
    made = await hall.done("bank-key", "POST", f"{API}/batches", json=batch("li_na", "zhang_wei", "wang_jianguo"))
    ids = [one["request"]["id"] for one in made["requests"]]
    paths = [
        ("li", f"{MINE}/{ids[0]}/decline"),
        ("zhang", f"{MINE}/{ids[1]}/decline"),
        ("bank-key", f"{API}/verifications/{ids[2]}/cancel"),
    ]
    answers = await asyncio.gather(*(hall.send(who, "POST", path) for who, path in paths))
    assert [answer.status_code for answer in answers] == [200] * 3
    shown = await hall.done("bank-key", "GET", f"{API}/batches/{made['batch']['id']}")
    assert shown["is_done"] and shown["counts"] == {"declined": 2, "cancelled": 1}
    assert (await ShareholderBatch.get()).unsettled == 0


@on_postgres
async def test_one_batch_sent_at_once_is_one_batch(bank: Enterprises) -> None:
    body = batch("li_na", "zhang_wei")
    answers = await asyncio.gather(*(bank.hall.send("bank-key", "POST", f"{API}/batches", json=body) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["data"]["batch"]["id"] for answer in answers}) == await ShareholderBatch.all().count() == 1
    assert (await UsageMonth.get()).created == await VerificationRequest.all().count() == 2


@on_postgres
async def test_a_no_and_a_cancellation_at_once_are_one_end(bank: Enterprises, clock: ManualClock) -> None:
    request_id = (await bank.asked("li_na"))["request"]["id"]
    calls = [("li", f"{MINE}/{request_id}/decline"), ("bank-key", f"{API}/verifications/{request_id}/cancel")]
    answers = await asyncio.gather(*(bank.hall.send(who, "POST", path) for who, path in calls))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    row = await VerificationRequest.get()
    assert row.version == 1 and row.state in {"declined", "cancelled"}
    assert row.ended_at == clock.now() and row.expires_at - row.created_at == timedelta(days=7)
    assert await Verification.all().count() == 0


@on_sqlite
async def test_a_misspelt_filter_or_cursor_lists_nothing(bank: Enterprises) -> None:
    for query in ("stat=verified", "cursor=xx", "cursor=%27%20or%201=1--", "limit=0", "state=all"):
        assert (await bank.hall.refused("bank-key", "GET", f"{API}/verifications?{query}"))[0] == 422, query
    wrong = {"reference": "r\n", "name": "李娜", "document_number": "500103199807220025", "role": "shareholder", "purpose": "开户"}
    assert (await bank.hall.refused("bank-key", "POST", f"{API}/verifications", json=wrong))[0] == 422
    assert (await bank.hall.refused("bank-key", "POST", f"{API}/verifications", json=wrong | {"reference": "r", "nam": ""}))[0] == 422
