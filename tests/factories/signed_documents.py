"""Signed PDFs as the product makes them: a sealed licence, and a commitment that two people sign one after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.clock import ManualClock
from esign.documents.appearance import SignatureAppearance, StrokePoint
from esign.documents.render import COMMITMENT, LICENCE, render_document
from esign.documents.seal import SealDesign, seal_picture
from esign.long_term import extend
from esign.pades import FieldPlan, Timestamper, prepare_fields, sign_pdf
from esign.signer import SigningIdentity
from esign.timestamps.client import LocalTimestamper
from tests.factories.certificates import TinyAuthority
from tests.factories.documents import CREATED_AT, commitment_data, licence_data

CREDENTIAL = bytes(range(256)) * 2
HANDWRITING = tuple(
    tuple(StrokePoint(40 * j + 30 * math.cos(i / 6 + j), 50 + 40 * math.sin(i / 5), i * 8, abs(math.sin(i / 9))) for i in range(40))
    for j in range(3)
)


class Signers:
    """An authority, a clock and a time-stamper that belong together."""

    def __init__(self) -> None:
        self.authority = TinyAuthority()
        self.clock = ManualClock(CREATED_AT)
        self.timestamper: Timestamper = LocalTimestamper(self.authority.timestamper(), self.clock)

    @property
    def later(self) -> datetime:
        """Two years on: citizens' certificates have long expired."""
        return self.clock.now() + timedelta(days=730)

    async def licence(
        self, *, signer: SigningIdentity | None = None, has_timestamp: bool = True, owner: str = "陈𠮷祥", crls: Sequence[bytes] = ()
    ) -> bytes:
        rendered = render_document(
            LICENCE, licence_data(owner=owner), created_at=CREATED_AT, attachments={"licence.cwt": (CREDENTIAL, "application/cwt")}
        )
        box = rendered.boxes["seal"]
        drawing = seal_picture(SealDesign("临江市市场监督管理局", code="3301000012345"), "svg", CREATED_AT).decode()
        return await sign_pdf(
            rendered.pdf,
            signer=signer or self.authority.seal(),
            field="seal",
            page=box.page,
            box=box.rectangle,
            appearance=SignatureAppearance(drawing_svg=drawing),
            reason="签发电子证照",
            location="临江市",
            timestamper=self.timestamper if has_timestamp else None,
            at=self.clock.now(),
            doc_mdp=True,
            crls=crls,
        )

    def blank_commitment(self) -> bytes:
        rendered = render_document(COMMITMENT, commitment_data(), created_at=CREATED_AT)
        return prepare_fields(rendered.pdf, [FieldPlan(name, box.page, box.rectangle) for name, box in rendered.boxes.items()])

    async def sign(self, pdf: bytes, field: str, name: str, *, crls: Sequence[bytes] = ()) -> bytes:
        return await sign_pdf(
            pdf,
            signer=self.authority.citizen(name, self.clock.now()),
            field=field,
            appearance=SignatureAppearance(strokes=HANDWRITING, captions=(f"{name} 2026-03-05 10:30:00 签署",)),
            reason="签署承诺书",
            location="临江市",
            timestamper=self.timestamper,
            at=self.clock.now(),
            crls=crls,
        )

    async def commitment(self) -> bytes:
        once = await self.sign(self.blank_commitment(), "signer-1", "陈𠮷祥")
        self.clock.advance(hours=5)
        return await self.sign(once, "signer-2", "林喆")

    async def kept(self, pdf: bytes, *, is_archived: bool = True) -> bytes:
        """The file at B-LTA, or at B-LT."""
        return await extend(pdf, crls=self.authority.crls(self.clock.now()), timestamper=self.timestamper if is_archived else None)
