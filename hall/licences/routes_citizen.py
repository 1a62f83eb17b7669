"""The holder's wallet."""

from __future__ import annotations

from core.http.routes import Audience, Binary, Call, Routes
from esign.service import DocumentPages, Esign
from hall.licences.service import Licences
from hall.licences.views import LicenceView, licence_view

routes = Routes("licences", "/api/citizen", Audience.CITIZEN)


@routes.get("/licences", returns=list[LicenceView], summary="我的证照")
async def list_licences(call: Call) -> list[LicenceView]:
    licences = call.service(Licences)
    return [licence_view(licence, licences.allowed(licence, call.actor)) for licence in await licences.wallet(call.actor)]


@routes.get("/licences/<licence_id:str>", returns=LicenceView, summary="查看一张证照")
async def show_licence(call: Call) -> LicenceView:
    licences = call.service(Licences)
    licence = await licences.of_holder(call.actor, call.path["licence_id"])
    return licence_view(licence, licences.allowed(licence, call.actor))


@routes.get("/licences/<licence_id:str>/licence.pdf", returns=Binary, summary="下载证照")
async def download_licence(call: Call) -> Binary:
    return Binary(await call.service(Licences).pdf(call.actor, call.path["licence_id"]), "application/pdf", "licence.pdf")


@routes.get("/licences/<licence_id:str>/licence/pages", returns=DocumentPages, summary="证照的各页（文字和尺寸）")
async def licence_pages(call: Call) -> DocumentPages:
    return await call.service(Esign).pages(await call.service(Licences).pdf(call.actor, call.path["licence_id"]))


@routes.get("/licences/<licence_id:str>/licence/pages/<page:str>", returns=Binary, summary="证照的一页图片（1.png 起）")
async def licence_page(call: Call) -> Binary:
    pdf = await call.service(Licences).pdf(call.actor, call.path["licence_id"])
    return Binary(await call.service(Esign).page_picture(pdf, call.path["page"]), "image/png")


@routes.get("/licences/<licence_id:str>/qr.png", returns=Binary, summary="证照二维码")
async def show_qr(call: Call) -> Binary:
    return Binary(await call.service(Licences).qr_png(call.actor, call.path["licence_id"]), "image/png")
