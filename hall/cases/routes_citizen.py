"""Doing one's business: start, fill, upload, invite, sign, submit, follow."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.http.routes import Audience, Binary, Call, Routes
from esign.service import DocumentPages, Esign
from hall.cases.errors import IdentityFirst, Incomplete, MaterialRejected, MaterialTooLarge, NotSigned
from hall.cases.presenting import audit_view, case_view, summary
from hall.cases.service import Cases, Delivery, SignatureInput
from hall.cases.views import AuditView, CaseSummary, CaseView, DraftView

routes = Routes("cases", "/api/citizen", Audience.CITIZEN)

Text = Annotated[str, msgspec.Meta(max_length=500)]
Number = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
Value = Text | Number | float | bool | None
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class StartCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item_code: Annotated[str, msgspec.Meta(min_length=12, max_length=31)]
    answers: Annotated[dict[Name, Value], msgspec.Meta(max_length=50)]


class DeliveryInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Short
    phone: Short
    province: Short
    city: Short
    county: Short
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SaveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields to change; null empties one."""

    values: Annotated[dict[Name, Value], msgspec.Meta(max_length=200)] = {}
    delivery: DeliveryInput | None = None


class InviteParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: Literal["shareholder"]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    id_number: Annotated[str, msgspec.Meta(min_length=18, max_length=18)]


class Invitation(msgspec.Struct, frozen=True):
    code: str


class JoinCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]


