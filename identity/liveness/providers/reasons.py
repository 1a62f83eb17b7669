"""What an outside verification may end with beside a verdict (`reasons.PROVIDER_REASONS`)."""

from __future__ import annotations

VERSION = "provider-2026-11-1"
"""Recorded with each decision in place of the policy's version: any change of this table or of an adapter's is a new one."""
UNFINISHED: dict[str, str] = {
    "PROVIDER_CANCELLED": "您中途退出了核验，可以重新开始。",
    "PROVIDER_NO_CAMERA": "没有拿到摄像头或麦克风的权限，请在设置里打开后重新开始。",
    "PROVIDER_DEVICE": "这部手机不支持这种核验，请换一部手机，或预约窗口由工作人员核验。",
    "PROVIDER_NETWORK": "网络中断，核验没有完成，请重新开始。",
    "PROVIDER_TROUBLE": "核验服务没有完成这次核验，请重新开始，或预约窗口由工作人员核验。",
}
"""Ends without a verdict: they cost no try and count as no failure."""
NOT_YET = "核验还没有完成，请按手机上的提示完成后再看结果。"
