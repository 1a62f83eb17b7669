"""PAdES signatures (ETSI EN 319 142-1), P-256 with SHA-256 only: B-B; B-T with a time-stamper, B-LT with revocation lists too.

`long_term` goes on from there.

A visible signature draws the handwriting or the seal inside its field. Fields for later signers are reserved before the first signature
(`prepare_fields`), so that filling one changes nothing else: that is what `pdf_verification` accepts, and all it accepts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field, ensure_sig_flags, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from esign.documents.appearance import SignatureAppearance, appearance_pdf
from esign.security_store import add_to_store
from esign.signer import SigningIdentity

Rectangle = tuple[float, float, float, float]
Timestamper = TimeStamper
_CMS_OVERHEAD = 1024
TIMESTAMP_ROOM = 8192
"""Bytes kept for a timestamp token: a qualified authority's chain of three RSA certificates takes about 6,000."""


class PdfNotSignable(ValueError):
    """The file cannot be read, the field is not there or already signed, or the certificate chain does not fit."""


@dataclass(frozen=True)
class FieldPlan:
    """An empty signature field to reserve: page from 0, box in points from the lower left corner (x1, y1, x2, y2)."""

    name: str
    page: int
    box: Rectangle


class QuietWriter(IncrementalPdfFileWriter):
    """Leaves metadata alone: a later signature must change its own field and nothing else."""

    def _update_meta(self) -> None:
        return


def open_quietly(pdf: bytes) -> QuietWriter:
    """A writer of one incremental update. Raises PdfNotSignable."""
    try:
        return QuietWriter(BytesIO(pdf))
    except (PdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise PdfNotSignable("the file is not a readable PDF") from error


def append_field(writer: QuietWriter, plan: FieldPlan) -> None:
    """An empty signature field; invisible where its box has no size."""
    # Rounded as pyHanko writes numbers, so that the appearance has exactly the field's size.
    box: Any = tuple(round(value, 2) for value in plan.box)
    append_signature_field(writer, SigFieldSpec(plan.name, on_page=plan.page, box=box, empty_field_appearance=False))
    ensure_sig_flags(writer, lock_sig_flags=True)


def prepare_fields(pdf: bytes, plans: Sequence[FieldPlan]) -> bytes:
    """The file with one empty signature field a plan. Call it before anybody signs. Raises PdfNotSignable."""
    writer = open_quietly(pdf)
    out = BytesIO()
    try:
        if any(True for _ in enumerate_sig_fields(writer, filled_status=True)):
            raise PdfNotSignable("somebody has signed already")
        for plan in plans:
            append_field(writer, plan)
        writer.write(out)  # type: ignore[no-untyped-call]
    except (PdfError, ValueError, KeyError) as error:
        raise PdfNotSignable(str(error)) from error
    return out.getvalue()


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _without_anchor(signer: SigningIdentity) -> list[x509.Certificate]:
    """The chain but for the anchor, which is the verifier's own business."""
    return [certificate for certificate in signer.chain if certificate.subject != certificate.issuer]


def _cms_signer(signer: SigningIdentity) -> Any:
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for certificate in _without_anchor(signer):
        registry.register(_asn1(certificate))
    key = signer.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(_asn1(signer.certificate), asn1_keys.PrivateKeyInfo.load(key), registry, embed_roots=False)


def _room(signer: SigningIdentity, has_timestamp: bool) -> int:
    size = sum(len(certificate.public_bytes(Encoding.DER)) for certificate in (signer.certificate, *signer.chain))
    return size + _CMS_OVERHEAD + (TIMESTAMP_ROOM if has_timestamp else 0)


def _draw(writer: QuietWriter, field: Any, appearance: SignatureAppearance, at: datetime) -> None:
    x1, y1, x2, y2 = (float(value) for value in field["/Rect"])
    drawn = appearance_pdf(appearance, width=abs(x2 - x1), height=abs(y2 - y1), created_at=at)
    picture = writer.import_page_as_xobject(PdfFileReader(BytesIO(drawn)), page_ix=0)
    field["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): picture})  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class _Prepared:
    """A file with an empty place for the signature, and the digest to sign."""

    steps: Generator[Any, Any, None]
    digest: bytes
    output: BytesIO


def _prepare(
    pdf: bytes,
    plan: FieldPlan,
    appearance: SignatureAppearance | None,
    placeholder: SignatureObject,
    at: datetime,
    *,
    signer: SigningIdentity,
    crls: Sequence[bytes],
    doc_mdp: bool,
) -> _Prepared:
    writer = open_quietly(pdf)
    known = {name: value for name, value, _ in enumerate_sig_fields(writer)}
    if known.get(plan.name) is not None:
        raise PdfNotSignable("the field is signed already")
    if plan.name not in known:
        append_field(writer, plan)
    if crls and not any(value is not None for value in known.values()):
        # Only under the first signature: afterwards filling a field must change nothing else.
        add_to_store(writer, [signer.certificate, *_without_anchor(signer)], crls)
    steps = PdfCMSEmbedder().write_cms(plan.name, writer, existing_fields_only=True)
    field = next(steps).get_object()
    if appearance is not None:
        _draw(writer, field, appearance, at)
    mdp = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.FILL_FORMS) if doc_mdp else None
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=mdp))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    return _Prepared(steps, prepared.document_digest, output)


async def sign_pdf(
    pdf: bytes,
    *,
    signer: SigningIdentity,
    field: str,
    page: int = 0,
    box: Rectangle = (0, 0, 0, 0),
    appearance: SignatureAppearance | None,
    reason: str,
    location: str,
    timestamper: Timestamper | None,
    at: datetime,
    doc_mdp: bool = False,
    crls: Sequence[bytes] = (),
) -> bytes:
    """The signed file: `pdf` with one incremental update.

    `field` is filled when it was reserved by `prepare_fields` (`page` and `box` are then not looked at) and made at `page`, `box`
    otherwise. `at` (aware) is the claimed signing time; the trusted one is in the timestamp. `doc_mdp` certifies the file (DocMDP P=2).
    `crls` (DER, in force now) go into the security store under the first signature: with a timestamp that is B-LT at once, without
    a further update that would make other readers say "changed since signing".
    Raises PdfNotSignable, BadHandwriting, and whatever the time-stamper raises; nothing is kept then.
    """
    plan = FieldPlan(field, page, box)
    # Hexadecimal digits, hence twice the bytes.
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
        bytes_reserved=2 * _room(signer, timestamper is not None),
    )
    try:
        ready = await asyncio.to_thread(_prepare, pdf, plan, appearance, placeholder, at, signer=signer, crls=crls, doc_mdp=doc_mdp)
        cms = await _cms_signer(signer).async_sign(
            ready.digest, "sha256", use_pades=True, timestamper=timestamper, signed_attr_settings=PdfCMSSignedAttributes()
        )
        ready.steps.send(cms)
    except (PdfError, SigningError, KeyError) as error:
        raise PdfNotSignable("the file cannot take this signature") from error
    return ready.output.getvalue()
