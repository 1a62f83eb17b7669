"""The verifier behind `zerotrip verify`, the page and the API: bytes in, a report out, no network, no clock of its own, no exceptions.

A licence passes where its seal (in a PDF), its credential and its standing all pass. Without a fresh status list it never passes: it is
INDETERMINATE with STATUS_UNKNOWN or STATUS_LIST_STALE, because nobody offline can rule out a revocation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from esign.authority import Purpose, fingerprint, is_issued_by
from esign.credentials import cwt, packing, qr
from esign.credentials.standing import DRIFT, Judgement, Verdict, failed, is_tainted, judge, read_trust_list, unclear
from esign.credentials.trust_list import TrustEntry, TrustList
from esign.errors import CredentialMalformed, QrUnreadable
from esign.pdf_verification import verify_pdf
from esign.pdf_verification.verdict import PdfVerdict, SignatureReport
from esign.report import EXIT_USAGE, Issuer, Kind, Report, Role, SignatureFinding, as_json, exit_code, summary_zh

__all__ = ["EXIT_USAGE", "Report", "as_json", "exit_code", "summary_zh", "verify"]

ATTACHMENT = "licence.cwt"
_LONGEST_TEXT = 8_192
_CREDENTIAL = b"\xd2"
"""CBOR tag 18: a COSE_Sign1 message (RFC 9052 section 4.2)."""


@dataclass(frozen=True)
class _Found:
    kind: Kind
    judgement: Judgement
    signatures: tuple[SignatureFinding, ...] = ()


def verify(
    data: bytes | str, *, trust: bytes, status: bytes | Sequence[bytes] | None, at: datetime, pinned_root: bytes | None = None
) -> Report:
    """`data` is a PDF, a PNG or JPEG with a QR code, the text of a QR code, or a credential's bytes; `trust` and `status` the signed lists
    (`status` may be several, of which the licence's own counts).

    `at`: the moment to judge for, aware. `pinned_root`: SHA-256 of the one root to believe. Never raises for any bytes.
    """
    statuses = () if status is None else (status,) if isinstance(status, bytes) else tuple(status)
    try:
        found = _verify(data, trust, statuses, at, pinned_root)
    except Exception:
        # Parsers of hostile bytes fail in ways nobody lists; what cannot be judged is not passed.
        found = _Found("unknown", unclear("PROCESSING_FAILED", "文件的内容异常，无法判断。"))
    judgement = found.judgement
    entry = judgement.entry
    return Report(
        verdict=judgement.verdict,
        status=judgement.status,
        subindication=judgement.subindication,
        reasons=judgement.reasons,
        kind=found.kind,
        issuer=None if entry is None else Issuer(entry.issuer_code, entry.issuer_name),
        licence=judgement.claims,
        signatures=found.signatures,
        checked_at=at,
    )


def is_light(data: bytes) -> bool:
    """Whether judging `data` is little work with a bound, as for the text of a code: a bare credential, not a picture or a PDF."""
    return data.startswith(_CREDENTIAL) and len(data) <= cwt.MAX_BYTES


def _verify(data: bytes | str, trust: bytes, statuses: Sequence[bytes], at: datetime, pinned_root: bytes | None) -> _Found:
    try:
        known = read_trust_list(trust, pinned_root=pinned_root)
    except CredentialMalformed:
        return _Found("unknown", unclear("TRUST_LIST_INVALID", "信任列表无效，或不是由可信的根签发的。"))
    if not known.is_fresh(at):
        return _Found("unknown", unclear("TRUST_LIST_STALE", "信任列表已经过时，或本机的时钟不对，请联网更新后再查验。"))
    if isinstance(data, bytes) and b"%PDF-" in data[:1024]:
        return _verify_pdf(data, known, statuses, at)
    try:
        kind, raw = _credential_in(data)
    except (CredentialMalformed, QrUnreadable):
        return _Found("unknown", unclear("NOT_RECOGNISED", "这不是证照文件、证照二维码或其中的内容。"))
    judgement = judge(raw, known, statuses, at)
    return _Found(kind, judgement, _credential_finding(judgement))


def _credential_in(data: bytes | str) -> tuple[Kind, bytes]:
    """Raises CredentialMalformed or QrUnreadable."""
    if isinstance(data, bytes):
        if data.startswith(_CREDENTIAL):
            return "credential", data
        if data.startswith((b"\x89PNG", b"\xff\xd8\xff")):
            return "qr", packing.unpack(qr.read_qr(data))
        data = data[: _LONGEST_TEXT + 1].decode("ascii", "replace")
    if len(data) > _LONGEST_TEXT:
        raise CredentialMalformed("too long")
    return "qr", packing.unpack(data)


def _credential_finding(judgement: Judgement) -> tuple[SignatureFinding, ...]:
    entry, claims = judgement.entry, judgement.claims
    if entry is None or claims is None:
        return ()
    role: Role = "licence" if entry.purpose is Purpose.LICENCE else "presentation"
    return (SignatureFinding(role, entry.issuer_name, "TOTAL_PASSED", claims.issued_at, False, entry.kid.hex()),)


def _verify_pdf(data: bytes, trust: TrustList, statuses: Sequence[bytes], at: datetime) -> _Found:
    stamping = trust.for_purpose(Purpose.TIMESTAMP)
    stolen = {fingerprint(entry.certificate): entry.compromised_at for entry in stamping if entry.compromised_at is not None}
    result = verify_pdf(data, anchors=trust.roots, at=at, struck=stolen)
    judged = [_judge_signature(signature, trust) for signature in result.signatures]
    findings = tuple(finding for finding, _, _ in judged)
    return _Found("pdf", _judge_document(result, judged, trust, statuses, at), findings)


_Signed = tuple[SignatureFinding, TrustEntry | None, Judgement | None]
"""What is shown, the seal's entry if it is one, and what is wrong if something is."""


def _judge_document(result: PdfVerdict, judged: list[_Signed], trust: TrustList, statuses: Sequence[bytes], at: datetime) -> Judgement:
    if result.verdict.value != "TOTAL_PASSED":
        reasons = tuple(reason.text for reason in result.reasons)
        return Judgement(result.verdict.value, "unknown", result.subindication or None, reasons)
    for _, _, wrong in judged:
        if wrong is not None:
            return wrong
    if not judged:
        return unclear("NO_SIGNATURE", "文件里没有电子签名。")
    raw = result.attachments.get(ATTACHMENT)
    if raw is None:
        return Judgement("TOTAL_PASSED", "not_applicable", None, entry=judged[0][1])
    times = [finding.signed_at for finding, _, _ in judged if finding.is_timestamped and finding.signed_at is not None]
    judgement = judge(raw, trust, statuses, at, proven_at=min(times) if times else None)
    if judgement.claims is None or judgement.entry is None:
        return judgement
    if judgement.entry.purpose is not Purpose.LICENCE:
        return failed("ISSUER_MISMATCH", "文件里附的不是证照凭证。")
    if any(seal is None or seal.issuer_code != judgement.claims.issuer for _, seal, _ in judged):
        return failed("ISSUER_MISMATCH", "印章与证照凭证不是同一个发证机关的。")
    return judgement


def _judge_signature(signature: SignatureReport, trust: TrustList) -> _Signed:
    signed_at = signature.timestamp_at or signature.signed_at
    stamped = signature.timestamp_at is not None
    verdict: Verdict = signature.verdict.value
    if not signature.certificate_der:
        return SignatureFinding("unknown", signature.signer_common_name, verdict, signed_at, stamped), None, _unlisted()
    certificate = x509.load_der_x509_certificate(signature.certificate_der)
    seal = next((entry for entry in trust.for_purpose(Purpose.SEAL) if entry.certificate == certificate), None)
    issuer = next((entry for entry in trust.for_purpose(Purpose.CITIZEN) if is_issued_by(certificate, entry.certificate)), None)
    entry = seal or issuer
    finding = SignatureFinding(
        "unknown" if entry is None else "citizen" if seal is None else "seal",
        signature.signer_common_name if seal is None else seal.issuer_name,
        verdict,
        signed_at,
        stamped,
        None if entry is None else entry.kid.hex(),
        signature.level,
    )
    if entry is None:
        return finding, None, _unlisted()
    if is_tainted(entry, signature.timestamp_at):
        return finding, seal, unclear("REVOKED_NO_POE", "盖章或签名所用的密钥已经失密，无法证明是失密之前签的。")
    if signed_at is None or not entry.valid_from - DRIFT <= signed_at <= entry.valid_until:
        return finding, seal, unclear("OUT_OF_BOUNDS_NO_POE", "签名时间不在密钥的有效期内。")
    return finding, seal, None


def _unlisted() -> Judgement:
    return unclear("NO_SIGNING_CERTIFICATE_FOUND", "签名证书不在信任列表里。")
