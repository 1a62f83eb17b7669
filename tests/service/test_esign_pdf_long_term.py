"""PAdES B-LT and B-LTA (issue 5, must show 1; R53, R54): levels, proof of existence over the years, revocation, renewal."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.reader import PdfFileReader

from core.errors import UpstreamUnavailable
from esign.long_term import extend, proof_ends, renew
from esign.pades import PdfNotSignable
from esign.pdf_verification import PdfVerdict, Verdict, verify_pdf
from esign.timestamps.client import HttpTimestamper, LocalTimestamper
from tests.factories.certificates import NOT_AFTER, TinyAuthority
from tests.factories.documents import CREATED_AT
from tests.factories.signed_documents import Signers

YEAR = timedelta(days=365)


@pytest.fixture
def signers() -> Signers:
    return Signers()


def _verify(signers: Signers, pdf: bytes, **options: object) -> PdfVerdict:
    return verify_pdf(pdf, **({"anchors": [signers.authority.root], "at": signers.later} | options))  # type: ignore[arg-type]


def _stamps_until(signers: Signers, years: int) -> None:
    """From now on a fresh time-stamping key, whose certificate lasts so many years."""
    now = signers.clock.now()
    identity = signers.authority.timestamper(not_before=now - timedelta(days=1), not_after=now + years * YEAR)
    signers.timestamper = LocalTimestamper(identity, signers.clock)


async def test_the_level_is_in_the_verdict(signers: Signers) -> None:
    plain, stamped = await signers.licence(has_timestamp=False), await signers.licence()
    kept, archived = await signers.kept(stamped, is_archived=False), await signers.kept(stamped)
    files = {"B-B": plain, "B-T": stamped, "B-LT": kept, "B-LTA": archived}
    verdicts = {level: _verify(signers, pdf, at=CREATED_AT) for level, pdf in files.items()}
    for level, verdict in verdicts.items():
        assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), level)
        assert [report.level for report in verdict.signatures] == [level]
    assert [len(verdict.timestamps) for verdict in verdicts.values()] == [0, 0, 0, 1]
    (timestamp,) = verdicts["B-LTA"].timestamps
    assert (timestamp.at, timestamp.certificate_until, timestamp.authority_common_name) == (CREATED_AT, NOT_AFTER, "测试时间戳")
    assert archived.startswith(stamped) and kept.startswith(stamped)


async def test_lists_under_the_signature_make_b_lt_without_a_further_update(signers: Signers) -> None:
    pdf = await signers.licence(crls=signers.authority.crls(CREATED_AT))
    verdict = _verify(signers, pdf)
    assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), "B-LT")
    assert verdict.signatures[0].covers_whole_document
    assert _verify(signers, await signers.kept(pdf)).level == "B-LTA"


async def test_lists_under_the_first_signature_serve_the_second_while_they_are_in_force(signers: Signers) -> None:
    once = await signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥", crls=signers.authority.crls(CREATED_AT))
    for days, level in ((6, "B-LT"), (2, "B-T")):
        signers.clock.advance(days=days)
        twice = await signers.sign(once, "signer-2", "林喆", crls=signers.authority.crls(signers.clock.now()))
        verdict = _verify(signers, twice)
        assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), level)
        assert _verify(signers, await signers.kept(twice)).level == "B-LTA"


async def test_two_signers_and_their_archive_timestamp(signers: Signers) -> None:
    """Both certificates of ten minutes ended before the lists were made: the lists keep entries of expired certificates."""
    archived = await signers.kept(await signers.commitment())
    verdict = _verify(signers, archived)
    assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), "B-LTA")
    assert [report.level for report in verdict.signatures] == ["B-LTA", "B-LTA"]


async def test_a_reserved_field_may_be_signed_after_an_archive_timestamp(signers: Signers) -> None:
    once = await signers.kept(await signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥"))
    signers.clock.advance(hours=5)
    twice = await signers.sign(once, "signer-2", "林喆")
    verdict = _verify(signers, twice)
    assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), "B-LT")
    assert [report.level for report in verdict.signatures] == ["B-LTA", "B-LT"]
    assert _verify(signers, await signers.kept(twice)).level == "B-LTA"


async def test_an_archive_timestamp_proves_the_time_where_the_signature_has_none(signers: Signers) -> None:
    citizen = signers.authority.citizen("陈𠮷祥", CREATED_AT)
    archived = await signers.kept(await signers.licence(signer=citizen, has_timestamp=False))
    verdict = _verify(signers, archived)
    assert (verdict.verdict, verdict.level, verdict.signatures[0].timestamp_at) == (Verdict.TOTAL_PASSED, "B-LTA", CREATED_AT)


async def test_it_validates_after_the_signing_and_the_first_stamping_certificate_expired(signers: Signers) -> None:
    _stamps_until(signers, 1)
    signed = await signers.kept(await signers.licence(signer=signers.authority.citizen("陈𠮷祥", CREATED_AT)))
    late = CREATED_AT + 2 * YEAR
    without = _verify(signers, signed, at=late)
    assert (without.verdict, without.subindication) == (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")

    signers.clock.advance(days=350)
    _stamps_until(signers, 3)
    renewed = await renew(
        signed, crls=signers.authority.crls(signers.clock.now()), timestamper=signers.timestamper, now=signers.clock.now()
    )
    assert renewed is not None and renewed.startswith(signed)
    verdict = _verify(signers, renewed, at=late)
    assert (verdict.verdict, verdict.reasons, verdict.level) == (Verdict.TOTAL_PASSED, (), "B-LTA")
    assert [item.certificate_until for item in verdict.timestamps] == [CREATED_AT + YEAR, signers.clock.now() + 3 * YEAR]
    assert _verify(signers, renewed, at=CREATED_AT + 5 * YEAR).subindication == "OUT_OF_BOUNDS_NO_POE"


async def test_a_chain_of_renewals_over_the_years(signers: Signers) -> None:
    _stamps_until(signers, 1)
    pdf = await signers.kept(await signers.licence())
    for _ in range(4):
        signers.clock.advance(days=340)
        _stamps_until(signers, 1)
        now = signers.clock.now()
        pdf = await renew(pdf, crls=signers.authority.crls(now), timestamper=signers.timestamper, now=now) or b""
    verdict = _verify(signers, pdf, at=signers.clock.now() + timedelta(days=300))
    assert (verdict.verdict, verdict.reasons, len(verdict.timestamps)) == (Verdict.TOTAL_PASSED, (), 5)


async def test_a_timestamp_made_too_late_proves_nothing(signers: Signers) -> None:
    _stamps_until(signers, 1)
    signed = await signers.kept(await signers.licence())
    signers.clock.advance(days=370)
    now = signers.clock.now()
    _stamps_until(signers, 3)
    assert await renew(signed, crls=signers.authority.crls(now), timestamper=signers.timestamper, now=now) is None
    verdict = _verify(signers, await signers.kept(signed), at=now)
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")


@pytest.mark.parametrize(("left", "is_due"), [(91, False), (90, True), (1, True), (0, False), (-1, False)])
async def test_a_renewal_is_due_in_the_last_90_days(signers: Signers, left: int, is_due: bool) -> None:
    signed = await signers.kept(await signers.licence())
    until = proof_ends(signed)
    assert until == NOT_AFTER
    now = until - timedelta(days=left)
    signers.clock.advance(seconds=(now - signers.clock.now()).total_seconds())
    _stamps_until(signers, 2)
    renewed = await renew(signed, crls=[], timestamper=signers.timestamper, now=now)
    assert (renewed is not None) == is_due


async def test_renewing_twice_adds_one_timestamp(signers: Signers) -> None:
    _stamps_until(signers, 1)
    signed = await signers.kept(await signers.licence())
    signers.clock.advance(days=300)
    now, crls = signers.clock.now(), signers.authority.crls(signers.clock.now())
    assert await renew(signed, crls=crls, timestamper=signers.timestamper, now=now) is None  # by the same key: nothing would be gained
    _stamps_until(signers, 2)
    once = await renew(signed, crls=crls, timestamper=signers.timestamper, now=now)
    assert once is not None and await renew(once, crls=crls, timestamper=signers.timestamper, now=now) is None


async def test_a_file_at_b_t_is_renewed_too_and_one_without_a_timestamp_cannot_be(signers: Signers) -> None:
    _stamps_until(signers, 1)
    stamped, plain = await signers.licence(), await signers.licence(has_timestamp=False)
    signers.clock.advance(days=340)
    _stamps_until(signers, 3)
    now, crls = signers.clock.now(), signers.authority.crls(signers.clock.now())
    renewed = await renew(stamped, crls=crls, timestamper=signers.timestamper, now=now)
    assert renewed is not None and _verify(signers, renewed, at=CREATED_AT + 2 * YEAR).level == "B-LTA"
    assert await renew(plain, crls=crls, timestamper=signers.timestamper, now=now) is None


@pytest.mark.parametrize(("hours", "passes"), [(-1, False), (0, False), (1, True)])
async def test_a_revocation_counts_from_its_time_on(signers: Signers, hours: int, passes: bool) -> None:
    """Before or at the proven time: not believed. After it: the timestamp shows that the signature is older."""
    seal = signers.authority.seal()
    signed = await signers.licence(signer=seal)
    signers.clock.advance(days=1)
    since = CREATED_AT + timedelta(hours=hours)
    crls = signers.authority.crls(signers.clock.now(), revoked={seal.certificate: since})
    for pdf in (await extend(signed, crls=crls, timestamper=signers.timestamper), await extend(signed, crls=crls, timestamper=None)):
        verdict = _verify(signers, pdf)
        assert (verdict.verdict is Verdict.TOTAL_PASSED, verdict.subindication) == (passes, "" if passes else "REVOKED_NO_POE")
    told = _verify(signers, signed, struck={seal.certificate.fingerprint(hashes.SHA256()): since})
    assert (told.verdict is Verdict.TOTAL_PASSED, told.subindication) == (passes, "" if passes else "REVOKED_NO_POE")


async def test_a_stolen_stamping_key_needs_a_younger_timestamp_by_another(signers: Signers) -> None:
    first = signers.authority.timestamper()
    signers.timestamper = LocalTimestamper(first, signers.clock)
    signed = await signers.kept(await signers.licence())
    signers.clock.advance(days=10)
    struck = {first.certificate.fingerprint(hashes.SHA256()): CREATED_AT + timedelta(days=20)}
    assert _verify(signers, signed, struck=struck).subindication == "REVOKED_NO_POE"
    _stamps_until(signers, 3)
    assert _verify(signers, await signers.kept(signed), struck=struck).verdict is Verdict.TOTAL_PASSED
    struck = {first.certificate.fingerprint(hashes.SHA256()): CREATED_AT + timedelta(days=5)}
    assert _verify(signers, await signers.kept(signed), struck=struck).subindication == "REVOKED_NO_POE"


async def test_lists_that_are_missing_or_too_old_make_no_b_lt(signers: Signers) -> None:
    signed = await signers.licence()
    old = signers.authority.crls(CREATED_AT - timedelta(days=8))
    for crls in ([], old):
        verdict = _verify(signers, await extend(signed, crls=crls, timestamper=signers.timestamper))
        assert (verdict.verdict, verdict.level) == (Verdict.TOTAL_PASSED, "B-T")
    in_force = signers.authority.crls(CREATED_AT - timedelta(days=6))
    assert _verify(signers, await extend(signed, crls=in_force, timestamper=signers.timestamper)).level == "B-LTA"


async def test_a_list_from_the_future_is_no_evidence(signers: Signers) -> None:
    crls = signers.authority.crls(signers.later + timedelta(days=1))
    verdict = _verify(signers, await extend(await signers.licence(), crls=crls, timestamper=None))
    assert (verdict.verdict, verdict.subindication) == (Verdict.INDETERMINATE, "VALIDATION_DATA_FAILURE")


@pytest.mark.parametrize("name", ["别的根", "测试根"])
async def test_lists_of_strangers_and_of_namesakes_stay_out(signers: Signers, name: str) -> None:
    """An authority that changed its key has two lists under one name, and each certificate belongs to one of them."""
    pdf = await extend(await signers.licence(), crls=TinyAuthority(name).crls(CREATED_AT), timestamper=None)
    assert "/CRLs" not in PdfFileReader(BytesIO(pdf)).root["/DSS"]
    verdict = _verify(signers, pdf)
    assert (verdict.verdict, verdict.level) == (Verdict.TOTAL_PASSED, "B-T")


async def test_when_the_timestamp_authority_is_away_nothing_is_kept(signers: Signers) -> None:
    signed = await signers.licence()
    with pytest.raises(UpstreamUnavailable):
        await extend(signed, crls=[], timestamper=HttpTimestamper("http://127.0.0.1:9/", timeout=1))


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", bytes(2000)])
async def test_what_is_not_signed_is_not_kept(signers: Signers, pdf: bytes) -> None:
    for candidate in (pdf, signers.blank_commitment()):
        with pytest.raises(PdfNotSignable):
            await extend(candidate, crls=[], timestamper=None)
        with pytest.raises(PdfNotSignable):
            proof_ends(candidate)


def test_our_lists_are_whole_numbered_and_keep_expired_certificates(signers: Signers) -> None:
    first, second = (x509.load_der_x509_crl(signers.authority.crls(CREATED_AT + timedelta(seconds=at))[0]) for at in (0, 1))
    numbers = [crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for crl in (first, second)]
    assert numbers[0] < numbers[1]
    assert first.is_signature_valid(signers.authority.root_key.public_key())
    assert (first.last_update_utc, first.next_update_utc) == (CREATED_AT, CREATED_AT + timedelta(days=7))
    assert not any(extension.critical for extension in first.extensions)
