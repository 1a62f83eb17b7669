"""Keep, show, delete and count pictures of faces. Nobody is asked here whether one may be kept: the caller has the consent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from prometheus_client import Gauge
from tortoise.queryset import QuerySet

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.errors import Forbidden, NotFound
from core.ids import new_id
from core.metrics import REGISTRY
from core.storage import ObjectStore
from identity.audit_images.config import AuditImageConfig
from identity.audit_images.jpeg import without_notes
from identity.audit_images.models import AuditImage, AuditImageLook
from identity.audit_images.views import AuditImageView, LookView, MyAuditImages

__all__ = ["AuditImageConfig", "AuditImages", "Reason", "StoredFaces", "stored_faces"]

Reason = Literal["dispute", "complaint", "court_order"]
FILING_AT, WARN_AT = 100_000, 80_000
"""People whose faces are stored: from 100,000 on an operator files with the authority within 30 working days
(人脸识别技术应用安全管理办法 art. 15). The alarm comes in time to prepare that, or to keep fewer."""

STORED_FACES = Gauge("zt_stored_faces", "People of whom a picture of the face is stored.", registry=REGISTRY)
STORED_FACES_ALARM = Gauge("zt_stored_faces_alarm", "1 when stored faces come near the number that must be filed.", registry=REGISTRY)


@dataclass(frozen=True)
class StoredFaces:
    people: int

    @property
    def is_alarm(self) -> bool:
        return self.people >= WARN_AT

    @property
    def must_file(self) -> bool:
        return self.people >= FILING_AT


async def stored_faces() -> StoredFaces:
    """How many people's faces are stored now; also sets the metrics."""
    people = await AuditImage.all().distinct().values_list("account_id", flat=True)
    found = StoredFaces(len(people))
    STORED_FACES.set(found.people)
    STORED_FACES_ALARM.set(found.is_alarm)
    return found


class AuditImages:
    """`store` holds nothing else."""

    def __init__(self, *, clock: Clock, cipher: Cipher, store: ObjectStore, config: AuditImageConfig) -> None:
        self._clock, self._cipher, self._store, self._config = clock, cipher, store, config

    async def keep(self, *, account_id: str, verification_id: str, consent_id: str, picture: bytes) -> str | None:
        """Keep one JPEG of a verification, without its metadata; outside any transaction.

        The image's id; None if the picture is no JPEG or one is kept already.
        """
        bare = without_notes(picture)
        if bare is None:
            return None
        image_id, now = new_id("picture"), self._clock.now()
        try:
            async with transaction():
                await AuditImage.create(
                    id=image_id,
                    account_id=account_id,
                    verification_id=verification_id,
                    consent_id=consent_id,
                    sha256=hashlib.sha256(bare).hexdigest(),
                    kept_at=now,
                    expires_at=now + self._config.life,
                )
                data = {"image": image_id, "verification": verification_id, "consent": consent_id}
                await audit.record(f"account:{account_id}", "identity.audit_image_kept", at=now, actor=SYSTEM, data=data)
        except IntegrityError:
            return None
        await self._store.put(image_id, self._cipher.seal(bare, context=_context(image_id)))
        if not await AuditImage.exists(id=image_id):
            # Deleted between the row and the picture: the wish to have it gone came first.
            await self._store.delete(image_id)
            return None
        return image_id

    async def mine(self, actor: Actor) -> MyAuditImages:
        """What is kept of the caller and who looked at it, at most 100 of each."""
        images = await self._living().filter(account_id=actor.id).order_by("-kept_at").limit(100)
        looks = await AuditImageLook.filter(account_id=actor.id).order_by("-looked_at").limit(100)
        return MyAuditImages([_view(row) for row in images], [LookView(row.viewer_kind, row.reason, row.looked_at) for row in looks])

    async def of_account(self, viewer: Actor, account_id: str) -> list[AuditImageView]:
        """For those who settle disputes: what there is, without the picture. Forbidden."""
        _admit(viewer)
        return [_view(row) for row in await self._living().filter(account_id=account_id).order_by("-kept_at").limit(100)]

    async def look(self, viewer: Actor, image_id: str, reason: Reason) -> bytes:
        """The picture (JPEG); the look is on record before it is shown. Forbidden, NotFound."""
        _admit(viewer)
        row = await self._living().get_or_none(id=image_id)
        if row is None:
            raise NotFound()
        now = self._clock.now()
        async with transaction():
            await AuditImageLook.create(
                id=new_id("look"),
                image_id=row.id,
                account_id=row.account_id,
                viewer_kind=viewer.kind.value,
                viewer_id=viewer.id,
                reason=reason,
                looked_at=now,
            )
            data = {"image": row.id, "reason": reason}
            await audit.record(f"account:{row.account_id}", "identity.audit_image_viewed", at=now, actor=viewer, data=data)
        try:
            sealed = await self._store.get(row.id)
        except FileNotFoundError:
            raise NotFound() from None
        return self._cipher.open(sealed, context=_context(row.id))

    async def delete(self, actor: Actor, image_id: str) -> None:
        """Delete one's own picture. NotFound for an unknown or foreign one."""
        row = await AuditImage.get_or_none(id=image_id, account_id=actor.id) if actor.kind is Role.CITIZEN else None
        if row is None:
            raise NotFound()
        await self._delete(row, actor, "at_own_wish")

    async def erase(self, actor: Actor) -> int:
        """Delete all pictures of the caller; returns how many there were."""
        rows = await AuditImage.filter(account_id=actor.id)
        for row in rows:
            await self._delete(row, actor, "at_own_wish")
        return len(rows)

    async def drop(self, image_id: str) -> None:
        """Delete a picture whose consent was withdrawn while it was being kept."""
        row = await AuditImage.get_or_none(id=image_id)
        if row is not None:
            await self._delete(row, SYSTEM, "consent_withdrawn")

    async def sweep(self) -> int:
        """Delete what has run out; returns how many. Several processes may do so at once."""
        rows = await AuditImage.filter(expires_at__lte=self._clock.now()).limit(1000)
        for row in rows:
            await self._delete(row, SYSTEM, "expired")
        return len(rows)

    async def _delete(self, row: AuditImage, actor: Actor, why: str) -> None:
        await self._store.delete(row.id)
        async with transaction():
            if await AuditImage.filter(id=row.id).delete():
                data = {"image": row.id, "why": why}
                await audit.record(
                    f"account:{row.account_id}", "identity.audit_image_deleted", at=self._clock.now(), actor=actor, data=data
                )
        # Whoever was keeping it wrote between the two, and still saw the row.
        await self._store.delete(row.id)

    def _living(self) -> QuerySet[AuditImage]:
        return AuditImage.filter(expires_at__gt=self._clock.now())


def _admit(viewer: Actor) -> None:
    if viewer.kind is not Role.SUPERVISOR:
        raise Forbidden()


def _context(image_id: str) -> str:
    return f"identity_audit_image:{image_id}"


def _view(row: AuditImage) -> AuditImageView:
    return AuditImageView(row.id, row.verification_id, row.kept_at, row.expires_at)
