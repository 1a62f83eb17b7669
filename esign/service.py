"""The door of `esign`: papers, seals, credentials, envelopes, published lists, and the judgement of what others bring."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

import msgspec

from core.clock import Clock
from core.isolation import Isolated, IsolationFailed
from esign.algorithms.sm2 import library_version as sm2_library
from esign.authority import Purpose
from esign.credentials import cwt, qr
from esign.credentials.cwt import LicenceClaims, StatusReference
from esign.credentials.status_list import Status
from esign.credentials.trust_list import parse as parse_trust_list
from esign.current_lists import CurrentLists
from esign.documents.appearance import SignatureAppearance
from esign.documents.data import CommitmentData, LicenceData, Line, MaterialRow, NoticeData, Party
from esign.documents.glyphs import missing_fonts
from esign.documents.pages import DocumentPages, PagePictures
from esign.documents.render import COMMITMENT, LICENCE, NOTICE, Rendered, render, render_document
from esign.documents.seal import SealDesign, seal_picture
from esign.errors import VerifierBusy
from esign.keys import KeyStore
from esign.long_term import MARGIN as RENEWAL_MARGIN
from esign.long_term import proof_ends, renew
from esign.pades import PdfNotSignable, Timestamper, sign_pdf
from esign.pdf_verification.inspection import isolated_facts
from esign.plain_words import Fact, PlainVerdict, facts_zh, verdict_zh
from esign.publication.service import Publication
from esign.report import Report, exit_code, summary_zh
from esign.report import as_json as report_json
from esign.signer import SigningIdentity
from esign.timestamps.client import HttpTimestamper
from esign.timestamps.server import answer as timestamp_answer
from esign.verification import is_light, verify
from esign.verification_process import VerificationRequest, unanswered

__all__ = [
    "COMMITMENT",
    "LICENCE",
    "NOTICE",
    "RENEWAL_MARGIN",
    "CommitmentData",
    "DocumentPages",
    "Esign",
    "Fact",
    "HttpTimestamper",
    "KeyStore",
    "LicenceClaims",
    "LicenceData",
    "Line",
    "MaterialRow",
    "NoticeData",
    "Party",
    "PdfNotSignable",
    "PlainVerdict",
    "Rendered",
    "Report",
    "SealDesign",
    "Status",
    "StatusReference",
    "exit_code",
    "facts_zh",
    "missing_fonts",
    "render",
    "render_document",
    "report_json",
    "sm2_library",
    "summary_zh",
    "verdict_zh",
    "verify",
]


class Esign:
    """`host` stands in QR codes (`https://<host>/v#…`). `verifier` and `inspector` run in killable processes."""

    def __init__(
        self,
        *,
        clock: Clock,
        keys: KeyStore,
        publication: Publication,
        timestamper: Timestamper,
        host: str,
        verifier: Isolated,
        inspector: Isolated,
    ) -> None:
        self._clock, self._keys, self._publication = clock, keys, publication
        self._timestamper, self.host = timestamper, host
        self._verifier, self._inspector = verifier, inspector
        self._lists = CurrentLists(publication, clock)
        self._pictures = PagePictures()

    async def ensure_authority(self, code: str, name: str) -> None:
        """Have keys for an issuing authority (local test authority; idempotent)."""
        await self._keys.ensure_local_authority(code, name)

    async def allocate_status(self, credential_id: str, authority: str) -> StatusReference:
        return await self._publication.allocate(credential_id, authority)

    async def set_status(self, credential_id: str, status: Status) -> None:
        """Inside the caller's transaction; call `lists_changed` after it, so that verifications here see it at once."""
        await self._publication.set_status(credential_id, status)
        self._lists.forget()

    def lists_changed(self) -> None:
        """A change of status or keys has been committed: judge by the new lists from now on. Other processes follow within a second."""
        self._lists.forget()

    async def credential(self, claims: LicenceClaims, authority: str) -> bytes:
        """The signed CWT of a licence, with the authority's licence key."""
        return cwt.issue(claims, await self._keys.identity(Purpose.LICENCE, authority))

    def qr_svg(self, credential: bytes) -> str:
        return qr.svg(credential, self.host)

    def qr_png(self, credential: bytes) -> bytes:
        return qr.png(credential, self.host)

    async def sealed_licence(self, data: LicenceData, credential: bytes, authority: str, seal: SealDesign, at: datetime) -> bytes:
        """A fresh licence PDF with the credential attached, sealed by the authority: PAdES B-LT, all under the signature."""
        document = await asyncio.to_thread(
            render_document, LICENCE, data, created_at=at, attachments={"licence.cwt": (credential, "application/cwt")}
        )
        box = document.boxes["seal"]
        drawing = await asyncio.to_thread(seal_picture, seal, "svg", at.replace(hour=0, minute=0, second=0, microsecond=0))
        return await sign_pdf(
            document.pdf,
            signer=await self._keys.identity(Purpose.SEAL, authority),
            field="seal",
            page=box.page,
            box=box.rectangle,
            appearance=SignatureAppearance(drawing_svg=drawing.decode()),
            reason="签发证照",
            location=data.authority,
            timestamper=self._timestamper,
            at=at,
            doc_mdp=True,
            crls=await self._keys.crls(),
        )

    async def proof_ends(self, pdf: bytes) -> datetime | None:
        """When the certificate of a signed file's last timestamp expires; None without a timestamp. Raises PdfNotSignable."""
        return await asyncio.to_thread(proof_ends, pdf)

    async def renewed(self, pdf: bytes) -> bytes | None:
        """A signed file whose last timestamp ends within 90 days, with a new one over it (PAdES B-LTA); None where none is due.

        Twice on one day adds one. Raises PdfNotSignable for a file without a readable signature, TimestampUnavailable.
        """
        return await renew(pdf, crls=await self._keys.crls(), timestamper=self._timestamper, now=self._clock.now())

    async def pages(self, pdf: bytes) -> DocumentPages:
        """Number, size and text of the pages of a document that we made."""
        return await self._pictures.pages(pdf)

    async def page_picture(self, pdf: bytes, name: str) -> bytes:
        """The PNG called `1.png`, `2.png` …; NotFound for a page that the document has not."""
        return await self._pictures.picture(pdf, name)

    async def timestamp(self, request_der: bytes) -> bytes:
        """Answer as the development timestamp authority (RFC 3161)."""
        signer: SigningIdentity = await self._keys.identity(Purpose.TIMESTAMP)
        return await asyncio.to_thread(timestamp_answer, request_der, signer=signer, clock=self._clock)

    async def status_list(self, list_id: str) -> bytes:
        return await self._publication.status_list(list_id)

    async def crl(self, kid: str) -> bytes:
        """Today's revocation list of one of our issuers, DER. Raises SigningKeyUnknown."""
        return await self._keys.crl(kid)

    async def trust_list(self) -> bytes:
        return await self._publication.trust_list()

    async def jwks(self) -> Mapping[str, object]:
        return parse_trust_list(await self._publication.trust_list()).jwks()

    async def verify_for_stranger(self, data: bytes | str) -> Report:
        """Judge a PDF, a picture or a code that anybody brings against the lists of today.

        The text of a code and a bare credential are a few kilobytes with one bounded way to read them: that happens here. Pictures and
        PDFs are judged in a process that may be killed. Raises VerifierBusy when too many wait for it.
        """
        now = self._clock.now()
        lists = await self._lists.current()
        if isinstance(data, str) or is_light(data):
            return verify(data, trust=lists.trust, status=lists.statuses, at=now)
        request = VerificationRequest(data=data, trust=lists.trust, statuses=list(lists.statuses), at=now)
        try:
            return msgspec.json.decode(await self._verifier.call(msgspec.msgpack.encode(request)), type=Report)
        except IsolationFailed as failure:
            if failure.reason == "busy":
                raise VerifierBusy() from None
            return unanswered(now)

    async def pdf_pages(self, data: bytes) -> int:
        """Pages of an uploaded PDF. ValueError when it is broken, encrypted, carries programs, or takes too long to read.

        Attached files are let through: sealed licences carry their credential in one. Raises VerifierBusy when too many wait.
        """
        try:
            facts = isolated_facts(await self._inspector.call(data))
        except IsolationFailed as failure:
            if failure.reason == "busy":
                raise VerifierBusy() from None
            raise ValueError("not readable in time") from None
        if not facts.is_usable or facts.has_javascript or facts.has_active_content:
            raise ValueError("not acceptable")
        return facts.pages
