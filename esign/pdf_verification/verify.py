"""The verdict about a signed PDF: our own strict reading first, then pyHanko's as a second opinion. Both must agree to pass."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from core.clock import SystemClock
from esign.pdf_verification.attachments import read_attachments
from esign.pdf_verification.cms import DATA, SignedMessage, read_signed_message
from esign.pdf_verification.paths import check_path, find_path
from esign.pdf_verification.revisions import PlacedSignature, check_coverage, last_by_its_bytes, place_signatures
from esign.pdf_verification.tokens import Timestamp, read_timestamp
from esign.pdf_verification.verdict import FAILURES, Doubt, PdfVerdict, Reason, SignatureReport, Sub, Verdict, refusal

MAX_PDF_BYTES = 64 * 1024 * 1024
_CLOCK_DRIFT = timedelta(minutes=5)


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _check_timestamp(token: bytes, signature: bytes, anchors: Sequence[x509.Certificate], at: datetime) -> Timestamp:
    try:
        timestamp = read_timestamp(token, of_signature=signature)
    except Doubt as doubt:
        raise Doubt(Sub.TIMESTAMP_FAILURE, doubt.detail) from doubt
    except Exception as error:
        raise Doubt(Sub.TIMESTAMP_FAILURE, type(error).__name__) from error
    path = find_path(timestamp.message.certificate, timestamp.message.others, anchors)
    check_path(path, at=at, for_timestamps=True)
    if timestamp.at > at + _CLOCK_DRIFT:
        raise Doubt(Sub.TIMESTAMP_ORDER_FAILURE)
    check_path(path, at=timestamp.at, for_timestamps=True)
    return timestamp


def _read_cms(placed: PlacedSignature) -> SignedMessage:
    try:
        return read_signed_message(placed.cms, kind=DATA, rsa_allowed=False)
    except Doubt:
        raise
    except Exception as error:
        raise Doubt(Sub.FORMAT_FAILURE, type(error).__name__) from error


class _Findings:
    """A report that grows as far as the verification of one signature comes."""

    def __init__(self, placed: PlacedSignature, size: int) -> None:
        self.placed = placed
        self.known: dict[str, Any] = {"signed_at": placed.signed_at, "covers_whole_document": placed.end == size}

    def check(self, anchors: Sequence[x509.Certificate], at: datetime) -> None:
        message = _read_cms(self.placed)
        if message.message_digest != self.placed.digest:
            raise Doubt(Sub.HASH_FAILURE)
        certificate = message.certificate
        self.known |= {
            "signer_common_name": _common_name(certificate),
            "certificate_sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            "certificate_der": certificate.public_bytes(Encoding.DER),
        }
        moment = at
        if message.timestamp_token is not None:
            moment = _check_timestamp(message.timestamp_token, message.signature, anchors, at).at
            self.known["timestamp_at"] = moment
        path = find_path(certificate, message.others, anchors)
        self.known["issuer_sha256"] = path[-1].fingerprint(hashes.SHA256()).hex()
        check_path(path, at=moment, for_timestamps=False)

    def report(self, verdict: Verdict, reasons: tuple[Reason, ...] = ()) -> SignatureReport:
        return SignatureReport(self.placed.field, verdict, reasons, **self.known)


def _examine(placed: PlacedSignature, size: int, anchors: Sequence[x509.Certificate], at: datetime) -> SignatureReport:
    findings = _Findings(placed, size)
    try:
        findings.check(anchors, at)
    except Doubt as doubt:
        return findings.report(doubt.verdict, (doubt.reason(),))
    return findings.report(Verdict.TOTAL_PASSED)


def _run(job: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end from plain code, whether or not this thread has a loop running."""
    failure: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(job)
        except BaseException as error:  # carried over to the calling thread
            failure.append(error)

    thread = threading.Thread(target=work, name="pdf-second-opinion")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


