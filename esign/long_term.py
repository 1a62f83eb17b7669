"""From a signature with a timestamp to one that stays verifiable: PAdES B-LT and B-LTA (ETSI EN 319 142-1 sections 5.4, 5.5, 6.3).

B-LT: the certificates and revocation lists of every signature, in the document security store. B-LTA: a timestamp over the whole file
besides, to be renewed before its certificate expires. Both are one incremental update each time, of the kind that
`pdf_verification.updates` accepts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, cast

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

from esign.pades import TIMESTAMP_ROOM, FieldPlan, PdfNotSignable, Timestamper, append_field, open_quietly
from esign.pdf_verification.cms import DATA, TST_INFO, SignedMessage, read_signed_message
from esign.pdf_verification.revisions import PlacedSignature, last_by_its_bytes, place_signatures
from esign.pdf_verification.verdict import Doubt
from esign.security_store import add_to_store

MARGIN = timedelta(days=90)
"""How long before a timestamp's certificate expires the next timestamp is due."""

_FIELD = "timestamp-"


def _messages(placed: PlacedSignature) -> list[SignedMessage]:
    """The signature and its timestamp, or the document's timestamp alone."""
    if placed.is_timestamp:
        return [read_signed_message(placed.cms, kind=TST_INFO, rsa_allowed=True)]
    message = read_signed_message(placed.cms, kind=DATA, rsa_allowed=False)
    token = message.timestamp_token
    return [message, *([] if token is None else [read_signed_message(token, kind=TST_INFO, rsa_allowed=True)])]


def _read(pdf: bytes) -> list[tuple[PlacedSignature, list[SignedMessage]]]:
    """Raises PdfNotSignable."""
    try:
        return [(placed, _messages(placed)) for placed in place_signatures(pdf, PdfFileReader(BytesIO(pdf)))]
    except (Doubt, PdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise PdfNotSignable("the file has no signature that could be kept") from error


@dataclass(frozen=True)
class _Prepared:
    """An update without its timestamp, and the digest to stamp."""

    steps: Generator[Any, Any, None]
    digest: bytes
    output: BytesIO


def _prepare(pdf: bytes, crls: Sequence[bytes], *, stamped: bool) -> bytes | _Prepared:
    certificates = list(
        dict.fromkeys(item for _, found in _read(pdf) for message in found for item in (message.certificate, *message.others))
    )
    writer = open_quietly(pdf)
    add_to_store(writer, certificates, crls)
    if not stamped:
        out = BytesIO()
        writer.write(out)  # type: ignore[no-untyped-call]
        return out.getvalue()
    taken = {name for name, _, _ in enumerate_sig_fields(writer)}
    name = next(f"{_FIELD}{number}" for number in range(1, len(taken) + 2) if f"{_FIELD}{number}" not in taken)
    append_field(writer, FieldPlan(name, 0, (0, 0, 0, 0)))
    steps = PdfCMSEmbedder().write_cms(name, writer, existing_fields_only=True)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=cast(Any, DocumentTimestamp)(bytes_reserved=2 * TIMESTAMP_ROOM)))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    return _Prepared(steps, prepared.document_digest, output)


async def extend(pdf: bytes, *, crls: Sequence[bytes], timestamper: Timestamper | None) -> bytes:
    """The signed file with the validation data of all its signatures (B-LT), and a timestamp over all of it (B-LTA) if one can be had.

    `crls`: DER, made after the signatures; those of other issuers are left out. May be called again: then it renews.
    Raises PdfNotSignable, and whatever the time-stamper raises; nothing is kept then.
    """
    try:
        ready = await asyncio.to_thread(_prepare, pdf, crls, stamped=timestamper is not None)
        if isinstance(ready, bytes) or timestamper is None:
            return ready if isinstance(ready, bytes) else pdf
        ready.steps.send(await timestamper.async_timestamp(ready.digest, "sha256"))
    except (PdfError, SigningError, KeyError) as error:
        raise PdfNotSignable("the file cannot take validation data") from error
    return ready.output.getvalue()


def _last_alone(pdf: bytes) -> list[tuple[PlacedSignature, list[SignedMessage]]] | None:
    """A document timestamp, or the only signature, up to the very end: what is before it need not be read."""
    try:
        placed = last_by_its_bytes(pdf)
        if placed is None or not (placed.is_timestamp or pdf.count(b"/ByteRange") == 1):
            return None
        return [(placed, _messages(placed))]
    except (Doubt, ValueError):
        return None


def proof_ends(pdf: bytes) -> datetime | None:
    """When the certificate of the last timestamp expires, the document's or else a signature's; None without. Raises PdfNotSignable."""
    found = _last_alone(pdf) or _read(pdf)
    last = next((messages[0] for placed, messages in reversed(found) if placed.is_timestamp), None)
    if last is not None:
        return last.certificate.not_valid_after_utc
    return min((messages[1].certificate.not_valid_after_utc for _, messages in found if len(messages) > 1), default=None)


async def renew(pdf: bytes, *, crls: Sequence[bytes], timestamper: Timestamper, now: datetime, margin: timedelta = MARGIN) -> bytes | None:
    """The file with fresh validation data and a new timestamp if the last one's certificate ends within `margin`; None otherwise.

    Also None where the new timestamp would not last longer than the last one, so that calling it again changes nothing, and where it is too
    late: what has expired proves nothing any more. Raises as `extend` does.
    """
    until = await asyncio.to_thread(proof_ends, pdf)
    if until is None or not now < until <= now + margin:
        return None
    renewed = await extend(pdf, crls=crls, timestamper=timestamper)
    prolonged = await asyncio.to_thread(proof_ends, renewed)
    return renewed if prolonged is not None and prolonged > until else None
