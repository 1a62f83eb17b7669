"""Refusals about video checks."""

from __future__ import annotations

from core.errors import DomainError


class VideoMissing(DomainError):
    code = "video.not_offered"
    status = 404
    message = "这里还没有开通视频核验，可以刷脸或到窗口办理。"


class VideoOpen(DomainError):
    code = "video.already_waiting"
    status = 409
    message = "您已经在视频核验的队列里，请先完成或离开。"


class QueueEmpty(DomainError):
    code = "video.queue_empty"
    status = 404
    message = "现在没有人排队。"


class ClerkTalking(DomainError):
    code = "video.clerk_talking"
    status = 409
    message = "您还有一个通话没有结束，请先作出结论或放回队列。"


class VideoClosed(DomainError):
    """`opening`: when the queue opens next, in words."""

    code = "video.closed"
    status = 409
    message = "现在没有人接听视频，请在工作时间再来。"

    def __init__(self, opening: str | None = None) -> None:
        super().__init__(f"现在没有人接听视频，{opening} 开始可以排队。" if opening else None)


class VideoRoundOver(DomainError):
    code = "video.round_over"
    status = 409
    message = "这次连接已经换成新的了，请刷新后再试。"
