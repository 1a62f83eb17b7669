"""Refusals of pictures, a vision process that cannot answer, and refusals about verifications, consent and assertions."""

from __future__ import annotations

from core.errors import DomainError, UpstreamUnavailable


class NoFrames(DomainError):
    code = "liveness.no_frames"
    status = 422
    message = "没有收到画面，请重新拍摄。"


class TooManyFrames(DomainError):
    code = "liveness.too_many_frames"
    status = 422
    message = "画面太多了，一次最多 12 张，请重新拍摄。"


class FrameTooLarge(DomainError):
    code = "liveness.frame_too_large"
    status = 413
    message = "有一张画面超过 2 MB，请重新拍摄。"


class FrameTypeUnsupported(DomainError):
    code = "liveness.frame_type_unsupported"
    status = 415
    message = "画面格式不对，只支持 JPEG 和 PNG。"


class FrameInvalid(DomainError):
    code = "liveness.frame_invalid"
    status = 422
    message = "有一张画面损坏或不完整，请重新拍摄。"


class FrameTooManyPixels(DomainError):
    code = "liveness.frame_too_many_pixels"
    status = 422
    message = "有一张画面尺寸太大，长和宽都不能超过 4096 像素。"


class FrameTooSmall(DomainError):
    code = "liveness.frame_too_small"
    status = 422
    message = "有一张画面尺寸太小，长和宽都不能小于 80 像素。"


class PortraitUnusable(DomainError):
    """The authority's picture is no readable JPEG or PNG; the citizen can do nothing about it."""

    code = "liveness.portrait_unusable"
    status = 502
    message = "证件照片暂时无法使用，请稍后再试，或改到窗口核验。"


class VisionBusy(DomainError):
    code = "liveness.vision_busy"
    status = 503
    message = "正在核验的人较多，请稍等几秒再试。"

    def __init__(self, retry_after_seconds: int = 3) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


class VisionUnavailable(UpstreamUnavailable):
    """The vision process is not running, died in the middle, or took too long. Nothing was decided."""

    code = "liveness.vision_unavailable"
    message = "人脸核验服务暂时没有响应，请稍后再试，或改到窗口核验。"


FRAME_ERRORS: dict[str, type[DomainError]] = {
    error.code: error
    for error in (NoFrames, TooManyFrames, FrameTooLarge, FrameTypeUnsupported, FrameInvalid, FrameTooManyPixels, FrameTooSmall)
}
"""What may be wrong with a picture, by code."""


class ConsentNeeded(DomainError):
    code = "identity.consent_needed"
    status = 409
    message = "人脸核验需要您单独同意。不同意也可以办理：请预约窗口，由工作人员当面核验。"


class ConsentTextChanged(DomainError):
    code = "identity.consent_text_changed"
    status = 409
    message = "人脸核验告知书已更新，请重新阅读后再选择。"


class GuardianNeeded(DomainError):
    """Faces of people under 14 need a guardian's consent (人脸识别技术应用安全管理办法 art. 7)."""

    code = "identity.guardian_needed"
    status = 409
    message = "未满 14 周岁，请由监护人陪同到窗口核验身份。"


class VerificationRunning(DomainError):
    code = "identity.verification_running"
    status = 409
    message = "上一次提交正在核验，请稍等几秒。"


class VerificationExpired(DomainError):
    code = "identity.verification_expired"
    status = 409
    message = "本次核验已超过时限，请重新开始。"


class NonceWrong(DomainError):
    code = "identity.nonce_wrong"
    status = 422
    message = "核验口令不是最新的，请刷新后重新拍摄。"


class FaceLocked(DomainError):
    code = "identity.face_locked"
    status = 429
    message = "人脸核验多次没有通过，请 30 分钟后再试，或预约窗口由工作人员当面核验。"

    def __init__(self, retry_after_seconds: int = 1800) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


class CounterOnly(DomainError):
    code = "identity.counter_only"
    status = 409
    message = "人脸核验已多次被锁定，请预约窗口，由工作人员当面核验。"


class NotAccepted(DomainError):
    code = "identity.not_accepted"
    status = 409
    message = "这次核验没有通过或已超过使用时限，请重新核验或预约窗口。"


class AssertionInvalid(DomainError):
    """Malformed, wrongly signed, of another issuer or audience, or for another person, application or document."""

    code = "identity.assertion_invalid"
    status = 422
    message = "身份凭据无效，请重新核验身份。"


class AssertionExpired(DomainError):
    code = "identity.assertion_expired"
    status = 409
    message = "身份凭据已过期，请重新取得。"


class AssertionUsed(DomainError):
    code = "identity.assertion_used"
    status = 409
    message = "身份凭据已经用过，请重新核验身份。"


class OwnCounter(DomainError):
    code = "identity.own_counter"
    status = 403
    message = "工作人员不能为自己核验身份，请由其他窗口办理。"


class DocumentMismatch(DomainError):
    code = "identity.document_mismatch"
    status = 409
    message = "证件号码与申请人账号实名的号码不一致，不能核验。"
