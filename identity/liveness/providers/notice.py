"""What a citizen agrees to before name and number go to an outside service (个人信息保护法 art. 23: another handler, a consent of its own).

Any change of the text is a new version. Declining costs nothing: the built-in check and the counter stay.
"""

from __future__ import annotations

import hashlib

VERSION = "2026-11-1"
WECHAT_OPERATOR = "微信（深圳市腾讯计算机系统有限公司）"
_TEXT = """外部人脸核身告知书

一、提供什么：为了这次核验，我们把您的姓名和身份证号码提供给{operator}，由它拍摄并比对您的人脸。
二、谁处理人脸：人脸画面由{operator}按它向您展示的规则处理，我们收不到画面，只收到是否通过的结果。
三、留下什么：我们只保留核验结论、时间和对方给出的结果代码，用于查证和防止冒用。
四、您可以不同意：不同意不影响办理。请直接在这里拍摄，或预约窗口由工作人员当面核对证件，效力相同，不另收费。"""


def operator_of(provider: str) -> str:
    """A name where the operator of the hall has given none."""
    return WECHAT_OPERATOR if provider == "wechat" else "外部核身服务"


def notice(operator: str) -> str:
    return _TEXT.format(operator=operator)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
