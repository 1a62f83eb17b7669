"""A citizen's kept pictures: see what there is and who looked, delete."""

from __future__ import annotations

from core.errors import NotFound
from core.http.routes import Audience, Call, Routes
from identity.audit_images.service import AuditImages
from identity.audit_images.views import Deleted, MyAuditImages

routes = Routes("audit_images", "/api/citizen/audit-images", Audience.CITIZEN)


@routes.get("", returns=MyAuditImages, summary="保留的核验照片和查看记录")
async def list_audit_images(call: Call) -> MyAuditImages:
    return await call.service(AuditImages).mine(call.actor)


@routes.delete("/<image_id:str>", returns=Deleted, summary="删除一张保留的核验照片", errors=(NotFound,))
async def delete_audit_image(call: Call) -> Deleted:
    await call.service(AuditImages).delete(call.actor, call.path["image_id"])
    return Deleted(1)
