"""From timestamps to proven times (ETSI EN 319 102-1 section 5.6): who signed what, by when it existed, and to which level it is kept.

Document timestamps are judged from the last to the first: the last must hold now, each earlier one when the next was made. So a certificate
may expire, or be revoked, as soon as a younger timestamp has proven that what it signed was there before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from esign.pdf_verification.cms import DATA, SignedMessage, read_signed_message
from esign.pdf_verification.crls import Revocations
from esign.pdf_verification.paths import check_path, find_path
from esign.pdf_verification.revisions import PlacedSignature
from esign.pdf_verification.tokens import Timestamp, read_timestamp, read_timestamp_of_digest
from esign.pdf_verification.verdict import Doubt, Level, SignatureReport, Sub, TimestampReport, Verdict

_CLOCK_DRIFT = timedelta(minutes=5)


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _read_cms(placed: PlacedSignature) -> SignedMessage:
    try:
        return read_signed_message(placed.cms, kind=DATA, rsa_allowed=False)
    except Doubt:
        raise
    except Exception as error:
        raise Doubt(Sub.FORMAT_FAILURE, type(error).__name__) from error


@dataclass(frozen=True)
class Proof:
    """A document timestamp that holds: what is in the first `end` bytes, up to `revision`, was there at `at`."""

    end: int
    revision: int
    at: datetime


@dataclass
class Judge:
    """One verification: whom to trust, the instant `at` to judge for, and what the file brings along."""

    anchors: Sequence[x509.Certificate]
    at: datetime
    certificates: Sequence[x509.Certificate] = ()
    revocations: Revocations = field(default_factory=Revocations)
    proofs: list[Proof] = field(default_factory=list)
    """Oldest last, as they are judged."""
    used: list[x509.Certificate] = field(default_factory=list)
    """Every certificate of every path that was found."""

    def path(self, message: SignedMessage) -> list[x509.Certificate]:
        path = find_path(message.certificate, message.others, self.anchors, self.certificates)
        self.used.extend(path)
        return path

    def moment(self, placed: PlacedSignature) -> datetime:
        """The earliest instant at which `placed` is proven to have been there by a timestamp over it; `at` where there is none."""
        return min((proof.at for proof in self.proofs if proof.end >= placed.end), default=self.at)

    def check_token(self, timestamp: Timestamp, moment: datetime) -> int | None:
        """The token, which existed at `moment`, holds. Answers as `Revocations.check`. Raises Doubt."""
        path = self.path(timestamp.message)
        check_path(path, at=moment, for_timestamps=True)
        if timestamp.at > moment + _CLOCK_DRIFT:
            raise Doubt(Sub.TIMESTAMP_ORDER_FAILURE)
        check_path(path, at=timestamp.at, for_timestamps=True)
        return self.revocations.check(path, moment, timestamp.at)


def _worst(revisions: Sequence[int | None]) -> int | None:
    """The revision by which all is there; None where something never is."""
    return None if None in revisions else max(item for item in revisions if item is not None)


class Findings:
    """A report that grows as far as the verification of one signature comes."""

    def __init__(self, placed: PlacedSignature, size: int) -> None:
        self.placed = placed
        self.known: dict[str, Any] = {"signed_at": placed.signed_at, "covers_whole_document": placed.end == size}

    def _token(self, message: SignedMessage, judge: Judge, token: bytes) -> tuple[datetime, int | None]:
        try:
            timestamp = read_timestamp(token, of_signature=message.signature)
        except Doubt as doubt:
            raise Doubt(Sub.TIMESTAMP_FAILURE, doubt.detail) from doubt
        except Exception as error:
            raise Doubt(Sub.TIMESTAMP_FAILURE, type(error).__name__) from error
        return timestamp.at, judge.check_token(timestamp, judge.moment(self.placed))

    def check(self, judge: Judge) -> None:
        message = _read_cms(self.placed)
        if message.message_digest != self.placed.digest:
            raise Doubt(Sub.HASH_FAILURE)
        certificate = message.certificate
        self.known |= {
            "signer_common_name": _common_name(certificate),
            "certificate_sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            "certificate_der": certificate.public_bytes(Encoding.DER),
        }
        moment, complete = judge.moment(self.placed), list[int | None]()
        if message.timestamp_token is not None:
            moment, by = self._token(message, judge, message.timestamp_token)
            complete.append(by)
        is_proven = message.timestamp_token is not None or moment != judge.at
        if is_proven:
            self.known["timestamp_at"] = moment
        path = judge.path(message)
        self.known["issuer_sha256"] = path[-1].fingerprint(hashes.SHA256()).hex()
        check_path(path, at=moment, for_timestamps=False)
        complete.append(judge.revocations.check(path, moment))
        over = [proof for proof in judge.proofs if proof.end >= self.placed.end]
        self.known["level"] = _level(is_proven, _worst(complete), over)

    def report(self, judge: Judge) -> SignatureReport:
        try:
            self.check(judge)
        except Doubt as doubt:
            return SignatureReport(self.placed.field, doubt.verdict, (doubt.reason(),), **self.known)
        return SignatureReport(self.placed.field, Verdict.TOTAL_PASSED, **self.known)


def _level(is_proven: bool, complete_by: int | None, proofs: Sequence[Proof]) -> Level:
    """`proofs`: the document timestamps over the signature; for B-LTA one of them must be over its validation data too."""
    if not is_proven:
        return Level.B_B
    if complete_by is None:
        return Level.B_T
    return Level.B_LTA if any(proof.revision >= complete_by for proof in proofs) else Level.B_LT


def check_document_timestamp(placed: PlacedSignature) -> Timestamp:
    """A token over the file up to its own end. Raises Doubt."""
    try:
        return read_timestamp_of_digest(placed.cms, placed.digest)
    except Doubt as doubt:
        # A token that is right in itself but about other bytes speaks of another file.
        raise Doubt(Sub.HASH_FAILURE if doubt.sub is Sub.TIMESTAMP_FAILURE else doubt.sub, doubt.detail) from doubt
    except Exception as error:
        raise Doubt(Sub.FORMAT_FAILURE, type(error).__name__) from error


def judge_timestamp(placed: PlacedSignature, judge: Judge) -> TimestampReport:
    """Judge a document timestamp; where it holds, what it covers is proven from now on. Call it from the last one to the first."""
    known: dict[str, Any] = {}
    try:
        timestamp = check_document_timestamp(placed)
        certificate = timestamp.message.certificate
        known = {
            "at": timestamp.at,
            "authority_common_name": _common_name(certificate),
            "certificate_until": certificate.not_valid_after_utc,
        }
        judge.check_token(timestamp, judge.moment(placed))
        judge.proofs.append(Proof(placed.end, placed.revision, timestamp.at))
    except Doubt as doubt:
        return TimestampReport(placed.field, doubt.verdict, (doubt.reason(),), **known)
    return TimestampReport(placed.field, Verdict.TOTAL_PASSED, **known)
