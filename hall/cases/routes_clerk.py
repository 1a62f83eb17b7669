"""Working on cases: queue, review, acceptance, decision."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.http.routes import Audience, Binary, Call, Routes
from esign.envelopes.errors import HandwritingUnusable
from esign.envelopes.service import Handwriting
from esign.service import DocumentPages, Esign
from hall.cases.errors import GapNotNew, SamePerson
from hall.cases.flow import ACCEPT, DECIDE, PREREVIEW
from hall.cases.presenting import clerk_view, queue_view
from hall.cases.service import Cases
from hall.cases.views import ClerkCaseSummary, ClerkCaseView

routes = Routes("cases", "/api/clerk", Audience.CLERK)
Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=500)]


class QueueQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: (
        Literal["prereview", "returned", "prereviewed", "accepted", "special", "granted", "refused", "delivering", "closed", "withdrawn"]
        | None
    ) = None
    q: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """A part of the case number or the title, the end of the receipt number, or a person's whole ID number."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    offset: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


class SendBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that must be mended, at once: `form.<field>` or `materials.<code>` to what is wrong with it."""

    gaps: Annotated[dict[Annotated[str, msgspec.Meta(max_length=80)], Reason], msgspec.Meta(min_length=1, max_length=100)]


class Decline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["not_required", "wrong_authority"]
    reason: Reason


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Literal["hearing", "inspection", "survey", "expert_review"]


class Decide(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`signature`: the approver's own handwriting, where the decision is signed on a phone (R82)."""

    is_granted: bool
    reason: Reason
    signature: Handwriting | None = None


@routes.get("/cases", query=QueueQuery, returns=list[ClerkCaseSummary], summary="待办列表")
async def queue(call: Call) -> list[ClerkCaseSummary]:
    cases, wanted = call.service(Cases), call.query
    return await queue_view(cases, await cases.review.queue(call.actor, wanted.state, wanted.limit, wanted.offset, text=wanted.q))


@routes.get("/cases/<case_id:str>", returns=ClerkCaseView, summary="查看办件")
async def show_case(call: Call) -> ClerkCaseView:
    cases = call.service(Cases)
    return await clerk_view(cases, await cases.register.of_clerk(call.actor, call.path["case_id"]), call.actor)


@routes.get("/cases/<case_id:str>/materials/<material_id:str>", returns=Binary, summary="查看材料（留痕）")
async def show_material(call: Call) -> Binary:
    data, media_type = await call.service(Cases).review.file(call.actor, call.path["case_id"], call.path["material_id"])
    return Binary(data, media_type)


@routes.get("/cases/<case_id:str>/commitment.pdf", returns=Binary, summary="查看已签承诺书")
async def show_commitment(call: Call) -> Binary:
    return Binary(await call.service(Cases).review.commitment(call.actor, call.path["case_id"]), "application/pdf", "commitment.pdf")


@routes.get("/cases/<case_id:str>/commitment/pages", returns=DocumentPages, summary="已签承诺书的各页（文字和尺寸）")
async def commitment_pages(call: Call) -> DocumentPages:
    return await call.service(Esign).pages(await call.service(Cases).review.commitment(call.actor, call.path["case_id"]))


@routes.get("/cases/<case_id:str>/commitment/pages/<page:str>", returns=Binary, summary="已签承诺书的一页图片（1.png 起）")
async def commitment_page(call: Call) -> Binary:
    pdf = await call.service(Cases).review.commitment(call.actor, call.path["case_id"])
    return Binary(await call.service(Esign).page_picture(pdf, call.path["page"]), "image/png")


@routes.post("/cases/<case_id:str>/prereview", returns=ClerkCaseView, needs=PREREVIEW, summary="预审通过")
async def prereview(call: Call) -> ClerkCaseView:
    cases = call.service(Cases)
    return await clerk_view(cases, await cases.review.prereview(call.actor, call.path["case_id"]), call.actor)


@routes.post(
    "/cases/<case_id:str>/return", body=SendBack, returns=ClerkCaseView, needs=PREREVIEW, errors=(GapNotNew,), summary="一次性告知补正"
)
async def send_back(call: Call, body: SendBack) -> ClerkCaseView:
    cases = call.service(Cases)
    return await clerk_view(cases, await cases.review.send_back(call.actor, call.path["case_id"], body.gaps), call.actor)


@routes.post("/cases/<case_id:str>/accept", returns=ClerkCaseView, needs=ACCEPT, summary="受理")
async def accept(call: Call) -> ClerkCaseView:
    cases = call.service(Cases)
    return await clerk_view(cases, await cases.review.accept(call.actor, call.path["case_id"]), call.actor)


@routes.post("/cases/<case_id:str>/decline", body=Decline, returns=ClerkCaseView, needs=ACCEPT, summary="不受理或不予受理")
async def decline(call: Call, body: Decline) -> ClerkCaseView:
    cases = call.service(Cases)
    case = await cases.review.decline(call.actor, call.path["case_id"], f"decline_{body.kind}", body.reason)
    return await clerk_view(cases, case, call.actor)


@routes.post("/cases/<case_id:str>/pause", body=Pause, returns=ClerkCaseView, needs=ACCEPT, summary="转特别程序（计时暂停）")
async def pause(call: Call, body: Pause) -> ClerkCaseView:
    cases = call.service(Cases)
    return await clerk_view(cases, await cases.review.pause(call.actor, call.path["case_id"], body.reason), call.actor)


@routes.post("/cases/<case_id:str>/resume", returns=ClerkCaseView, needs=ACCEPT, summary="恢复计时")
async def resume(call: Call) -> ClerkCaseView:
    cases = call.service(Cases)
    return await clerk_view(cases, await cases.review.resume(call.actor, call.path["case_id"]), call.actor)


@routes.post(
    "/cases/<case_id:str>/decision",
    body=Decide,
    returns=ClerkCaseView,
    needs=DECIDE,
    idempotent=True,
    errors=(SamePerson, HandwritingUnusable),
    summary="作出决定",
)
async def decide(call: Call, body: Decide) -> ClerkCaseView:
    cases = call.service(Cases)
    case = await cases.review.decide(
        call.actor, call.path["case_id"], is_granted=body.is_granted, reason=body.reason, signature=body.signature
    )
    return await clerk_view(cases, case, call.actor)
