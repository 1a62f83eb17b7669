"""The separate consent to face recognition (个人信息保护法 art. 29; 人脸识别技术应用安全管理办法 art. 5 to 8).

Any change of the text is a new version, and a new version asks everybody again. Declining is as good an answer as consenting.
"""

from __future__ import annotations

import hashlib

from core import audit
from core.actor import Actor
from core.clock import Clock
from core.db import transaction
from core.ids import new_id
from core.metrics import FACE_DECISIONS
from identity.liveness.errors import ConsentNeeded, ConsentTextChanged
from identity.liveness.flow import CREATED, EXPIRED
from identity.liveness.models import FaceConsent, Verification
from identity.liveness.views import ConsentView, OtherRoute

VERSION = "2026-11-1"
TEXT = """人脸核验告知书

一、为什么核验：您正在网上办理需要本人确认的事项。我们用人脸核验确认操作手机的是您本人。
二、怎么核验：您对着手机拍几张照片，系统与权威证件照片库中您的证件照片比对一次。
三、留下什么：照片和人脸特征只在核验的几秒钟内使用，得出结论后立即删除，不保存、不用于其他目的、不提供给他人。\
我们只保留核验结论、时间、算法版本和照片的数字摘要（不能还原照片），用于查证和防止冒用。
四、对您的影响：人脸信息属于敏感个人信息，一旦泄露难以更改，所以我们不留存它。
五、您可以不同意：不同意不影响办理。请预约窗口，由工作人员当面核对证件，效力相同，不另收费。
六、您可以撤回：在“我的—隐私”里随时撤回同意。撤回前已完成的核验仍然有效。
七、未满 14 周岁的，由监护人陪同到窗口核验。"""
TEXT_SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()

COUNTER = OtherRoute(
    code="book_counter",
    title="窗口当面核验",
    description="带上身份证，到预约的窗口由工作人员核对。效力与人脸核验相同，不另收费。",
)


class FaceConsents:
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def view(self, actor: Actor) -> ConsentView:
        """The current text, whether the caller has agreed to it, and the other way to prove one's identity."""
        return ConsentView(VERSION, TEXT, await self._current(actor.id) is not None, [COUNTER])

    async def grant(self, actor: Actor, version: str) -> ConsentView:
        """Agree to the text of `version`; ConsentTextChanged when that is not the current one."""
        if version != VERSION:
            raise ConsentTextChanged()
        if await self._current(actor.id) is None:
            now = self._clock.now()
            async with transaction():
                row = await FaceConsent.create(
                    id=new_id("consent"), account_id=actor.id, version=VERSION, text_sha256=TEXT_SHA256, granted_at=now
                )
                await audit.record(
                    f"account:{actor.id}",
                    "identity.face_consent_granted",
                    at=now,
                    actor=actor,
                    data={"consent": row.id, "version": VERSION, "text_sha256": TEXT_SHA256},
                )
        return await self.view(actor)

    async def decline(self, actor: Actor) -> ConsentView:
        """Say no, or withdraw an earlier yes; open face checks end. Answers with the route of equal rank, and is never an error."""
        now = self._clock.now()
        async with transaction():
            withdrawn = await FaceConsent.filter(account_id=actor.id, withdrawn_at=None).update(withdrawn_at=now)
            await Verification.filter(account_id=actor.id, method="face", state=CREATED).update(state=EXPIRED, open_for=None)
            await audit.record(
                f"account:{actor.id}",
                "identity.face_consent_withdrawn" if withdrawn else "identity.face_consent_declined",
                at=now,
                actor=actor,
                data={"version": VERSION},
            )
        FACE_DECISIONS.labels("declined").inc()
        return await self.view(actor)

    async def require(self, account_id: str, version: str) -> str:
        """The id of the valid consent; ConsentNeeded or ConsentTextChanged."""
        if version != VERSION:
            raise ConsentTextChanged()
        row = await self._current(account_id)
        if row is None:
            raise ConsentNeeded(fields={"consent_version": VERSION})
        return row.id

    async def _current(self, account_id: str) -> FaceConsent | None:
        return await FaceConsent.filter(account_id=account_id, version=VERSION, withdrawn_at=None).order_by("-id").first()
