"""What a verification says: three verdicts in the spirit of ETSI EN 319 102-1 section 5, each with its reasons."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class Sub(StrEnum):
    """Sub-indications; the names of EN 319 102-1 where it has one."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    CHANGED_AFTER_SIGNING = "CHANGED_AFTER_SIGNING"
    NO_SIGNATURE = "NO_SIGNATURE"
    UNREADABLE = "UNREADABLE"
    ENCRYPTED = "ENCRYPTED"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    VALIDATION_DATA_FAILURE = "VALIDATION_DATA_FAILURE"
    TIMESTAMP_FAILURE = "TIMESTAMP_FAILURE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    SECOND_OPINION = "SECOND_OPINION"
    PROCESSING_LIMIT = "PROCESSING_LIMIT"
    GENERIC = "GENERIC"


EXPLANATIONS: dict[Sub, str] = {
    Sub.FORMAT_FAILURE: "签名的格式不合规范，可能被改动过。",
    Sub.HASH_FAILURE: "文件内容与签名时不一致，已被改动。",
    Sub.SIG_CRYPTO_FAILURE: "签名数据与证书不符，可能被改动或伪造。",
    Sub.CHANGED_AFTER_SIGNING: "签名之后文件又被增补或改动。",
    Sub.NO_SIGNATURE: "文件里没有电子签名。",
    Sub.UNREADABLE: "文件损坏或不是规范的 PDF，无法判断。",
    Sub.ENCRYPTED: "文件设有密码，无法核验。",
    Sub.NO_CERTIFICATE_CHAIN_FOUND: "签名证书不是受信任的机构签发的。",
    Sub.CHAIN_CONSTRAINTS_FAILURE: "签名证书的用途或层级不符合要求。",
    Sub.OUT_OF_BOUNDS_NO_POE: "签名时间不在证书有效期内，或没有可信时间可以证明。",
    Sub.REVOKED_NO_POE: "证书已被吊销，无法证明是吊销之前签的。",
    Sub.VALIDATION_DATA_FAILURE: "文件附带的验证资料不合规范，或与签名无关。",
    Sub.TIMESTAMP_FAILURE: "时间戳无效，可能被改动过。",
    Sub.TIMESTAMP_ORDER_FAILURE: "时间戳的时间晚于现在，无法判断。",
    Sub.SECOND_OPINION: "两套核验程序的结论不一致，按无法判断处理。",
    Sub.PROCESSING_LIMIT: "文件过大或过于复杂，超出核验限额。",
    Sub.GENERIC: "核验没有完成，无法判断。",
}

FAILURES = frozenset({Sub.FORMAT_FAILURE, Sub.HASH_FAILURE, Sub.SIG_CRYPTO_FAILURE, Sub.CHANGED_AFTER_SIGNING})
"""The sub-indications that are TOTAL_FAILED; every other one is INDETERMINATE."""


class Reason(msgspec.Struct, frozen=True):
    """`code` is a `Sub`; `text` is for people; `detail` is for engineers and holds no personal data."""

    code: str
    text: str
    detail: str = ""


class Level(StrEnum):
    """The baseline levels of ETSI EN 319 142-1 section 6, lowest first: signed, time proven, verifiable later, and as long as renewed."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


LEVELS = tuple(Level)


class SignatureReport(msgspec.Struct, frozen=True):
    """One signature. `timestamp_at` is proven by a timestamp (its own or the document's), `signed_at` only claimed by the signer."""

    field: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    signer_common_name: str = ""
    certificate_sha256: str = ""
    certificate_der: bytes = b""
    issuer_sha256: str = ""
    """SHA-256 of the anchor the chain ends in, empty where none was found."""
    signed_at: datetime | None = None
    timestamp_at: datetime | None = None
    covers_whole_document: bool = False
    level: Level | None = None
    """None where the verification did not come so far."""


class TimestampReport(msgspec.Struct, frozen=True):
    """A document timestamp (ETSI.RFC3161). `certificate_until`: the authority's certificate expires then, and a next one is due before."""

    field: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    at: datetime | None = None
    authority_common_name: str = ""
    certificate_until: datetime | None = None


class PdfVerdict(msgspec.Struct, frozen=True):
    """The answer for a file. `attachments` are only as trustworthy as `verdict` says."""

    verdict: Verdict
    subindication: str = ""
    reasons: tuple[Reason, ...] = ()
    signatures: tuple[SignatureReport, ...] = ()
    timestamps: tuple[TimestampReport, ...] = ()
    level: Level | None = None
    """The lowest of the signatures' levels; None where one is not known."""
    attachments: dict[str, bytes] = {}


class Doubt(Exception):
    """Stops the verification of one signature or file with a sub-indication."""

    def __init__(self, sub: Sub, detail: str = "") -> None:
        self.sub = sub
        self.detail = detail
        super().__init__(f"{sub}: {detail}")

    @property
    def verdict(self) -> Verdict:
        return Verdict.TOTAL_FAILED if self.sub in FAILURES else Verdict.INDETERMINATE

    def reason(self) -> Reason:
        return Reason(self.sub.value, EXPLANATIONS[self.sub], self.detail)


def refusal(doubt: Doubt) -> PdfVerdict:
    """A verdict about a file that never came to its signatures."""
    return PdfVerdict(doubt.verdict, doubt.sub.value, (doubt.reason(),))
