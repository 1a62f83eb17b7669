"""Reason codes: what each means for the outcome, and the sentence that helps the person. Scores are never shown."""

from __future__ import annotations

from typing import Literal, NamedTuple

Outcome = Literal["accept", "retry", "manual_review", "reject"]

SEVERITY: dict[Outcome, int] = {"accept": 0, "manual_review": 1, "retry": 2, "reject": 3}
"""The worst reason decides. A retry outranks a review: a better recording may still settle the matter without a clerk."""


class Reason(NamedTuple):
    outcome: Outcome
    coaching: str


_COUNTER = "请稍后再试，或改到窗口由工作人员核验。"

REASONS: dict[str, Reason] = {
    "TOO_FEW_FRAMES": Reason("retry", "画面太少，请保持正对镜头，重新拍摄。"),
    "NO_FACE": Reason("retry", "没有看到人脸，请正对镜头，把整张脸放进框内。"),
    "MANY_FACES": Reason("retry", "画面里有多个人，请确保只有您本人在镜头前。"),
    "CROWDED": Reason("reject", "画面里一直有多个人，本次核验没有通过。" + _COUNTER),
    "FACE_TOO_SMALL": Reason("retry", "离镜头有点远，请靠近一些。"),
    "TOO_DARK": Reason("retry", "光线太暗，请到亮一些的地方。"),
    "TOO_BRIGHT": Reason("retry", "光线太强，请避开直射的灯光或阳光。"),
    "BLURRED": Reason("retry", "画面模糊，请擦一擦镜头，拿稳手机。"),
    "FROZEN_FRAMES": Reason("retry", "画面静止不动，请对着摄像头实时拍摄，不要使用照片。"),
    "PERSON_CHANGED": Reason("reject", "拍摄过程中换了人，本次核验没有通过。" + _COUNTER),
    "OTHER_PERSON": Reason("reject", "与证件照片不一致，本次核验没有通过。" + _COUNTER),
    "ATTACK_SUSPECTED": Reason("reject", "没有确认是真人实时拍摄，本次核验没有通过。" + _COUNTER),
    "PORTRAIT_MISSING": Reason("manual_review", "没有可以比对的证件照片，将由工作人员人工核验。"),
    "PORTRAIT_NOT_ONE_FACE": Reason("manual_review", "证件照片无法自动比对，将由工作人员人工核验。"),
    "ENGINE_UNCALIBRATED": Reason("manual_review", "画面已收到，将由工作人员人工确认。"),
}
