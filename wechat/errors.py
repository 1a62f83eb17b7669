"""WeChat's refusals in our words. One table; a code that is not in it is `wechat.unknown_answer`, never guessed at."""

from __future__ import annotations

from core.errors import DomainError, Forbidden, InvalidInput, TooManyRequests, UpstreamUnavailable


class CodeInvalid(DomainError):
    code = "wechat.code_invalid"
    status = 401
    message = "微信登录凭证无效或已过期，请重新登录。"


class CodeUsed(DomainError):
    code = "wechat.code_used"
    status = 401
    message = "这次微信登录凭证已经用过，请重新登录。"


class UserBlocked(Forbidden):
    code = "wechat.user_blocked"
    message = "微信提示该账号存在风险，暂时不能登录。您可以到办事窗口办理。"


class WechatBusy(UpstreamUnavailable):
    code = "wechat.busy"
    message = "微信暂时没有响应，请稍后再试。"


class WechatTooMany(TooManyRequests):
    code = "wechat.too_many"


class UnknownAnswer(UpstreamUnavailable):
    code = "wechat.unknown_answer"
    message = "微信返回了无法识别的结果，请稍后再试。"


class Misconfigured(UpstreamUnavailable):
    code = "wechat.misconfigured"
    message = "微信接口的配置有误，请联系管理员。"


class TokenStuck(UpstreamUnavailable):
    """WeChat refuses the token and hands out the same one again: asking on would only burn the daily quota."""

    code = "wechat.token_stuck"
    message = "微信接口暂时不可用，管理员已收到提醒。"


class TokenRejected(DomainError):
    """Internal: the access token that was sent is no longer good; the client refreshes it and tries once more."""

    code = "wechat.token_rejected"
    status = 503
    message = "微信接口暂时不可用，请稍后再试。"


class MessageRefused(DomainError):
    code = "wechat.message_refused"
    status = 409
    message = "对方没有同意接收这类微信消息。"


class RecipientUnknown(DomainError):
    code = "wechat.recipient_unknown"
    status = 409
    message = "找不到接收消息的微信用户。"


class MessageFieldsInvalid(InvalidInput):
    code = "wechat.message_fields"
    message = "消息内容不符合微信的格式要求。"


class SignatureWrong(Forbidden):
    code = "wechat.signature_wrong"
    message = "消息签名不正确。"


class MessageUnreadable(InvalidInput):
    code = "wechat.message_unreadable"
    message = "消息内容无法读取。"


ERRCODES: dict[int, type[DomainError]] = {
    -1: WechatBusy,
    40001: TokenRejected,
    40014: TokenRejected,
    42001: TokenRejected,
    40003: RecipientUnknown,
    40013: Misconfigured,
    40029: CodeInvalid,
    40037: Misconfigured,
    40125: Misconfigured,
    40163: CodeUsed,
    40226: UserBlocked,
    41002: Misconfigured,
    41004: Misconfigured,
    41030: Misconfigured,
    43101: MessageRefused,
    43108: MessageRefused,
    45009: WechatTooMany,
    45011: WechatTooMany,
    45168: MessageFieldsInvalid,
    47003: MessageFieldsInvalid,
}
"""Sources: the return-code tables of auth.code2Session, getStableAccessToken and subscribeMessage.send."""


def error_of(errcode: int) -> DomainError:
    return ERRCODES.get(errcode, UnknownAnswer)()
