"""The verdict about a signed PDF: our own strict reading first, then pyHanko's as a second opinion. Both must agree to pass."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from core.clock import SystemClock
from esign.pdf_verification.attachments import read_attachments
from esign.pdf_verification.crls import Revocations
from esign.pdf_verification.evidence import Findings, Judge, check_document_timestamp, judge_timestamp
from esign.pdf_verification.revisions import PlacedSignature, last_by_its_bytes, place_signatures
from esign.pdf_verification.updates import check_updates
from esign.pdf_verification.validation_data import ValidationData, read_validation_data
from esign.pdf_verification.verdict import (
    FAILURES,
    LEVELS,
    Doubt,
    Level,
    PdfVerdict,
    Reason,
    SignatureReport,
    Sub,
    TimestampReport,
    Verdict,
    refusal,
)

MAX_PDF_BYTES = 64 * 1024 * 1024


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


class _SecondOpinion:
    """pyHanko's reading of the same signatures, each for the moment at which our own found it proven."""

    def __init__(self, reader: PdfFileReader, judge: Judge) -> None:
        self._reader, self._judge = reader, judge
        self._known = [asn1_x509.Certificate.load(item.public_bytes(Encoding.DER)) for item in judge.certificates]
        self._roots = [asn1_x509.Certificate.load(item.public_bytes(Encoding.DER)) for item in judge.anchors]

    def _context(self, moment: datetime) -> ValidationContext:
        return ValidationContext(
            trust_roots=self._roots, other_certs=self._known, allow_fetching=False, moment=moment, revocation_mode="soft-fail"
        )

    def _embedded(self, placed: PlacedSignature) -> EmbeddedPdfSignature:
        return EmbeddedPdfSignature(self._reader, placed.field_reference.get_object(), placed.field)

    async def agrees(self, placed: PlacedSignature, report: SignatureReport) -> bool:
        moment = self._judge.moment(placed)
        then, now = self._context(report.timestamp_at or moment), self._context(moment)
        status = await async_validate_pdf_signature(self._embedded(placed), then, now, skip_diff=True)
        is_stamped = status.timestamp_validity is None or status.timestamp_validity.trusted
        return bool(status.intact and status.valid and status.trusted and is_stamped)

    async def agrees_with_timestamp(self, placed: PlacedSignature) -> bool:
        later = [proof.at for proof in self._judge.proofs if proof.end > placed.end]
        context = self._context(min(later, default=self._judge.at))
        status = await async_validate_pdf_timestamp(self._embedded(placed), context, skip_diff=True)
        return bool(status.intact and status.valid and status.trusted)

    async def ask(self, signatures: Mapping[int, SignatureReport], placed: Sequence[PlacedSignature]) -> None:
        """Raises Doubt where it does not agree. `signatures`: the reports by the place of their signature."""
        for index, item in enumerate(placed):
            if not await (self.agrees_with_timestamp(item) if item.is_timestamp else self.agrees(item, signatures[index])):
                raise Doubt(Sub.SECOND_OPINION)


def _quick_look(pdf: bytes, judge: Judge) -> None:
    """Raises Doubt when the last signature is wrong by its bytes alone; every other doubt is left to the full verification."""
    placed = last_by_its_bytes(pdf)
    if placed is None:
        return
    try:
        if placed.is_timestamp:
            check_document_timestamp(placed)
        else:
            Findings(placed, len(pdf)).check(judge)
    except Doubt as doubt:
        if doubt.sub in FAILURES or doubt.sub is Sub.TIMESTAMP_FAILURE:
            raise


def _check_use(data: ValidationData, judge: Judge) -> None:
    """What the store brings belongs to the signatures: nothing in it is foreign, and nothing is from the future. Raises Doubt."""
    if any(item not in judge.used for item in data.certificates):
        raise Doubt(Sub.VALIDATION_DATA_FAILURE, "a certificate that belongs to no chain")
    judge.revocations.check_use(judge.used, judge.at)


