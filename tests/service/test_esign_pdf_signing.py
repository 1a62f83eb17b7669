"""Sealing a licence and signing a commitment, judged by our verifier, by pyHanko and by poppler's pdfsig."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from core.errors import UpstreamUnavailable
from esign.documents.appearance import BadHandwriting, SignatureAppearance, StrokePoint
from esign.pades import FieldPlan, PdfNotSignable, prepare_fields, sign_pdf
from esign.pdf_verification import PdfVerdict, Verdict, verify_pdf
from esign.signer import SigningIdentity
from esign.timestamps.client import HttpTimestamper
from tests.factories.certificates import NOT_AFTER, TinyAuthority
from tests.factories.documents import CREATED_AT
from tests.factories.signed_documents import CREDENTIAL, Signers


@pytest.fixture
def signers() -> Signers:
    return Signers()


def _verify(signers: Signers, pdf: bytes, **options: object) -> PdfVerdict:
    return verify_pdf(pdf, **({"anchors": [signers.authority.root], "at": signers.later} | options))  # type: ignore[arg-type]


async def test_a_sealed_licence_passes_and_hands_over_its_credential(signers: Signers) -> None:
    verdict = _verify(signers, await signers.licence())
    assert (verdict.verdict, verdict.subindication, verdict.reasons) == (Verdict.TOTAL_PASSED, "", ())
    assert verdict.attachments == {"licence.cwt": CREDENTIAL}
    (report,) = verdict.signatures
    assert (report.field, report.signer_common_name, report.covers_whole_document) == ("seal", "临江市市场监督管理局", True)
    assert (report.signed_at, report.timestamp_at) == (CREATED_AT, CREATED_AT)
    assert len(report.certificate_sha256) == 64


async def test_two_people_sign_one_after_the_other_long_after_their_certificates_expired(signers: Signers) -> None:
    verdict = _verify(signers, await signers.commitment())
    assert verdict.verdict is Verdict.TOTAL_PASSED
    assert [(item.field, item.signer_common_name, item.covers_whole_document) for item in verdict.signatures] == [
        ("signer-1", "陈𠮷祥", False),
        ("signer-2", "林喆", True),
    ]
    first, second = (item.timestamp_at for item in verdict.signatures)
    assert first and second and second - first == timedelta(hours=5)


async def test_one_of_two_signatures_is_already_a_valid_file(signers: Signers) -> None:
    once = await signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥")
    assert _verify(signers, once).verdict is Verdict.TOTAL_PASSED


async def test_an_unsigned_file_is_indeterminate(signers: Signers) -> None:
    verdict = _verify(signers, signers.blank_commitment())
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "NO_SIGNATURE")


async def test_a_stranger_s_authority_is_not_trusted(signers: Signers) -> None:
    verdict = _verify(signers, await signers.licence(), anchors=[TinyAuthority().root])
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND")
    assert verdict.signatures[0].signer_common_name == "临江市市场监督管理局"


async def test_an_impostor_with_the_same_names_is_not_trusted(signers: Signers) -> None:
    verdict = _verify(Signers(), await signers.licence())
    assert verdict.verdict is Verdict.INDETERMINATE


async def test_without_a_timestamp_it_passes_only_while_the_certificate_lives(signers: Signers) -> None:
    citizen = signers.authority.citizen("陈𠮷祥", CREATED_AT)
    pdf = await signers.licence(signer=citizen, has_timestamp=False)
    assert _verify(signers, pdf, at=CREATED_AT).verdict is Verdict.TOTAL_PASSED
    late = _verify(signers, pdf)
    assert (late.verdict, late.subindication) == (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")


async def test_signing_after_the_certificate_expired_does_not_pass(signers: Signers) -> None:
    citizen = signers.authority.citizen("陈𠮷祥", CREATED_AT - timedelta(days=1))
    verdict = _verify(signers, await signers.licence(signer=citizen))
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")


async def test_a_timestamp_from_the_future_does_not_pass(signers: Signers) -> None:
    verdict = _verify(signers, await signers.licence(), at=CREATED_AT - timedelta(hours=1))
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "TIMESTAMP_ORDER_FAILURE")


async def test_when_the_stamping_certificate_expired_it_is_indeterminate(signers: Signers) -> None:
    verdict = _verify(signers, await signers.licence(), at=NOT_AFTER + timedelta(days=1))
    assert verdict.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("kind", ["timestamps", "no signing", "authority"])
async def test_a_certificate_for_another_purpose_does_not_pass(signers: Signers, kind: str) -> None:
    authority = signers.authority
    signer = {
        "timestamps": authority.leaf("临江市", for_timestamps=True),
        "no signing": authority.leaf("临江市", may_sign=False),
        "authority": SigningIdentity(authority.issuing_key, authority.issuing),
    }[kind]
    verdict = _verify(signers, await signers.licence(signer=signer))
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE")


async def test_a_certificate_that_is_of_no_use_may_not_come_along(signers: Signers) -> None:
    seal = signers.authority.seal()
    verdict = _verify(
        signers, await signers.licence(signer=SigningIdentity(seal.private_key, seal.certificate, (signers.authority.issuing,)))
    )
    assert (verdict.verdict, verdict.subindication) == (Verdict.TOTAL_FAILED, "FORMAT_FAILURE")


def test_a_key_and_another_s_certificate_are_no_identity(signers: Signers) -> None:
    seal = signers.authority.seal()
    with pytest.raises(ValueError):
        SigningIdentity(ec.generate_private_key(ec.SECP256R1()), seal.certificate)
    with pytest.raises(ValueError):
        SigningIdentity(ec.generate_private_key(ec.SECP384R1()), seal.certificate)


async def test_a_field_is_signed_once_and_none_is_added_after_a_signature(signers: Signers) -> None:
    once = await signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥")
    with pytest.raises(PdfNotSignable):
        await signers.sign(once, "signer-1", "林喆")
    with pytest.raises(PdfNotSignable):
        prepare_fields(once, [FieldPlan("signer-3", 0, (0, 0, 100, 40))])


async def test_a_signature_in_a_field_that_was_not_reserved_shows_as_a_change(signers: Signers) -> None:
    once = await signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥")
    twice = await signers.sign(once, "signer-9", "林喆")
    verdict = _verify(signers, twice)
    assert (verdict.verdict, verdict.subindication) == (Verdict.TOTAL_FAILED, "CHANGED_AFTER_SIGNING")


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"hello", bytes(2000)])
async def test_what_is_no_pdf_is_not_signed(signers: Signers, pdf: bytes) -> None:
    with pytest.raises(PdfNotSignable):
        await signers.sign(pdf, "signer-1", "陈𠮷祥")


@pytest.mark.parametrize(
    "appearance",
    [
        SignatureAppearance(),
        SignatureAppearance(strokes=((StrokePoint(0, 0),),), picture_png=b"x"),
        SignatureAppearance(picture_png=b"not a picture"),
        SignatureAppearance(strokes=((StrokePoint(float("nan"), 0),),)),
        SignatureAppearance(strokes=((StrokePoint(0, 0),) * 20_001,)),
    ],
)
async def test_handwriting_that_cannot_be_drawn_is_refused(signers: Signers, appearance: SignatureAppearance) -> None:
    with pytest.raises(BadHandwriting):
        await sign_pdf(
            signers.blank_commitment(),
            signer=signers.authority.citizen("陈𠮷祥", CREATED_AT),
            field="signer-1",
            appearance=appearance,
            reason="签署承诺书",
            location="临江市",
            timestamper=None,
            at=CREATED_AT,
        )


async def test_when_the_timestamp_authority_is_away_nothing_is_signed(signers: Signers) -> None:
    signers.timestamper = HttpTimestamper("http://127.0.0.1:9/", timeout=1)
    with pytest.raises(UpstreamUnavailable):
        await signers.licence()


async def test_pdfsig_calls_a_sealed_licence_valid_and_wholly_signed(signers: Signers, tmp_path: Path, tool: Callable[[str], str]) -> None:
    """Issue 2, must show 3."""
    pdfsig, certutil = tool("pdfsig"), tool("certutil")
    (tmp_path / "licence.pdf").write_bytes(await signers.licence())
    (tmp_path / "root.pem").write_bytes(signers.authority.root.public_bytes(Encoding.PEM))
    store = f"sql:{tmp_path / 'nss'}"
    (tmp_path / "nss").mkdir()

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True).stdout

    run(certutil, "-N", "-d", store, "--empty-password")
    run(certutil, "-A", "-d", store, "-n", "root", "-t", "CT,CT,CT", "-i", "root.pem")
    told = run(pdfsig, "-nssdir", store, "licence.pdf")
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