class SignCommitment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identity assertion for exactly this document, and what the hand drew."""

    assertion: Annotated[str, msgspec.Meta(max_length=4096)]
    signature: SignatureInput


@routes.get("/cases", returns=list[CaseSummary], summary="我的办件")
async def list_cases(call: Call) -> list[CaseSummary]:
    cases = call.service(Cases)
    return [await summary(cases, case, call.actor) for case in await cases.progress.mine(call.actor)]


@routes.post(
    "/cases",
    body=StartCase,
    returns=CaseView,
    status=201,
    idempotent=True,
    errors=(IdentityFirst,),
    summary="开始办理：生成我的一次性告知书",
)
async def start_case(call: Call, body: StartCase) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.drafts.start(call.actor, body.item_code, body.answers), call.actor)


@routes.get("/cases/<case_id:str>", returns=CaseView, summary="查看办件")
async def show_case(call: Call) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.register.of_citizen(call.actor, call.path["case_id"]), call.actor)


@routes.get("/cases/<case_id:str>/notice.pdf", returns=Binary, summary="下载一次性告知书")
async def notice(call: Call) -> Binary:
    return Binary(await call.service(Cases).drafts.notice(call.actor, call.path["case_id"]), "application/pdf", "notice.pdf")


@routes.get("/cases/<case_id:str>/notice/pages", returns=DocumentPages, summary="一次性告知书的各页（文字和尺寸）")
async def notice_pages(call: Call) -> DocumentPages:
    return await call.service(Esign).pages(await call.service(Cases).drafts.notice(call.actor, call.path["case_id"]))


@routes.get("/cases/<case_id:str>/notice/pages/<page:str>", returns=Binary, summary="一次性告知书的一页图片（1.png 起）")
async def notice_page(call: Call) -> Binary:
    pdf = await call.service(Cases).drafts.notice(call.actor, call.path["case_id"])
    return Binary(await call.service(Esign).page_picture(pdf, call.path["page"]), "image/png")


@routes.get("/cases/<case_id:str>/form", returns=DraftView, summary="取回草稿继续填写")
async def show_form(call: Call) -> DraftView:
    return await call.service(Cases).drafts.draft(call.actor, call.path["case_id"])


@routes.put("/cases/<case_id:str>/form", body=SaveForm, returns=DraftView, summary="保存草稿（返回草稿、要填的字段和还缺什么）")
async def save_form(call: Call, body: SaveForm) -> DraftView:
    drafts, case_id = call.service(Cases).drafts, call.path["case_id"]
    delivery = None if body.delivery is None else msgspec.convert(msgspec.to_builtins(body.delivery), Delivery)
    await drafts.save_form(call.actor, case_id, body.values, delivery)
    return await drafts.draft(call.actor, case_id)


@routes.post(
    "/cases/<case_id:str>/materials/<code:str>",
    upload="file",
    returns=CaseView,
    status=201,
    takes_key=True,
    errors=(MaterialRejected, MaterialTooLarge),
    summary="上传一份材料（PDF、JPG、PNG，10 MB 以内）",
)
async def add_material(call: Call) -> CaseView:
    cases = call.service(Cases)
    upload = call.uploads("file")[0]
    case_id, code = call.path["case_id"], call.path["code"]
    await cases.drafts.add_material(call.actor, case_id, code, upload.data, upload.filename, upload.declared_type, key=call.idempotency_key)
    return await case_view(cases, await cases.register.of_citizen(call.actor, case_id), call.actor)


@routes.get("/cases/<case_id:str>/materials/<material_id:str>", returns=Binary, summary="查看已上传的材料")
async def show_material(call: Call) -> Binary:
    data, media_type = await call.service(Cases).drafts.material_file(call.actor, call.path["case_id"], call.path["material_id"])
    return Binary(data, media_type)


@routes.delete("/cases/<case_id:str>/materials/<material_id:str>", summary="删除一份材料")
async def remove_material(call: Call) -> None:
    await call.service(Cases).drafts.remove_material(call.actor, call.path["case_id"], call.path["material_id"])


@routes.post("/cases/<case_id:str>/parties", body=InviteParty, returns=Invitation, status=201, summary="邀请另一位签署人")
async def invite(call: Call, body: InviteParty) -> Invitation:
    return Invitation(await call.service(Cases).drafts.invite(call.actor, call.path["case_id"], body.role, body.name, body.id_number))


@routes.delete("/cases/<case_id:str>/parties/<party_id:str>", summary="收回还没有被接受的邀请")
async def uninvite(call: Call) -> None:
    await call.service(Cases).drafts.uninvite(call.actor, call.path["case_id"], call.path["party_id"])


@routes.post("/invitations", body=JoinCase, returns=CaseView, summary="接受邀请")
async def join(call: Call, body: JoinCase) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.drafts.join(call.actor, body.code), call.actor)


@routes.post("/cases/<case_id:str>/commitment", returns=CaseView, errors=(Incomplete,), summary="填写完成，生成承诺书")
async def prepare_commitment(call: Call) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.signing.prepare(call.actor, call.path["case_id"]), call.actor)


@routes.get("/cases/<case_id:str>/commitment.pdf", returns=Binary, summary="查看承诺书")
async def show_commitment(call: Call) -> Binary:
    return Binary(await call.service(Cases).signing.document(call.actor, call.path["case_id"]), "application/pdf", "commitment.pdf")


@routes.get("/cases/<case_id:str>/commitment/pages", returns=DocumentPages, summary="承诺书的各页（文字和尺寸）；签名前是将要签的原件")
async def commitment_pages(call: Call) -> DocumentPages:
    return await call.service(Esign).pages(await call.service(Cases).signing.document_to_read(call.actor, call.path["case_id"]))


@routes.get("/cases/<case_id:str>/commitment/pages/<page:str>", returns=Binary, summary="承诺书的一页图片（1.png 起）")
async def commitment_page(call: Call) -> Binary:
    pdf = await call.service(Cases).signing.document_to_read(call.actor, call.path["case_id"])
    return Binary(await call.service(Esign).page_picture(pdf, call.path["page"]), "image/png")


@routes.post("/cases/<case_id:str>/signature", body=SignCommitment, returns=CaseView, idempotent=True, summary="签署承诺书")
async def sign(call: Call, body: SignCommitment) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.signing.sign(call.actor, call.path["case_id"], body.assertion, body.signature), call.actor)


@routes.post("/cases/<case_id:str>/reopen", returns=CaseView, summary="回去修改（已签的作废）")
async def reopen(call: Call) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.signing.reopen(call.actor, call.path["case_id"]), call.actor)


@routes.post("/cases/<case_id:str>/submit", returns=CaseView, idempotent=True, errors=(NotSigned,), summary="提交")
async def submit(call: Call) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.signing.submit(call.actor, call.path["case_id"]), call.actor)


@routes.post("/cases/<case_id:str>/withdraw", returns=CaseView, summary="撤回")
async def withdraw(call: Call) -> CaseView:
    cases = call.service(Cases)
    return await case_view(cases, await cases.drafts.withdraw(call.actor, call.path["case_id"]), call.actor)


@routes.get("/cases/<case_id:str>/audit", returns=AuditView, summary="办件留痕：每一步都可核对")
async def show_audit(call: Call) -> AuditView:
    _, links, report = await call.service(Cases).progress.timeline(call.actor, call.path["case_id"])
    return audit_view(links, report)
