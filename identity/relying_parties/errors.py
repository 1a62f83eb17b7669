"""Refusals of the enterprise API and of those whom it asks."""

from __future__ import annotations

from core.errors import DomainError, TooManyRequests


class OrganisationInvalid(DomainError):
    code = "relying_party.organisation_invalid"
    status = 422
    message = "统一社会信用代码不对，请核对 18 位代码。"


class OrganisationTaken(DomainError):
    code = "relying_party.organisation_taken"
    status = 409
    message = "这家企业或这个账号已经登记过。"


class NotRegistered(DomainError):
    code = "relying_party.not_registered"
    status = 409
    message = "请先登记企业信息。"


class NotApproved(DomainError):
    code = "relying_party.not_approved"
    status = 403
    message = "企业接入尚未开通或已暂停，请联系平台管理员。"


class TooManyKeys(DomainError):
    code = "relying_party.too_many_keys"
    status = 409
    message = "有效的密钥最多 20 个，请先停用不再使用的。"


class KeyEnded(DomainError):
    code = "relying_party.key_ended"
    status = 409
    message = "这个密钥已经停用或过期，不能轮换，请新建一个。"


class KeyInvalid(DomainError):
    """Unknown, expired and revoked keys answer alike."""

    code = "relying_party.key_invalid"
    status = 401
    message = "接口密钥无效、已过期或已停用。"

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class RateLimited(TooManyRequests):
    code = "relying_party.rate_limited"
    message = "接口调用太频繁，请按 Retry-After 稍后再试。"


class QuotaExceeded(DomainError):
    code = "relying_party.quota_exceeded"
    status = 429
    message = "本月核验额度已用完，下月自动恢复，或联系平台管理员提高额度。"


class ReferenceReused(DomainError):
    code = "relying_party.reference_reused"
    status = 409
    message = "这个业务编号已用于内容不同的核验，请换一个编号。"


class InvitationInvalid(DomainError):
    """Unknown, replaced, expired and used tokens answer alike, and so does a person who is not meant."""

    code = "relying_party.invitation_invalid"
    status = 404
    message = "这个邀请链接无效：可能已过期、已使用，或邀请的不是您本人。"


class RequestConsentChanged(DomainError):
    code = "relying_party.consent_text_changed"
    status = 409
    message = "告知书已更新，请重新阅读后再确认。"


class WebhookUrlInvalid(DomainError):
    code = "webhook.url_invalid"
    status = 422
    message = "通知地址不可用：须为公网可访问的 https 地址，不含账号和片段。"


class TooManyWebhooks(DomainError):
    code = "webhook.too_many"
    status = 409
    message = "通知地址最多 5 个。"


class WebhookDisabled(DomainError):
    code = "webhook.disabled"
    status = 409
    message = "这个通知地址已停用，请先启用。"


class DeliveryPending(DomainError):
    code = "webhook.delivery_pending"
    status = 409
    message = "这条通知正在投递，请稍后再看。"


class WebhookUndelivered(DomainError):
    """Raised for the outbox, which tries again later."""

    code = "webhook.undelivered"
    status = 502
    message = "接收方没有确认收到通知，稍后会再次投递。"


class SignatureInvalid(DomainError):
    code = "webhook.signature_invalid"
    status = 401
    message = "通知签名不对。"


class SignatureStale(DomainError):
    code = "webhook.signature_stale"
    status = 401
    message = "通知的时间超出允许范围，可能是重放。"


class ResultPending(DomainError):
    code = "relying_party.result_pending"
    status = 409
    message = "这项核验还没有结论。"
