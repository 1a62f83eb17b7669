"""What a verification says: one shape for the command line, the page and the API.

Verdicts are those of ETSI EN 319 102-1 section 5.1.3. Sub-indications are its words where it has one, otherwise ours:

| sub-indication | verdict | meaning |
|---|---|---|
| NOT_RECOGNISED | INDETERMINATE | neither a PDF nor a picture nor the text of a licence code |
| FORMAT_FAILURE | TOTAL_FAILED | a credential that is not well-formed |
| SIG_CRYPTO_FAILURE | TOTAL_FAILED | a listed key, but not its signature |
| ISSUER_MISMATCH | TOTAL_FAILED | seal, credential and key do not name one authority |
| NO_SIGNING_CERTIFICATE_FOUND | INDETERMINATE | the key is not in the trust list for this use |
| REVOKED_NO_POE | INDETERMINATE | the key is compromised or its certificate revoked, and nothing proves an earlier signature |
| OUT_OF_BOUNDS_NO_POE | INDETERMINATE | signed outside the key's window |
| NOT_YET_VALID | INDETERMINATE | issued or valid only after the time of checking |
| PRESENTATION_EXPIRED | TOTAL_FAILED | a 出示码 that is too old, or made to live too long |
| REVOKED, SUSPENDED, EXPIRED | TOTAL_FAILED | the licence's standing |
| STATUS_UNKNOWN | INDETERMINATE | no status list was given, or it says nothing about this licence |
| STATUS_LIST_STALE, _INVALID, _MISMATCH | INDETERMINATE | the list is too old, not signed by the issuer, or another one |
| TRUST_LIST_STALE, _INVALID | INDETERMINATE | the trust list is too old (or from the future), or not a signed trust list |
| PROCESSING_FAILED | INDETERMINATE | the bytes made a parser fail in a way nobody foresaw |

A PDF brings those of `pdf_verification` besides.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from esign.credentials.cwt import LicenceClaims
from esign.credentials.standing import Standing, Verdict

Kind = Literal["pdf", "qr", "credential", "unknown"]
Role = Literal["seal", "citizen", "licence", "presentation", "unknown"]
EXIT_USAGE = 64
_EXIT = {"TOTAL_PASSED": 0, "TOTAL_FAILED": 1, "INDETERMINATE": 2}


class Issuer(msgspec.Struct, frozen=True):
    code: str
    name: str


class SignatureFinding(msgspec.Struct, frozen=True):
    """One signature of a PDF, or the credential's own. `signed_at` is the trusted time where `is_timestamped`, else the claimed one."""

    role: Role
    signer: str
    verdict: Verdict
    signed_at: datetime | None = None
    is_timestamped: bool = False
    kid: str | None = None
    level: str | None = None
    """PAdES baseline level of a PDF's signature: B-B, B-T, B-LT, B-LTA (ETSI EN 319 142-1 section 6)."""


class Report(msgspec.Struct, frozen=True):
    """`status` is the licence's standing; `not_applicable` for a signed document that is no licence. Reasons are sentences in Chinese."""

    verdict: Verdict
    status: Standing
    subindication: str | None
    reasons: tuple[str, ...]
    kind: Kind
    issuer: Issuer | None
    licence: LicenceClaims | None
    signatures: tuple[SignatureFinding, ...]
    checked_at: datetime


def exit_code(report: Report) -> int:
    """0 passed, 1 failed, 2 cannot be judged. (64 is for a wrong command line.)"""
    return _EXIT[report.verdict]


def as_json(report: Report) -> str:
    return msgspec.json.encode(report).decode()


def summary_zh(report: Report) -> str:
    """One plain sentence for somebody in a shop."""
    if report.verdict == "TOTAL_PASSED":
        if report.licence is None:
            return f"这份文件的{len(report.signatures)}处签名都是真的，签名之后内容没有被改动。"
        licence = report.licence
        holder = f"“{licence.holder_name}”的" if licence.holder_name else "这张"
        until = f"，有效期至{licence.valid_until:%Y年%-m月%-d日}" if licence.valid_until else ""
        return f"{holder}{licence.licence_type}是真的，由{report.issuer.name if report.issuer else '发证机关'}签发，目前有效{until}。"
    if report.status == "revoked":
        return "这张证照已经被发证机关撤销，不能再用。"
    if report.status == "suspended":
        return "这张证照目前被发证机关暂停，暂时不能用。"
    if report.status == "expired":
        return "这张证照已经过了有效期。"
    why = report.reasons[0] if report.reasons else ""
    if report.subindication == "PRESENTATION_EXPIRED":
        return why
    return f"没有通过查验，请不要采信：{why}" if report.verdict == "TOTAL_FAILED" else f"暂时无法确认真假：{why}"
