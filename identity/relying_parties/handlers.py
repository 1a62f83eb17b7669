"""What an enterprise may do, the same from its console (a login) and from its programs (an API key with scopes)."""

from __future__ import annotations

from core.errors import Conflict, NotFound
from core.flow import IllegalMove
from core.http.routes import Call, Routes
from identity.relying_parties.errors import (
    DeliveryPending,
    NotApproved,
    NotRegistered,
    QuotaExceeded,
    ReferenceReused,
    ResultPending,
    TooManyWebhooks,
    WebhookDisabled,
    WebhookUrlInvalid,
)
from identity.relying_parties.service import (
    Batches,
    DeliveryQuery,
    NewBatch,
    NewRequest,
    NewWebhook,
    RelyingParties,
    RequestQuery,
    Requests,
    Results,
    Webhooks,
)
from identity.relying_parties.views import (
    BatchView,
    CreatedBatch,
    CreatedRequest,
    DeliveryPage,
    DeliveryView,
    NewWebhookView,
    RequestPage,
    RequestView,
    ResultView,
    UsageView,
    WebhookDeleted,
    WebhookView,
)

_PARTY = (NotRegistered, NotApproved)
_CREATING = (*_PARTY, QuotaExceeded, ReferenceReused, Conflict)
READ, WRITE, HOOKS = "verifications.read", "verifications.write", "webhooks.manage"


async def create_verification(call: Call, body: NewRequest) -> CreatedRequest:
    return await call.service(Requests).create(call.actor, body)


async def list_verifications(call: Call) -> RequestPage:
    return await call.service(Requests).list_page(call.actor, call.query)


async def show_verification(call: Call) -> RequestView:
    return await call.service(Requests).get(call.actor, call.path["request_id"])


async def cancel_verification(call: Call) -> RequestView:
    return await call.service(Requests).cancel(call.actor, call.path["request_id"])


async def invite_again(call: Call) -> CreatedRequest:
    return await call.service(Requests).invite_again(call.actor, call.path["request_id"])


async def show_result(call: Call) -> ResultView:
    return await call.service(Results).result(call.actor, call.path["request_id"])


async def create_batch(call: Call, body: NewBatch) -> CreatedBatch:
    return await call.service(Batches).create(call.actor, body)


async def list_batches(call: Call) -> list[BatchView]:
    return await call.service(Batches).list_all(call.actor)


async def show_batch(call: Call) -> BatchView:
    return await call.service(Batches).get(call.actor, call.path["batch_id"])


async def show_usage(call: Call) -> UsageView:
    return await call.service(RelyingParties).usage(call.actor)


async def register_webhook(call: Call, body: NewWebhook) -> NewWebhookView:
    return await call.service(Webhooks).register(call.actor, body)


async def list_webhooks(call: Call) -> list[WebhookView]:
    return await call.service(Webhooks).list_all(call.actor)


async def rotate_webhook_secret(call: Call) -> NewWebhookView:
    return await call.service(Webhooks).rotate_secret(call.actor, call.path["webhook_id"])


async def enable_webhook(call: Call) -> WebhookView:
    return await call.service(Webhooks).enable(call.actor, call.path["webhook_id"])


async def send_test(call: Call) -> DeliveryView:
    return await call.service(Webhooks).send_test(call.actor, call.path["webhook_id"])


async def remove_webhook(call: Call) -> WebhookDeleted:
    await call.service(Webhooks).remove(call.actor, call.path["webhook_id"])
    return WebhookDeleted()


async def list_deliveries(call: Call) -> DeliveryPage:
    return await call.service(Webhooks).deliveries(call.actor, call.path["webhook_id"], call.query)


async def redeliver(call: Call) -> DeliveryView:
    return await call.service(Webhooks).redeliver(call.actor, call.path["webhook_id"], call.path["delivery_id"])


