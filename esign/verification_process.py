"""Verification of strangers' files inside a killable process: `Isolated("esign.verification_process:verify_isolated", …)`."""

from __future__ import annotations

from datetime import datetime

import msgspec

from esign.report import Report
from esign.verification import verify


class VerificationRequest(msgspec.Struct, frozen=True, kw_only=True):
    data: bytes
    trust: bytes
    statuses: list[bytes]
    at: datetime


def verify_isolated(payload: bytes) -> bytes:
    """MessagePack request in, JSON report out."""
    request = msgspec.msgpack.decode(payload, type=VerificationRequest)
    return msgspec.json.encode(verify(request.data, trust=request.trust, status=request.statuses, at=request.at))


def unanswered(at: datetime) -> Report:
    """The report when the process was killed or died: nothing is known about the file."""
    return Report(
        verdict="INDETERMINATE",
        status="unknown",
        subindication="PROCESSING_FAILED",
        reasons=("这个文件太复杂或已损坏，没有在规定时间内检查完。",),
        kind="unknown",
        issuer=None,
        licence=None,
        signatures=(),
        checked_at=at,
    )
