"""The same verification as bytes in, bytes out, for `core.isolation`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from esign.pdf_verification.verdict import Doubt, PdfVerdict, Sub, refusal
from esign.pdf_verification.verify import verify_pdf


class _Request(msgspec.Struct, frozen=True):
    pdf: bytes
    anchors: tuple[bytes, ...]
    at: datetime


def isolated_request(pdf: bytes, *, anchors: Sequence[x509.Certificate], at: datetime) -> bytes:
    """The payload for `verify_isolated`."""
    return msgspec.msgpack.encode(_Request(pdf, tuple(item.public_bytes(Encoding.DER) for item in anchors), at))


def verify_isolated(payload: bytes) -> bytes:
    """Target of `core.isolation.Isolated`: `isolated_request` in, an encoded PdfVerdict out."""
    request = msgspec.msgpack.decode(payload, type=_Request)
    anchors = [x509.load_der_x509_certificate(item) for item in request.anchors]
    return msgspec.msgpack.encode(verify_pdf(request.pdf, anchors=anchors, at=request.at))


def isolated_verdict(answer: bytes | None) -> PdfVerdict:
    """The verdict in an answer of `verify_isolated`; None, where the child had to be killed, is INDETERMINATE."""
    if answer is None:
        return refusal(Doubt(Sub.PROCESSING_LIMIT, "the verifier was stopped"))
    return msgspec.msgpack.decode(answer, type=PdfVerdict)