class _Outcome:
    """Reports and doubts, as they come together to one verdict."""

    def __init__(self) -> None:
        self.signatures: dict[int, SignatureReport] = {}
        self.timestamps: dict[int, TimestampReport] = {}
        self.doubts: list[Doubt] = []

    def _parts(self) -> list[tuple[Verdict, tuple[Reason, ...]]]:
        signatures = [(report.verdict, report.reasons) for _, report in sorted(self.signatures.items())]
        timestamps = [(report.verdict, report.reasons) for _, report in sorted(self.timestamps.items())]
        return [*signatures, *timestamps, *((doubt.verdict, (doubt.reason(),)) for doubt in self.doubts)]

    def total(self) -> Verdict:
        verdicts = [verdict for verdict, _ in self._parts()]
        return next((item for item in (Verdict.TOTAL_FAILED, Verdict.INDETERMINATE) if item in verdicts), Verdict.TOTAL_PASSED)

    def level(self) -> Level | None:
        levels = [report.level for report in self.signatures.values()]
        return min((item for item in levels if item is not None), key=LEVELS.index) if levels and None not in levels else None

    def verdict(self, attachments: dict[str, bytes]) -> PdfVerdict:
        total = self.total()
        ranked = sorted(self._parts(), key=lambda part: part[0] is not total)
        reasons = tuple(reason for _, group in ranked for reason in group)
        signatures = tuple(self.signatures[key] for key in sorted(self.signatures))
        timestamps = tuple(self.timestamps[key] for key in sorted(self.timestamps))
        level = self.level() if total is Verdict.TOTAL_PASSED else None
        return PdfVerdict(total, reasons[0].code if reasons else "", reasons, signatures, timestamps, level, attachments)


def _verify(pdf: bytes, anchors: Sequence[x509.Certificate], at: datetime, struck: Mapping[bytes, datetime]) -> PdfVerdict:
    if len(pdf) > MAX_PDF_BYTES:
        raise Doubt(Sub.PROCESSING_LIMIT, "the file is too large")
    _quick_look(pdf, Judge(anchors, at))
    reader = PdfFileReader(BytesIO(pdf), strict=True, decode_limits=DecodeLimits())
    if "/Encrypt" in reader.trailer:
        raise Doubt(Sub.ENCRYPTED)
    placed = place_signatures(pdf, reader)
    outcome, data = _Outcome(), ValidationData()
    try:
        check_updates(pdf, reader, placed)
        data = read_validation_data(reader)
    except Doubt as doubt:
        outcome.doubts.append(doubt)
    judge = Judge(anchors, at, data.certificates, Revocations(data.crls, struck))
    for index in reversed(range(len(placed))):
        if placed[index].is_timestamp:
            outcome.timestamps[index] = judge_timestamp(placed[index], judge)
    for index, item in enumerate(placed):
        if not item.is_timestamp:
            outcome.signatures[index] = Findings(item, len(pdf)).report(judge)
    try:
        if outcome.total() is Verdict.TOTAL_PASSED:
            _check_use(data, judge)
            _run(_SecondOpinion(reader, judge).ask(outcome.signatures, placed))
    except Doubt as doubt:
        outcome.doubts.append(doubt)
    return outcome.verdict(read_attachments(reader))


def verify_pdf(
    pdf: bytes, *, anchors: Sequence[x509.Certificate], at: datetime | None = None, struck: Mapping[bytes, datetime] | None = None
) -> PdfVerdict:
    """The verdict at the instant `at` (aware; now when None), trusting exactly `anchors`. Never raises for any `pdf`.

    TOTAL_PASSED needs all of: every signature and timestamp right in one canonical encoding, every certificate used and chained to an
    anchor, the whole file covered, and nothing after the first signature but what `updates` accepts.
    A signature without a timestamp is judged at `at`, so it stops passing when its certificate expires; one with a timestamp when the
    timestamp's does, unless a document timestamp came before.
    `struck`: certificates (SHA-256) that are not believed since then, beside what revocation lists in the file say. A file without lists
    may still pass, at a lower level: the standing of keys and licences is in the trust list and the status list.
    """
    try:
        return _verify(pdf, anchors, at or SystemClock().now(), struck or {})
    except Doubt as doubt:
        return refusal(doubt)
    except PdfDecodeLimitError:
        return refusal(Doubt(Sub.PROCESSING_LIMIT, "a stream is a decompression bomb"))
    except (Exception, RecursionError, MemoryError) as error:  # hostile files make the parser raise anything
        return refusal(Doubt(Sub.UNREADABLE, type(error).__name__))