async def _second_opinion(
    reader: PdfFileReader,
    reports: Sequence[SignatureReport],
    placed: Sequence[PlacedSignature],
    anchors: Sequence[x509.Certificate],
    at: datetime,
) -> None:
    roots = [asn1_x509.Certificate.load(item.public_bytes(Encoding.DER)) for item in anchors]
    now = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at, revocation_mode="soft-fail")
    for report, item in zip(reports, placed, strict=True):
        then = ValidationContext(trust_roots=roots, allow_fetching=False, moment=report.timestamp_at or at, revocation_mode="soft-fail")
        field = item.field_reference.get_object()
        status = await async_validate_pdf_signature(EmbeddedPdfSignature(reader, field, item.field), then, now, skip_diff=True)
        is_stamped = report.timestamp_at is None or (status.timestamp_validity is not None and status.timestamp_validity.trusted)
        if not (status.intact and status.valid and status.trusted and is_stamped):
            raise Doubt(Sub.SECOND_OPINION)


def _quick_look(pdf: bytes, anchors: Sequence[x509.Certificate], at: datetime) -> None:
    """Raises Doubt when the last signature is wrong by its bytes alone; every other doubt is left to the full verification."""
    placed = last_by_its_bytes(pdf)
    if placed is None:
        return
    try:
        _Findings(placed, len(pdf)).check(anchors, at)
    except Doubt as doubt:
        if doubt.sub in FAILURES or doubt.sub is Sub.TIMESTAMP_FAILURE:
            raise


def _verify(pdf: bytes, anchors: Sequence[x509.Certificate], at: datetime) -> PdfVerdict:
    if len(pdf) > MAX_PDF_BYTES:
        raise Doubt(Sub.PROCESSING_LIMIT, "the file is too large")
    _quick_look(pdf, anchors, at)
    reader = PdfFileReader(BytesIO(pdf), strict=True, decode_limits=DecodeLimits())
    if "/Encrypt" in reader.trailer:
        raise Doubt(Sub.ENCRYPTED)
    placed = place_signatures(pdf, reader)
    reports = tuple(_examine(item, len(pdf), anchors, at) for item in placed)
    doubts: list[Doubt] = []
    try:
        check_coverage(pdf, reader, placed)
        if all(report.verdict is Verdict.TOTAL_PASSED for report in reports):
            _run(_second_opinion(reader, reports, placed, anchors, at))
    except Doubt as doubt:
        doubts.append(doubt)
    verdicts = [report.verdict for report in reports] + [doubt.verdict for doubt in doubts]
    total = next((item for item in (Verdict.TOTAL_FAILED, Verdict.INDETERMINATE) if item in verdicts), Verdict.TOTAL_PASSED)
    ranked = sorted(
        [(report.verdict, reason) for report in reports for reason in report.reasons]
        + [(doubt.verdict, doubt.reason()) for doubt in doubts],
        key=lambda pair: pair[0] is not total,
    )
    reasons = tuple(reason for _, reason in ranked)
    return PdfVerdict(total, reasons[0].code if reasons else "", reasons, reports, read_attachments(reader))


def verify_pdf(pdf: bytes, *, anchors: Sequence[x509.Certificate], at: datetime | None = None) -> PdfVerdict:
    """The verdict at the instant `at` (aware; now when None), trusting exactly `anchors`. Never raises for any `pdf`.

    TOTAL_PASSED needs all of: every signature and timestamp right in one canonical encoding, every certificate used and chained to an
    anchor, the whole file covered, and nothing after the first signature but further signatures in fields reserved before it.
    A signature without a timestamp is judged at `at`, so it stops passing when its certificate expires.
    Revocation is not looked at here: standing is in the trust list and the status list.
    """
    try:
        return _verify(pdf, anchors, at or SystemClock().now())
    except Doubt as doubt:
        return refusal(doubt)
    except PdfDecodeLimitError:
        return refusal(Doubt(Sub.PROCESSING_LIMIT, "a stream is a decompression bomb"))
    except (Exception, RecursionError, MemoryError) as error:  # hostile files make the parser raise anything
        return refusal(Doubt(Sub.UNREADABLE, type(error).__name__))
