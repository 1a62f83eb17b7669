"""Envelopes: one PDF, several signers in any order, each with a one-use certificate, visible handwriting and a trusted timestamp.

The request to sign is one short transaction (it consumes the identity assertion of the caller's room); the signature itself, which needs
the timestamp authority, is made by the worker, and recorded by a conditional update, so that a repeat leaves one signature.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog
from tortoise.expressions import Q

from core.clock import BEIJING, Clock
from core.crypto import Cipher
from core.db import transaction
from core.errors import Conflict, NotFound
from core.ids import new_id
from core.outbox import emit
from core.storage import StoredFile, Vault
from esign.authority import Purpose, issue_for_citizen
from esign.documents.appearance import BadHandwriting, SignatureAppearance, StrokePoint, require_handwriting
from esign.documents.render import Rendered
from esign.envelopes.errors import AlreadySigned, ConsentOutdated, HandwritingUnusable, ReadFirst
from esign.envelopes.events import EnvelopeSigned, SignatureRequested
from esign.envelopes.handwriting import HANDWRITING_TYPE, Handwriting
from esign.envelopes.models import Envelope, EnvelopeSigner
from esign.keys import KeyStore
from esign.long_term import MARGIN, proof_ends, renew
from esign.pades import FieldPlan, PdfNotSignable, Timestamper, prepare_fields, sign_pdf
from esign.signer import SigningIdentity

__all__ = [
    "CONSENT_TEXT",
    "CONSENT_VERSION",
    "HANDWRITING_TYPE",
    "Envelopes",
    "Handwriting",
    "SignatureInput",
    "SignerSlot",
    "SignerStanding",
]

CONSENT_VERSION = "sign-2026-11"
CONSENT_TEXT = "我已阅读全文，内容真实，同意以电子签名方式签署本承诺书，并知晓电子签名与手写签名或者盖章具有同等的法律效力。"
MIN_DWELL_SECONDS = 3

log = structlog.get_logger("envelopes")


@dataclass(frozen=True)
class SignerSlot:
    account_id: str
    name: str
    masked_id_number: str
    field: str


class SignatureInput(msgspec.Struct, frozen=True, kw_only=True):
    """What the phone sends: strokes of [x, y, milliseconds, pressure] points, the consent that was shown, and how it was read."""

    strokes: tuple[tuple[StrokePoint, ...], ...]
    consent_version: str
    dwell_seconds: float
    is_scrolled_to_end: bool


class SignerStanding(msgspec.Struct, frozen=True):
    account_id: str
    field: str
    state: str
    signed_at: datetime | None


class Envelopes:
    def __init__(
        self, *, clock: Clock, cipher: Cipher, vault: Vault, keys: KeyStore, timestamper: Timestamper, certificate_minutes: int
    ) -> None:
        self._clock, self._cipher, self._vault, self._keys = clock, cipher, vault, keys
        self._timestamper, self._minutes = timestamper, certificate_minutes

    async def prepare(self, document: Rendered, fields: Sequence[str]) -> StoredFile:
        """The file with one empty signature field a signer, stored. Its hash is what the identity check is bound to."""
        plans = [FieldPlan(name, document.boxes[name].page, document.boxes[name].rectangle) for name in fields]
        pdf = await asyncio.to_thread(prepare_fields, document.pdf, plans)
        return await self._vault.put(pdf, "application/pdf")

    async def open(self, prepared: StoredFile, slots: Sequence[SignerSlot], *, subject: str) -> str:
        """Open an envelope inside the caller's transaction; returns its id."""
        envelope = await Envelope.create(
            id=new_id("envelope"),
            subject=subject,
            state="open",
            original_sha256=prepared.sha256,
            current_sha256=prepared.sha256,
            created_at=self._clock.now(),
        )
        for slot in slots:
            signer_id = new_id("signer")
            await EnvelopeSigner.create(
                id=signer_id,
                envelope=envelope,
                account_id=slot.account_id,
                field=slot.field,
                state="waiting",
                person=self._seal(signer_id, "person", {"name": slot.name, "masked_id_number": slot.masked_id_number}),
            )
        return envelope.id

    async def void(self, envelope_id: str) -> None:
        await Envelope.filter(id=envelope_id).update(state="void")

    async def standing(self, envelope_id: str) -> list[SignerStanding]:
        rows = await EnvelopeSigner.filter(envelope_id=envelope_id).order_by("field")
        return [SignerStanding(row.account_id, row.field, row.state, row.signed_at) for row in rows]

    async def current_pdf(self, envelope_id: str) -> bytes:
        """The file as it stands; the caller has checked who asks."""
        envelope = await Envelope.get_or_none(id=envelope_id)
        if envelope is None:
            raise NotFound()
        return await self._vault.get(envelope.current_sha256)

    async def pdf_to_read(self, envelope_id: str, account_id: str) -> bytes:
        """For whoever has yet to sign, exactly the file that the signature will be bound to; for everybody else the file as it stands."""
        envelope = await Envelope.get_or_none(id=envelope_id)
        if envelope is None:
            raise NotFound()
        is_waiting = await EnvelopeSigner.exists(envelope_id=envelope_id, account_id=account_id, state="waiting")
        return await self._vault.get(envelope.original_sha256 if is_waiting else envelope.current_sha256)

    async def request_signature(
        self, envelope_id: str, account_id: str, given: SignatureInput, *, assertion_id: str, methods: Sequence[str], document_sha256: str
    ) -> None:
        """Record the will to sign, inside the caller's transaction. Raises NotFound, AlreadySigned, ConsentOutdated, ReadFirst,
        HandwritingUnusable; Conflict when the document is no longer the one the assertion was made for."""
        envelope = await Envelope.get_or_none(id=envelope_id, state="open")
        signer = await EnvelopeSigner.get_or_none(envelope_id=envelope_id, account_id=account_id)
        if envelope is None or signer is None:
            raise NotFound()
        if signer.state != "waiting":
            raise AlreadySigned()
        if envelope.original_sha256 != document_sha256:
            raise Conflict()
        if given.consent_version != CONSENT_VERSION:
            raise ConsentOutdated()
        if given.dwell_seconds < MIN_DWELL_SECONDS or not given.is_scrolled_to_end:
            raise ReadFirst()
        try:
            require_handwriting(given.strokes)
        except BadHandwriting:
            raise HandwritingUnusable() from None
        now = self._clock.now()
        evidence = self._evidence(envelope, signer, given, assertion_id, methods, now)
        done = await EnvelopeSigner.filter(id=signer.id, state="waiting").update(
            state="requested",
            request=self._seal(signer.id, "request", {"strokes": msgspec.to_builtins(given.strokes), "evidence": evidence}),
            assertion_id=assertion_id,
            evidence_sha256=_digest(evidence),
            requested_at=now,
        )
        if not done:
            raise AlreadySigned()
        await emit(SignatureRequested(envelope_id=envelope.id, signer_id=signer.id), at=now)

    def _evidence(
        self, envelope: Envelope, signer: EnvelopeSigner, given: SignatureInput, assertion_id: str, methods: Sequence[str], at: datetime
    ) -> dict[str, Any]:
        strokes = msgspec.json.encode(given.strokes)
        return {
            "envelope": envelope.id,
            "subject": envelope.subject,
            "document_sha256": envelope.original_sha256,
            "signer": signer.id,
            "assertion": assertion_id,
            "methods": sorted(methods),
            "consent_version": given.consent_version,
            "consent_sha256": hashlib.sha256(CONSENT_TEXT.encode()).hexdigest(),
            "dwell_seconds": round(given.dwell_seconds, 1),
            "strokes_sha256": hashlib.sha256(strokes).hexdigest(),
            "requested_at": at.isoformat(),
        }

    async def apply(self, envelope_id: str, signer_id: str) -> None:
        """Put a requested signature into the file (worker; idempotent). Raises what the timestamp authority raises, and Conflict when
        another signer's signature came in between: both are tried again by the relay."""
        envelope = await Envelope.get_or_none(id=envelope_id)
        signer = await EnvelopeSigner.get_or_none(id=signer_id, envelope_id=envelope_id)
        if envelope is None or signer is None or envelope.state != "open" or signer.state != "requested":
            return
        base = await self._vault.get(envelope.current_sha256)
        identity, signed = await self._sign(base, signer)
        ends = await asyncio.to_thread(proof_ends, signed)
        stored = await self._vault.put(signed, "application/pdf")
        now = self._clock.now()
        try:
            async with transaction():
                moved = await Envelope.filter(id=envelope.id, state="open", current_sha256=envelope.current_sha256).update(
                    current_sha256=stored.sha256, proof_ends_at=ends
                )
                if not moved:
                    raise Conflict()
                serial = f"{identity.certificate.serial_number:x}"
                if not await EnvelopeSigner.filter(id=signer.id, state="requested").update(
                    state="signed", signed_at=now, certificate_serial=serial
                ):
                    raise Conflict()
                is_complete = not await EnvelopeSigner.filter(envelope_id=envelope.id).exclude(state="signed").exists()
                if is_complete:
                    await Envelope.filter(id=envelope.id).update(state="complete")
                await emit(
                    EnvelopeSigned(
                        envelope_id=envelope.id,
                        subject=envelope.subject,
                        account_id=signer.account_id,
                        sha256=stored.sha256,
                        is_complete=is_complete,
                    ),
                    at=now,
                )
        except Conflict:
            # Rolled back for certain, so nothing refers to this signed copy.
            await self._vault.delete(stored.sha256)
            raise

    async def renew_timestamps(self, at_most: int = 20) -> int:
        """Put a timestamp over completely signed files whose proof ends within 90 days (worker; idempotent); returns over how many.

        Raises what the timestamp authority raises.
        """
        now, renewed = self._clock.now(), 0
        is_due = Q(proof_ends_at=None) | Q(proof_ends_at__gt=now, proof_ends_at__lte=now + MARGIN)
        for envelope in await Envelope.filter(is_due, state="complete").order_by("proof_ends_at", "id").limit(at_most):
            try:
                renewed += await self._renew_timestamp(envelope)
            except PdfNotSignable:
                # Not again every hour, in the way of others.
                await Envelope.filter(id=envelope.id, current_sha256=envelope.current_sha256).update(proof_ends_at=now)
                log.warning("envelope_not_renewable", envelope=envelope.id)
        return renewed

    async def _renew_timestamp(self, envelope: Envelope) -> bool:
        held = envelope.current_sha256
        pdf = await self._vault.get(held)
        longer = await renew(pdf, crls=await self._keys.crls(), timestamper=self._timestamper, now=self._clock.now())
        ends = await asyncio.to_thread(proof_ends, longer or pdf)
        mine = Envelope.filter(id=envelope.id, current_sha256=held)
        if longer is None:
            await mine.update(proof_ends_at=ends or self._clock.now())  # one from before this was written down, or without a timestamp
            return False
        stored = await self._vault.put(longer, "application/pdf")
        # The file before it stays: somebody may be fetching it, and the events name it.
        done = await mine.update(current_sha256=stored.sha256, proof_ends_at=ends)
        if not done:
            await self._vault.delete(stored.sha256)
        return bool(done)

    async def _sign(self, base: bytes, signer: EnvelopeSigner) -> tuple[SigningIdentity, bytes]:
        person = self._open(signer.id, "person", signer.person)
        request = self._open(signer.id, "request", signer.request or b"")
        strokes = msgspec.convert(request["strokes"], tuple[tuple[StrokePoint, ...], ...])
        now = self._clock.now()
        identity = issue_for_citizen(
            await self._keys.identity(Purpose.CITIZEN),
            name=person["name"],
            masked_id=person["masked_id_number"],
            evidence_sha256=bytes.fromhex(_digest(request["evidence"])),
            now=now,
            minutes=self._minutes,
            crl_url=self._keys.crl_url,
        )
        caption = f"{person['name']}　{now.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        signed = await sign_pdf(
            base,
            signer=identity,
            field=signer.field,
            appearance=SignatureAppearance(strokes=strokes, captions=(caption,)),
            reason="签署承诺书",
            location="零跑办",
            timestamper=self._timestamper,
            at=now,
            crls=await self._keys.crls(),
        )
        return identity, signed

    def _seal(self, signer_id: str, what: str, value: Any) -> bytes:
        return self._cipher.seal(json.dumps(value, ensure_ascii=False).encode(), context=f"envelope_signer:{signer_id}:{what}")

    def _open(self, signer_id: str, what: str, sealed: bytes) -> Any:
        return json.loads(self._cipher.open(bytes(sealed), context=f"envelope_signer:{signer_id}:{what}"))


def _digest(evidence: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
