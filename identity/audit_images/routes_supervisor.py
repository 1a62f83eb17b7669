"""Kept pictures in a dispute: every look has a reason and is on record, where its person reads it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import NotFound
from core.http.routes import Audience, Binary, Call, Routes
from identity.audit_images.service import AuditImages, Reason
from identity.audit_images.views import AuditImageView

routes = Routes("audit_images", "/api/supervisor/identity/audit-images", Audience.SUPERVISOR)


class OfAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]


class LookAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    image_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    reason: Reason


@routes.get("", query=OfAccount, returns=list[AuditImageView], summary="一个账号保留的核验照片（不含画面）")
async def audit_images_of(call: Call) -> list[AuditImageView]:
    return await call.service(AuditImages).of_account(call.actor, call.query.account_id)


@routes.post("/looks", body=LookAt, returns=Binary, summary="查看一张核验照片（写明原因，本人可见）", errors=(NotFound,))
async def look_at_audit_image(call: Call, body: LookAt) -> Binary:
    picture = await call.service(AuditImages).look(call.actor, body.image_id, body.reason)
    return Binary(picture, "image/jpeg", headers={"Cache-Control": "no-store"})
