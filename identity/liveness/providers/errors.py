"""Refusals about verification by an outside service."""

from __future__ import annotations

from core.errors import DomainError, UpstreamUnavailable


class ProviderMissing(DomainError):
    code = "identity.provider_missing"
    status = 409
    message = "这里没有开通外部人脸核身，请直接拍摄，或预约窗口核验。"


class ProviderNotBegun(DomainError):
    code = "identity.provider_not_begun"
    status = 409
    message = "还没有开始人脸核身，请先点“开始”。"


class ProviderNeedsWechat(DomainError):
    code = "identity.provider_needs_wechat"
    status = 409
    message = "这种核身方式要在微信小程序里使用，请在微信中打开，或预约窗口核验。"


class ProviderUnavailable(UpstreamUnavailable):
    """The provider gave no usable answer, or is left alone for a while after failing several times in a row. Nothing was decided."""

    code = "identity.provider_unavailable"
    message = "人脸核身服务暂时没有响应，请稍后再试，或预约窗口核验。"

    def __init__(self, retry_after_seconds: int = 5) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}