def add_to(routes: Routes, *, with_scopes: bool) -> None:
    """Declare all of it for one audience. `with_scopes`: callers are programs, each with the scopes of its key."""

    def needs(scope: str) -> str | None:
        return scope if with_scopes else None

    one, hook = "/verifications/<request_id:str>", "/webhooks/<webhook_id:str>"
    moving = (*_PARTY, NotFound, IllegalMove, Conflict)
    known = (*_PARTY, NotFound)
    creating = {"needs": needs(WRITE), "status": 201, "idempotent": True, "errors": _CREATING}
    routes.post("/verifications", body=NewRequest, returns=CreatedRequest, summary="发起一项身份核验", **creating)(create_verification)
    routes.get(
        "/verifications", query=RequestQuery, returns=RequestPage, needs=needs(READ), errors=_PARTY, summary="身份核验列表（新的在前）"
    )(list_verifications)
    routes.get(one, returns=RequestView, needs=needs(READ), errors=known, summary="一项身份核验的进展")(show_verification)
    routes.post(f"{one}/cancel", returns=RequestView, needs=needs(WRITE), errors=moving, summary="取消身份核验")(cancel_verification)
    routes.post(f"{one}/invite-again", returns=CreatedRequest, needs=needs(WRITE), errors=moving, summary="重新生成邀请链接")(invite_again)
    routes.get(f"{one}/result", returns=ResultView, needs=needs(READ), errors=(*known, ResultPending), summary="取得带签名的核验结果")(
        show_result
    )
    routes.post("/batches", body=NewBatch, returns=CreatedBatch, summary="为一家公司的股东和法人批量发起核验", **creating)(create_batch)
    routes.get("/batches", returns=list[BatchView], needs=needs(READ), errors=_PARTY, summary="批量核验列表")(list_batches)
    routes.get("/batches/<batch_id:str>", returns=BatchView, needs=needs(READ), errors=known, summary="一批核验的进度")(show_batch)
    routes.get("/usage", returns=UsageView, needs=needs(READ), errors=(NotRegistered,), summary="用量和剩余额度")(show_usage)
    registering = (*_PARTY, WebhookUrlInvalid, TooManyWebhooks)
    routes.post(
        "/webhooks",
        body=NewWebhook,
        returns=NewWebhookView,
        status=201,
        idempotent=True,
        needs=needs(HOOKS),
        errors=registering,
        summary="登记通知地址（密钥只显示一次）",
    )(register_webhook)
    routes.get("/webhooks", returns=list[WebhookView], needs=needs(HOOKS), errors=_PARTY, summary="通知地址列表")(list_webhooks)
    routes.post(
        f"{hook}/rotate-secret",
        returns=NewWebhookView,
        idempotent=True,
        needs=needs(HOOKS),
        errors=known,
        summary="轮换通知密钥（只显示一次）",
    )(rotate_webhook_secret)
    routes.post(f"{hook}/enable", returns=WebhookView, needs=needs(HOOKS), errors=known, summary="重新启用通知地址")(enable_webhook)
    routes.post(
        f"{hook}/test",
        returns=DeliveryView,
        status=201,
        needs=needs(HOOKS),
        errors=(*known, WebhookDisabled, DeliveryPending),
        summary="发送一条测试通知",
    )(send_test)
    routes.delete(hook, returns=WebhookDeleted, needs=needs(HOOKS), errors=known, summary="删除通知地址")(remove_webhook)
    routes.get(
        f"{hook}/deliveries",
        query=DeliveryQuery,
        returns=DeliveryPage,
        needs=needs(HOOKS),
        errors=known,
        summary="通知投递记录（新的在前）",
    )(list_deliveries)
    routes.post(
        f"{hook}/deliveries/<delivery_id:str>/redeliver",
        returns=DeliveryView,
        needs=needs(HOOKS),
        errors=(*known, WebhookDisabled, DeliveryPending),
        summary="手工重新投递一条通知",
    )(redeliver)
