"""Separate consents, one for faces and one for the kept picture.

个人信息保护法 art. 14, 15 and 29; 人脸识别技术应用安全管理办法 art. 5 to 8.

The texts are data (`consents.json`). Any change of a text is a new version, and a new version asks everybody again. Declining is as good an
answer as consenting; what was given and withdrawn stays on record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
from tortoise.expressions import F

from core import audit
from core.actor import SYSTEM, Actor
from core.clock import Clock
from core.db import transaction
from core.ids import new_id
from core.metrics import FACE_DECISIONS
from identity.audit_images.service import AuditImages
from identity.liveness.errors import ConsentNeeded, ConsentTextChanged
from identity.liveness.flow import CAPTURING, CREATED, FLOW
from identity.liveness.models import FaceConsent, Verification
from identity.liveness.views import ConsentRecord, ConsentView, FaceDataErased, OtherRoute

Kind = Literal["face", "audit_image"]
_FILE = Path(__file__).parent / "consents.json"


@dataclass(frozen=True)
class ConsentText:
    version: str
    title: str
    text: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


TEXTS: dict[str, ConsentText] = msgspec.json.decode(_FILE.read_bytes(), type=dict[str, ConsentText])
VERSION, AUDIT_IMAGE_VERSION = TEXTS["face"].version, TEXTS["audit_image"].version

COUNTER = OtherRoute(
    code="book_counter",
    title="窗口当面核验",
    description="带上身份证，到预约的窗口由工作人员核对。效力与人脸核验相同，不另收费。",
)
VIDEO = OtherRoute(
    code="video_check",
    title="视频核验",
    description="排个队，用手机摄像头和工作人员见面，拿着身份证由工作人员核对，不用出门。效力与人脸核验相同，不另收费。",
)
UKEY = OtherRoute(
    code="ukey",
    title="U 盾核验",
    description="用您名下的 U 盾（存有数字证书）签一段文字，由证书证明是您本人。效力与人脸核验相同，不另收费。",
)


class FaceConsents:
    """`images`: the store of kept pictures; None where none is ever kept. `has_video`: clerks can be met over video. `has_ukey`: the
    certificates of some authority are believed."""

    def __init__(self, *, clock: Clock, images: AuditImages | None = None, has_video: bool = False, has_ukey: bool = False) -> None:
        self._clock, self._images = clock, images
        self._others = [*([VIDEO] if has_video else []), *([UKEY] if has_ukey else []), COUNTER]

    async def view(self, actor: Actor, kind: Kind = "face") -> ConsentView:
        """The current text, whether the caller has agreed to it, and the other ways to prove one's identity."""
        text = TEXTS[kind]
        return ConsentView(text.version, text.text, await self.current(actor.id, kind) is not None, self._others if kind == "face" else [])

    async def grant(self, actor: Actor, version: str, kind: Kind = "face") -> ConsentView:
        """Agree to the text of `version`; ConsentTextChanged when that is not the current one."""
        text = TEXTS[kind]
        if version != text.version:
            raise ConsentTextChanged()
        if await self.current(actor.id, kind) is None:
            now = self._clock.now()
            async with transaction():
                row = await FaceConsent.create(
                    id=new_id("consent"), account_id=actor.id, kind=kind, version=version, text_sha256=text.sha256, granted_at=now
                )
                await audit.record(
                    f"account:{actor.id}",
                    f"identity.{kind}_consent_granted",
                    at=now,
                    actor=actor,
                    data={"consent": row.id, "version": version, "text_sha256": text.sha256},
                )
        return await self.view(actor, kind)

    async def decline(self, actor: Actor, kind: Kind = "face") -> ConsentView:
        """Say no, or withdraw an earlier yes: face checks end, also one that is running, or kept pictures are deleted. Never an error."""
        async with transaction():
            await self._withdraw(actor, kind)
        if kind == "audit_image" and self._images is not None:
            await self._images.erase(actor)
        if kind == "face":
            FACE_DECISIONS.labels("declined").inc()
        return await self.view(actor, kind)

    async def _withdraw(self, actor: Actor, kind: Kind) -> bool:
        now = self._clock.now()
        withdrawn = await FaceConsent.filter(account_id=actor.id, kind=kind, withdrawn_at=None).update(withdrawn_at=now)
        if kind == "face":
            await end_checks(actor.id)
        action = f"identity.{kind}_consent_{'withdrawn' if withdrawn else 'declined'}"
        await audit.record(f"account:{actor.id}", action, at=now, actor=actor, data={"version": TEXTS[kind].version})
        return bool(withdrawn)

    async def erase(self, actor: Actor) -> FaceDataErased:
        """Withdraw every consent, which ends what is running, and delete every kept picture.

        Conclusions and digests, which show nobody, stay on record.
        """
        async with transaction():
            withdrawn = [kind for kind in ("face", "audit_image") if await self._withdraw(actor, kind)]
        return FaceDataErased(withdrawn, await self._images.erase(actor) if self._images is not None else 0)

    async def history(self, actor: Actor) -> list[ConsentRecord]:
        """Every consent the caller gave, newest first, at most 100; with the digest of the text it was given to."""
        rows = await FaceConsent.filter(account_id=actor.id).order_by("-granted_at", "-id").limit(100)
        return [
            ConsentRecord(row.id, row.kind, TEXTS[row.kind].title, row.version, row.text_sha256, row.granted_at, row.withdrawn_at)
            for row in rows
        ]

    async def require(self, account_id: str, version: str) -> str:
        """The id of the valid consent to the face check; ConsentNeeded or ConsentTextChanged."""
        if version != VERSION:
            raise ConsentTextChanged()
        found = await self.current(account_id, "face")
        if found is None:
            raise ConsentNeeded(fields={"consent_version": VERSION})
        return found

    async def hold(self, consent_id: str) -> None:
        """Inside a transaction: ConsentNeeded if the consent was withdrawn meanwhile; else a withdrawal waits for the transaction's end."""
        if not await FaceConsent.filter(id=consent_id, withdrawn_at=None).update(withdrawn_at=None):
            raise ConsentNeeded(fields={"consent_version": VERSION})

    async def current(self, account_id: str, kind: Kind) -> str | None:
        """The id of the consent to the current text, if it was given and not withdrawn."""
        mine = FaceConsent.filter(account_id=account_id, kind=kind, version=TEXTS[kind].version, withdrawn_at=None)
        row = await mine.order_by("-id").first()
        return row.id if row else None


async def end_checks(account_id: str) -> int:
    """End an account's open face checks inside the caller's transaction. Whoever is judging one finds its version changed and stops."""
    ended = 0
    for state in (CREATED, CAPTURING):
        target = FLOW.move(state, "expire", SYSTEM).target
        ended += await Verification.filter(account_id=account_id, method="face", state=state).update(
            state=target, open_for=None, lease_until=None, provider_ticket=None, version=F("version") + 1
        )
    return ended
