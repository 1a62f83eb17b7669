"""What a stranger brings is judged by the lists of this moment: codes here and at once, files in a process that may be killed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.db import transaction
from core.isolation import IsolationFailed
from esign.credentials import packing
from esign.errors import VerifierBusy
from esign.service import Esign, Status
from hall.licences.models import Licence
from tests.factories.cases import CaseWorld

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def issued(house: CaseWorld) -> tuple[Licence, str, bytes]:
    """A licence, the text of its code, and its bare credential."""
    case = await house.waved_through("granted")
    await house.deliver_outbox()
    licence = await Licence.get(case_id=case.id)
    credential = house.licences._cipher.open(bytes(licence.credential or b""), context=f"licence:{licence.id}:credential")
    return licence, packing.address(credential, "hall.example"), credential


def esign(house: CaseWorld) -> Any:
    return house.hall.service(Esign)


async def test_codes_are_judged_here_and_files_elsewhere(house: CaseWorld) -> None:
    licence, code, credential = await issued(house)
    for brought in (code, credential):
        report = await esign(house).verify_for_stranger(brought)
        assert (report.verdict, report.status, report.licence.licence_id) == ("TOTAL_PASSED", "valid", licence.number)
    for junk in ("", "1", "https://hall.example/v#9999", "x" * 8_000, "9" * 4_000, b"\xd2", b"\xd2" + bytes(8_000), "\ud800"):
        assert (await esign(house).verify_for_stranger(junk)).verdict in {"INDETERMINATE", "TOTAL_FAILED"}
    assert esign(house)._verifier._child is None
    assert (await esign(house).verify_for_stranger(b"\xd2" + bytes(9_000))).verdict != "TOTAL_PASSED"
    pdf = await house.licences.pdf(house.zhang, licence.id)
    assert (await esign(house).verify_for_stranger(pdf)).verdict == "TOTAL_PASSED"
    assert esign(house)._verifier._child is not None


async def test_a_revocation_is_seen_by_the_next_who_asks(house: CaseWorld) -> None:
    licence, code, _ = await issued(house)
    assert (await esign(house).verify_for_stranger(code)).status == "valid"
    for action, status in (("suspend", "suspended"), ("restore", "valid"), ("revoke", "revoked")):
        await house.licences.change_status(house.back, licence.id, action, "核查")
        assert (await esign(house).verify_for_stranger(code)).status == status


@on_sqlite
async def test_a_change_made_by_another_process_is_seen_within_a_second(house: CaseWorld) -> None:
    licence, code, _ = await issued(house)
    assert (await esign(house).verify_for_stranger(code)).status == "valid"
    async with transaction():
        await esign(house)._publication.set_status(licence.id, Status.INVALID)
    house.clock.advance(seconds=1)
    assert (await esign(house).verify_for_stranger(code)).status == "revoked"


@on_sqlite
async def test_a_list_read_while_it_changed_is_not_kept(house: CaseWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    licence, code, _ = await issued(house)
    publication, reading = esign(house)._publication, asyncio.Event()
    real, go_on = publication.status_list, asyncio.Event()

    async def slow(list_id: str) -> bytes:
        content: bytes = await real(list_id)
        reading.set()
        await go_on.wait()
        return content

    esign(house).lists_changed()
    with monkeypatch.context() as patched:
        patched.setattr(publication, "status_list", slow)
        early = asyncio.create_task(esign(house).verify_for_stranger(code))
        await reading.wait()
        await house.licences.change_status(house.back, licence.id, "revoke", "核查")
        go_on.set()
        assert (await early).status == "valid"
    assert (await esign(house).verify_for_stranger(code)).status == "revoked"


@on_sqlite
async def test_many_who_ask_at_once_read_the_lists_once(house: CaseWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    _, code, _ = await issued(house)
    publication, reads = esign(house)._publication, []
    real = publication.trust_list

    async def counted() -> bytes:
        reads.append(1)
        await asyncio.sleep(0.01)
        content: bytes = await real()
        return content

    esign(house).lists_changed()
    monkeypatch.setattr(publication, "trust_list", counted)
    reports = await asyncio.gather(*(esign(house).verify_for_stranger(code) for _ in range(50)))
    assert {report.status for report in reports} == {"valid"} and len(reads) == 1


@on_sqlite
async def test_a_full_waiting_line_is_said_and_never_taken_for_a_bad_file(house: CaseWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(_: bytes) -> bytes:
        raise IsolationFailed("busy")

    monkeypatch.setattr(esign(house)._verifier, "call", busy)
    monkeypatch.setattr(esign(house)._inspector, "call", busy)
    case = await house.started()
    pdf = await house.cases.drafts.notice(house.zhang, case.id)
    for asked in (
        esign(house).verify_for_stranger(pdf),
        esign(house).pdf_pages(pdf),
        house.cases.drafts.add_material(house.zhang, case.id, "M06", pdf, "店.pdf", "application/pdf"),
    ):
        with pytest.raises(VerifierBusy) as refused:
            await asked
        assert (refused.value.code, refused.value.status) == ("esign.verifier_busy", 503)
        assert int(refused.value.headers()["Retry-After"]) > 0


async def test_an_issued_licence_is_at_b_lt_and_is_renewed_once(house: CaseWorld) -> None:
    """Everything is under the seal: no update follows it until its timestamp nears its end (R54)."""
    licence, _, _ = await issued(house)
    pdf = await house.licences.pdf(house.zhang, licence.id)
    report = await esign(house).verify_for_stranger(pdf)
    assert [(seal.role, seal.level) for seal in report.signatures] == [("seal", "B-LT")]
    assert await esign(house).renewed(pdf) is None  # nothing is due yet


async def test_a_signed_commitment_is_at_b_lt(house: CaseWorld) -> None:
    case = await house.signed()
    report = await esign(house).verify_for_stranger(await house.cases.signing.document(house.zhang, case.id))
    assert (report.verdict, [one.level for one in report.signatures]) == ("TOTAL_PASSED", ["B-LT", "B-LT"])
