"""The proof of time of what was issued and signed is renewed before it ends (R53, R54): once, by whichever worker comes first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core import audit
from core.errors import UpstreamUnavailable
from esign.authority import Purpose
from esign.envelopes.models import Envelope
from esign.envelopes.service import Envelopes
from esign.pdf_verification import Verdict, verify_pdf
from esign.service import RENEWAL_MARGIN, Esign, KeyStore
from esign.timestamps.client import HttpTimestamper
from hall.licences.models import Licence
from hall.licences.service import chain
from tests.factories.cases import CaseWorld


async def _issued(house: CaseWorld) -> Licence:
    case = await house.waved_through("granted")
    await house.deliver_outbox()
    return await Licence.get(case_id=case.id)


async def _nearly_ended(house: CaseWorld) -> Licence:
    """A licence, half of the renewal's margin before its proof ends; the authority stamps with its next key."""
    licence = await _issued(house)
    assert licence.proof_ends_at is not None
    house.clock.advance(seconds=(licence.proof_ends_at - RENEWAL_MARGIN / 2 - house.clock.now()).total_seconds())
    await house.hall.service(KeyStore).rotate(Purpose.TIMESTAMP)
    house.clock.advance(days=8)  # longer than the overlap
    return licence


async def test_nothing_is_due_in_the_first_year(house: CaseWorld) -> None:
    licence = await _issued(house)
    assert licence.proof_ends_at is not None and licence.proof_ends_at > house.clock.now() + timedelta(days=365)
    assert await house.licences.renew_timestamps() == 0
    assert (await Licence.get(id=licence.id)).pdf_sha256 == licence.pdf_sha256


async def test_a_licence_is_renewed_once(house: CaseWorld) -> None:
    licence = await _nearly_ended(house)
    before = await house.licences.pdf(house.zhang, licence.id)
    assert sum(await asyncio.gather(*(house.licences.renew_timestamps() for _ in range(3)))) == 1
    assert await house.licences.renew_timestamps() == 0
    renewed, pdf = await Licence.get(id=licence.id), await house.licences.pdf(house.zhang, licence.id)
    assert pdf.startswith(before) and pdf != before
    assert licence.proof_ends_at and renewed.proof_ends_at and renewed.proof_ends_at > licence.proof_ends_at + timedelta(days=365)
    roots = await house.hall.service(KeyStore).roots()
    verdict = verify_pdf(pdf, anchors=roots, at=licence.proof_ends_at + timedelta(days=30))
    assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), "B-LTA")
    assert verify_pdf(before, anchors=roots, at=licence.proof_ends_at + timedelta(days=30)).verdict is Verdict.INDETERMINATE
    said = [link.action for link in await audit.links(chain(licence.id))]
    assert said.count("licence.timestamp_renewed") == 1


async def test_licences_from_before_the_date_was_written_down_get_it(house: CaseWorld) -> None:
    licence = await _issued(house)
    await Licence.filter(id=licence.id).update(proof_ends_at=None)
    assert await house.licences.renew_timestamps() == 0
    assert (await Licence.get(id=licence.id)).proof_ends_at == licence.proof_ends_at


@pytest.mark.parametrize("content", [b"%PDF-1.7 and no more", b""])
async def test_what_cannot_be_renewed_is_not_in_the_way_of_others(
    house: CaseWorld, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    licence = await _nearly_ended(house)
    vault = house.licences._vault

    async def spoilt(sha256: str) -> bytes:
        return content

    with monkeypatch.context() as patched:
        patched.setattr(vault, "get", spoilt)
        assert await house.licences.renew_timestamps() == 0
    assert (await Licence.get(id=licence.id)).proof_ends_at == house.clock.now()
    assert await house.licences.renew_timestamps() == 0


async def test_without_the_timestamp_authority_everything_stays(house: CaseWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    licence = await _nearly_ended(house)
    monkeypatch.setattr(house.hall.service(Esign), "_timestamper", HttpTimestamper("http://127.0.0.1:9/", timeout=1))
    with pytest.raises(UpstreamUnavailable):
        await house.licences.renew_timestamps()
    assert (await Licence.get(id=licence.id)).pdf_sha256 == licence.pdf_sha256


async def test_a_commitment_is_renewed_once_when_all_have_signed(house: CaseWorld) -> None:
    envelopes = house.hall.service(Envelopes)
    case = await house.signed()
    envelope = await Envelope.get(subject=case.id)
    assert envelope.proof_ends_at is not None and await envelopes.renew_timestamps() == 0
    await Envelope.filter(id=envelope.id).update(proof_ends_at=None)
    assert await envelopes.renew_timestamps() == 0
    assert (await Envelope.get(id=envelope.id)).proof_ends_at == envelope.proof_ends_at
    house.clock.advance(seconds=(envelope.proof_ends_at - RENEWAL_MARGIN / 2 - house.clock.now()).total_seconds())
    await house.hall.service(KeyStore).rotate(Purpose.TIMESTAMP)
    house.clock.advance(days=8)
    assert sum(await asyncio.gather(*(envelopes.renew_timestamps() for _ in range(3)))) == 1
    assert await envelopes.renew_timestamps() == 0
    verdict = verify_pdf(
        await envelopes.current_pdf(envelope.id),
        anchors=await house.hall.service(KeyStore).roots(),
        at=envelope.proof_ends_at + timedelta(days=30),
    )
    assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), "B-LTA")


async def test_an_open_envelope_waits_for_its_signers(house: CaseWorld) -> None:
    case = await house.prepared()
    envelope = await Envelope.get(subject=case.id)
    assert (envelope.state, envelope.proof_ends_at) == ("open", None)
    assert await house.hall.service(Envelopes).renew_timestamps() == 0
    assert (await Envelope.get(id=envelope.id)).current_sha256 == envelope.current_sha256
