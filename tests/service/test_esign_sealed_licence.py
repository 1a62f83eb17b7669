"""Sealed licences and signed commitments through the whole verifier: seal, credential and standing must agree (R53, R54)."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest

from core.clock import ManualClock
from esign.authority import Purpose, issue_for_authority, issue_for_citizen
from esign.credentials import cwt
from esign.credentials.status_list import Status
from esign.credentials.trust_list import entry_for
from esign.documents.render import COMMITMENT, LICENCE, render_document
from esign.pades import FieldPlan, prepare_fields, sign_pdf
from esign.signer import SigningIdentity
from esign.timestamps.client import LocalTimestamper
from esign.verification import Report, exit_code, summary_zh, verify
from tests.factories.credentials import CLAIMS, CODE, INDEX, NAME, NOW, World
from tests.factories.documents import commitment_data, licence_data
from tests.services.running import run

world = World()
STATUS = world.status()
TRUST = world.trust()
LATER = NOW + timedelta(minutes=20)


def _sign(pdf: bytes, signer: SigningIdentity, field: str, *, is_stamped: bool = True) -> bytes:
    stamper = LocalTimestamper(world.keys[Purpose.TIMESTAMP], ManualClock(NOW)) if is_stamped else None
    certifies = field == "seal"
    work = sign_pdf(
        pdf, signer=signer, field=field, appearance=None, reason="签发", location=NAME, timestamper=stamper, at=NOW, doc_mdp=certifies
    )
    return run(work)


def sealed(credential: bytes | None, signer: SigningIdentity, *, is_stamped: bool = True) -> bytes:
    files = None if credential is None else {"licence.cwt": (credential, "application/cwt")}
    return _sign(render_document(LICENCE, licence_data(), created_at=NOW, attachments=files).pdf, signer, "seal", is_stamped=is_stamped)


@cache
def licence() -> bytes:
    return sealed(world.credential(), world.keys[Purpose.SEAL])


@cache
def commitment() -> bytes:
    """Two citizens, each with a certificate of ten minutes."""
    document = render_document(COMMITMENT, commitment_data(), created_at=NOW)
    pdf = prepare_fields(
        document.pdf, [FieldPlan(name, 0, (50 + 200 * place, 50, 200 + 200 * place, 100)) for place, name in enumerate("ab")]
    )
    for name, field in (("陈吉祥", "a"), ("林喆", "b")):
        pdf = _sign(pdf, citizen(name), field)
    return pdf


def citizen(name: str) -> SigningIdentity:
    issuer = world.keys[Purpose.CITIZEN]
    return issue_for_citizen(issuer, name=name, masked_id="3301**********0017", evidence_sha256=bytes(32), now=NOW, minutes=10)


def check(pdf: bytes, *, trust: bytes = TRUST, status: bytes | None = STATUS) -> Report:
    return verify(pdf, trust=trust, status=status, at=LATER)


def _verdict(report: Report) -> tuple[str, str, str | None]:
    return report.verdict, report.status, report.subindication


def test_a_sealed_licence_passes() -> None:
    report = check(licence())
    assert _verdict(report) == ("TOTAL_PASSED", "valid", None), report.reasons
    assert report.kind == "pdf" and report.licence == CLAIMS and report.issuer is not None and report.issuer.code == CODE
    (seal,) = report.signatures
    assert (seal.role, seal.signer, seal.is_timestamped, seal.signed_at, seal.level) == ("seal", NAME, True, NOW, "B-T")


def test_the_standing_counts_for_the_pdf_too() -> None:
    revoked = check(licence(), status=world.status({INDEX: Status.INVALID}))
    assert _verdict(revoked) == ("TOTAL_FAILED", "revoked", "REVOKED") and exit_code(revoked) == 1
    assert _verdict(check(licence(), status=None)) == ("INDETERMINATE", "unknown", "STATUS_UNKNOWN")


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.8, 0.97])
def test_a_changed_byte_never_passes(share: float) -> None:
    changed = bytearray(licence())
    changed[int(len(changed) * share)] ^= 0x55
    report = check(bytes(changed))
    assert report.verdict != "TOTAL_PASSED" and report.licence is None and report.kind == "pdf"


@pytest.mark.parametrize("purpose", [Purpose.LICENCE, Purpose.STATUS, Purpose.TRUST, Purpose.PRESENTATION])
def test_another_key_of_the_authority_is_no_seal(purpose: Purpose) -> None:
    assert _verdict(check(sealed(world.credential(), world.keys[purpose])))[:2] == ("INDETERMINATE", "unknown")


def test_a_citizen_cannot_seal_a_copied_credential() -> None:
    """A genuine credential attached to a made-up PDF that somebody signed with their own good certificate."""
    assert _verdict(check(sealed(world.credential(), citizen("王秀英")))) == ("TOTAL_FAILED", "unknown", "ISSUER_MISMATCH")


def test_another_authoritys_seal_on_this_authoritys_credential() -> None:
    start, life = NOW - timedelta(days=9), timedelta(days=99)
    other = issue_for_authority(world.root, Purpose.SEAL, code="11440300MB2C12345X", name="另一机关", now=start, life=life)
    entry = entry_for(other.certificate, Purpose.SEAL, issuer_name="另一机关", issuer_code="11440300MB2C12345X")
    report = check(sealed(world.credential(), other), trust=world.trust([*world.entries(), entry]))
    assert _verdict(report) == ("TOTAL_FAILED", "unknown", "ISSUER_MISMATCH")
    assert check(sealed(world.credential(), other)).subindication == "NO_SIGNING_CERTIFICATE_FOUND"


def test_what_is_attached_must_be_a_good_credential() -> None:
    stranger = World().credential()
    assert check(sealed(stranger, world.keys[Purpose.SEAL])).subindication == "NO_SIGNING_CERTIFICATE_FOUND"
    assert check(sealed(b"\xd2garbage", world.keys[Purpose.SEAL])).subindication == "FORMAT_FAILURE"
    shown = cwt.present(CLAIMS, frozenset(), world.keys[Purpose.PRESENTATION], now=LATER, seconds=60)
    assert check(sealed(shown, world.keys[Purpose.SEAL])).subindication == "ISSUER_MISMATCH"


@pytest.mark.parametrize("purpose", ["seal", "licence"])
def test_a_compromised_key_needs_an_older_timestamp(purpose: str) -> None:
    """A timestamp from before the compromise keeps seal and credential alive; without one nothing proves they are older."""
    after = world.trust(world.entries(**{purpose: {"state": "compromised", "compromised_at": NOW + timedelta(seconds=1)}}))
    before = world.trust(world.entries(**{purpose: {"state": "compromised", "compromised_at": NOW}}))
    assert check(licence(), trust=after).verdict == "TOTAL_PASSED"
    assert _verdict(check(licence(), trust=before)) == ("INDETERMINATE", "unknown", "REVOKED_NO_POE")
    unstamped = sealed(world.credential(), world.keys[Purpose.SEAL], is_stamped=False)
    assert check(unstamped).verdict == "TOTAL_PASSED"
    assert check(unstamped, trust=after).subindication == "REVOKED_NO_POE"


def test_a_stolen_stamping_key_proves_nothing_any_more() -> None:
    """Without a younger timestamp by another key, even one that says an earlier time: whoever has the key writes any time."""
    stolen = {"state": "compromised", "compromised_at": NOW + timedelta(minutes=5)}
    assert _verdict(check(licence(), trust=world.trust(world.entries(timestamp=stolen)))) == ("INDETERMINATE", "unknown", "REVOKED_NO_POE")


def test_a_seal_key_that_had_retired_before() -> None:
    retired = world.trust(world.entries(seal={"state": "retired", "valid_until": NOW - timedelta(minutes=1)}))
    assert check(licence(), trust=retired).subindication == "OUT_OF_BOUNDS_NO_POE"


def test_a_commitment_signed_by_two_citizens_passes_after_their_certificates_ended() -> None:
    report = check(commitment(), status=None)
    assert _verdict(report) == ("TOTAL_PASSED", "not_applicable", None), report.reasons
    assert [(finding.role, finding.signer) for finding in report.signatures] == [("citizen", "陈吉祥"), ("citizen", "林喆")]
    assert report.licence is None and summary_zh(report) == "这份文件的2处签名都是真的，签名之后内容没有被改动。"


def test_a_citizen_of_another_authority_is_unknown() -> None:
    other = World()
    assert _verdict(verify(commitment(), trust=other.trust(), status=None, at=LATER))[:2] == ("INDETERMINATE", "unknown")


def test_pdfs_without_signature_or_without_sense() -> None:
    plain = render_document(LICENCE, licence_data(), created_at=NOW).pdf
    assert check(plain).verdict == "INDETERMINATE"
    for hostile in (b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(5_000), licence()[: len(licence()) // 2], b"\n" * 100 + licence()):
        report = check(hostile)
        assert report.verdict != "TOTAL_PASSED" and report.kind == "pdf" and report.reasons
