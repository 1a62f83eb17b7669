"""Hand one picture of a decided check to the store of kept pictures, if its person wants that.

Clips give none: they are taken apart in the vision process only, which lets no picture out.
"""

from __future__ import annotations

import structlog

from identity.audit_images.service import AuditImages
from identity.liveness.consent import FaceConsents
from identity.liveness.flow import DECIDED
from identity.liveness.models import Verification

log = structlog.get_logger("liveness")


class PictureKeeper:
    """`images`: None where no picture is ever kept."""

    def __init__(self, *, consents: FaceConsents, images: AuditImages | None) -> None:
        self._consents, self._images = consents, images

    async def is_wanted(self, account_id: str) -> bool:
        return self._images is not None and await self._consents.current(account_id, "audit_image") is not None

    async def keep(self, row: Verification, picture: bytes | None) -> None:
        """Call after the verdict is written, outside any transaction. A store that fails does not undo the verdict."""
        if self._images is None or picture is None:
            return
        consent_id = await self._consents.current(row.account_id, "audit_image")
        if consent_id is None or not await Verification.exists(id=row.id, state=DECIDED):
            return
        try:
            kept = await self._images.keep(account_id=row.account_id, verification_id=row.id, consent_id=consent_id, picture=picture)
            if kept is not None and await self._consents.current(row.account_id, "audit_image") != consent_id:
                # Withdrawn between the question and the picture, when there was none yet to delete.
                await self._images.drop(kept)
        except Exception as error:
            log.error("audit_image_not_kept", kind=type(error).__name__)
