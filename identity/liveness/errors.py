"""Refusals of pictures, a vision process that cannot answer, and refusals about verifications, consent and assertions."""

from __future__ import annotations

from core.errors import DomainError, NotFound, UpstreamUnavailable


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
    for error in (
        FrameTooLarge,
        FrameTypeUnsupported,
        FrameInvalid,
        FrameTooManyPixels,
        FrameTooSmall,
    )
}
"""What may be wrong with a picture, by code."""


class ClipTooLarge(DomainError):
    code = "liveness.clip_too_large"
    status = 413
    message = "视频太大了，请拍短一些，只拍十几秒就够。"


class ClipTypeUnsupported(DomainError):
    code = "liveness.clip_type_unsupported"
    status = 415
    message = "这个文件不是能识别的视频，请用手机直接拍摄（MP4 或 WebM）。"


class ClipInvalid(DomainError):
    code = "liveness.clip_invalid"
    status = 422
    message = "视频损坏或没有传完整，请重新拍摄。"


class ClipNoVideo(DomainError):
    code = "liveness.clip_no_video"
    status = 422
    message = "文件里只有声音，没有画面，请重新拍摄。"


class ClipTooLong(DomainError):
    code = "liveness.clip_too_long"
    status = 422
    message = "视频太长了，请按提示做完动作就停止，只拍十几秒就够。"


class ClipTooShort(DomainError):
    code = "liveness.clip_too_short"
    status = 422
    message = "视频太短了，请按提示做完全部动作。"


class ClipTooManyPixels(DomainError):
    code = "liveness.clip_too_many_pixels"
    status = 422
    message = "视频画面尺寸太大，请把清晰度调低一档再拍。"


class ClipTooSmall(DomainError):
    code = "liveness.clip_too_small"
    status = 422
    message = "视频画面尺寸太小，请用手机摄像头直接拍摄。"


class ClipOutOfOrder(DomainError):
    code = "liveness.clip_out_of_order"
    status = 422
    message = "视频里的画面次序不对，请重新拍摄，不要剪辑。"


CLIP_ERRORS: dict[str, type[DomainError]] = {
    error.code: error
    for error in (
        ClipTooLarge,
        ClipTypeUnsupported,
        ClipInvalid,
        ClipNoVideo,
        ClipTooLong,
        ClipTooShort,
        ClipTooManyPixels,
        ClipTooSmall,
        ClipOutOfOrder,
    )
}
"""What may be wrong with a clip, by code."""


class NotOneFace(DomainError):
    code = "liveness.not_one_face"
    status = 422
    message = "每张图片里要正好有一张人脸。"


class ConsentNeeded(DomainError):
    code = "identity.consent_needed"
    status = 409
    message = "人脸核验需要您单独同意。不同意也可以办理：请预约窗口，由工作人员当面核验。"


class DeviceChanged(DomainError):
    code = "identity.device_changed"
    status = 409
    is_misuse = True
    message = "这次核验是在另一部手机上开始的，请在那部手机上完成，或在这里重新开始。"


class ConsentWithdrawn(DomainError):
    """While a capture was running or judged; nothing of it was used."""

    code = "identity.consent_withdrawn"
    status = 409
    message = "您已撤回同意，人脸核验已停止，没有留下画面。可以改到窗口办理，效力相同。"


class ConsentTextChanged(DomainError):
    code = "identity.consent_text_changed"
    status = 409
    message = "人脸核验告知书已更新，请重新阅读后再选择。"


class GuardianNeeded(DomainError):
    """Faces of people under 14 need a guardian's consent (人脸识别技术应用安全管理办法 art. 7)."""

    code = "identity.guardian_needed"
    status = 409
    message = "未满 14 周岁，须由监护人先同意；也可以由监护人陪同到窗口核验身份。"


class VerificationRunning(DomainError):
    code = "identity.verification_running"
    status = 409
    message = "上一次提交正在核验，请稍等几秒。"


class VerificationExpired(DomainError):
    code = "identity.verification_expired"
    status = 409
    message = "本次核验已超过时限，请重新开始。"


class ClipNotAsked(DomainError):
    code = "identity.clip_not_asked"
    status = 409
    message = "请先取得拍摄提示，再按提示录制视频。"


class ClipTooLate(DomainError):
    code = "identity.clip_too_late"
    status = 409
    message = "视频上传得太晚了，请重新取得提示，录完马上上传。"


class HelloInvalid(DomainError):
    """The first message of a stream is not what it must be, or came too late."""

    code = "identity.hello_invalid"
    status = 422
    message = "没能开始拍摄，请刷新页面重试。"


class OtherPersonsCheck(NotFound):
    """Told like one that does not exist."""

    is_misuse = True


class NonceWrong(DomainError):
    code = "identity.nonce_wrong"
    status = 422
    is_misuse = True
    message = "核验口令不是最新的，请刷新后重新拍摄。"


class FaceLocked(DomainError):
    code = "identity.face_locked"
    status = 429
    message = "人脸核验多次没有通过，请 30 分钟后再试，或预约窗口由工作人员当面核验。"

    def __init__(self, retry_after_seconds: int = 1800) -> None:
        minutes = max(1, -(-retry_after_seconds // 60))
        super().__init__(self.message.replace("30", str(minutes), 1))
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
    is_misuse = True
    message = "身份凭据无效，请重新核验身份。"


class AssertionExpired(DomainError):
    code = "identity.assertion_expired"
    status = 409
    is_misuse = True
    message = "身份凭据已过期，请重新取得。"


class AssertionUsed(DomainError):
    code = "identity.assertion_used"
    status = 409
    is_misuse = True
    message = "身份凭据已经用过，请重新核验身份。"


class OwnCounter(DomainError):
    code = "identity.own_counter"
    status = 403
    message = "工作人员不能为自己核验身份，请由其他窗口办理。"


class DocumentMismatch(DomainError):
    code = "identity.document_mismatch"
    status = 409
    message = "证件号码与申请人账号实名的号码不一致，不能核验。"
