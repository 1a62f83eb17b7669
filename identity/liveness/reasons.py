"""Reason codes: what each means for the outcome, and the sentence that helps the person. Scores are never shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Outcome = Literal["accept", "retry", "manual_review", "reject"]

_MOST_TOLD = 2
SEVERITY: dict[Outcome, int] = {"accept": 0, "manual_review": 1, "retry": 2, "reject": 3}
"""The worst reason decides. A retry outranks a review: a better recording may still settle the matter without a clerk."""


class Reason(NamedTuple):
    outcome: Outcome
    coaching: str


_COUNTER = "请稍后再试，或改到窗口由工作人员核验。"
_STAFF = "请改由工作人员核验，效力一样。"
_AGAIN = "请对着镜头实时拍摄，不要使用照片或录像。"

REASONS: dict[str, Reason] = {
    "FRAMES_SEEN_BEFORE": Reason("reject", "这些画面以前用过，本次核验没有通过。请对着摄像头实时拍摄，或改到窗口由工作人员核验。"),
    "REPLAYED": Reason("reject", "这段画面和以前的一次一样，本次核验没有通过。请对着摄像头实时拍摄，或改到窗口由工作人员核验。"),
    "TAMPERED": Reason("reject", "画面在传送途中被改动，本次核验没有通过。" + _COUNTER),
    "CROWDED": Reason("reject", "画面里一直有多个人，本次核验没有通过。" + _COUNTER),
    "LOOPED_FRAMES": Reason("reject", "画面在重复播放，本次核验没有通过。" + _AGAIN),
    "PERSON_CHANGED": Reason("reject", "拍摄过程中换了人，本次核验没有通过。" + _COUNTER),
    "OTHER_PERSON": Reason("reject", "与证件照片不一致，本次核验没有通过。" + _COUNTER),
    "ATTACK_SUSPECTED": Reason("reject", "没有确认是真人实时拍摄，本次核验没有通过。" + _COUNTER),
    "TRIES_USED_UP": Reason("reject", "已经试了几次，本次核验没有通过。请稍后再试，或改到窗口由工作人员核验。"),
    "NO_FACE": Reason("retry", "没有看到人脸，请正对镜头，把整张脸放进框内。"),
    "MANY_FACES": Reason("retry", "画面里有多个人，请确保只有您本人在镜头前。"),
    "FACE_LOST": Reason("retry", "中途有一会儿看不到脸，请一直让脸留在框内。"),
    "FACE_TOO_SMALL": Reason("retry", "离镜头有点远，请靠近一些。"),
    "TOO_DARK": Reason("retry", "光线太暗，请到亮一些的地方。"),
    "TOO_BRIGHT": Reason("retry", "光线太强，请避开直射的灯光或阳光。"),
    "BLURRED": Reason("retry", "画面模糊，请擦一擦镜头，拿稳手机。"),
    "FROZEN_FRAMES": Reason("retry", "画面静止不动。" + _AGAIN),
    "OUT_OF_ORDER": Reason("retry", "画面次序不对，请重新拍摄。"),
    "FRAME_GAP": Reason("retry", "画面中断了一下，请换到信号好的地方再拍一次。"),
    "TOO_SLOW": Reason("retry", "画面不够流畅，请关闭其他应用，或换到亮一些的地方再拍。"),
    "TOO_LONG": Reason("retry", "拍得太久了，请看到提示后就做动作。"),
    "TOO_FEW_FRAMES": Reason("retry", "画面太少，请保持正对镜头，重新拍摄。"),
    "CLOCK_DRIFT": Reason("retry", "画面传送太慢，请换到信号好的地方再拍一次。"),
    "BROKEN_OFF": Reason("retry", "拍摄中断了，请重新开始。"),
    "BASELINE_NO_FACE": Reason("retry", "开始的一秒没有看清脸，请先正对镜头，再按提示做动作。"),
    "BASELINE_MOVED": Reason("retry", "开始的一秒请先不要动，看到提示后再做动作。"),
    "BASELINE_MOUTH_OPEN": Reason("retry", "开始时请先闭上嘴，看到提示后再做动作。"),
    "STEPS_MISSING": Reason("retry", "动作没有做完，请看到提示后一个一个做完。"),
    "PORTRAIT_MISSING": Reason("manual_review", "证件照片库里没有您的照片，刷脸没法比对。" + _STAFF),
    "PORTRAIT_NOT_ONE_FACE": Reason("manual_review", "证件照片库里您的照片没法自动比对。" + _STAFF),
    "ENGINE_UNCALIBRATED": Reason("manual_review", "刷脸的结果还要工作人员确认。" + _STAFF),
    "ORDER_KNOWN": Reason("manual_review", "视频的结果还要工作人员确认。" + _STAFF),
}
"""In the order in which they are told. `STEP<n>_<ACTION>_<WHY>` comes beside these."""

PROVIDER_REASONS: dict[str, Reason] = {
    "PROVIDER_OTHER_PERSON": Reason("reject", "与证件照片不一致，本次核验没有通过。" + _COUNTER),
    "PROVIDER_NAME_OR_NUMBER": Reason("reject", "姓名和身份证号码没有核对上，本次核验没有通过。" + _COUNTER),
    "PROVIDER_ATTACK": Reason("reject", "没有确认是真人实时拍摄，本次核验没有通过。" + _COUNTER),
    "PROVIDER_POOR_CAPTURE": Reason("retry", "没有拍清楚，请到亮一些的地方，正对镜头再试一次。"),
    "PROVIDER_TIMED_OUT": Reason("retry", "拍摄超过了时限，请再试一次。"),
    "PROVIDER_NO_SOURCE": Reason("manual_review", "证件照片库里没有您的照片，刷脸没法比对。" + _STAFF),
    "PROVIDER_UNSURE": Reason("manual_review", "刷脸的结果不能自动确认。" + _STAFF),
    "PROVIDER_UNCALIBRATED": Reason("manual_review", "刷脸的结果还要工作人员确认。" + _STAFF),
}
"""Verdicts of outside services."""

ACTION_WORDS = {
    "blink": "眨眨眼",
    "mouth": "张大嘴再闭上",
    "nod": "点点头",
    "turn_left": "向左转头再转回来",
    "turn_right": "向右转头再转回来",
}
_STEP = re.compile(r"^STEP(\d+)_(BLINK|MOUTH|NOD|TURN_LEFT|TURN_RIGHT)_(NOT_SEEN|OTHER|PLANAR)$")
_WHY = {
    "NOT_SEEN": "第 {number} 步没有看清“{words}”，请看到提示后再做，动作慢一点、大一点。",
    "OTHER": "第 {number} 步请只做“{words}”这一个动作。",
    "PLANAR": "第 {number} 步没有看到头在转动，只看到画面在动。" + _AGAIN,
}


def reason_of(code: str) -> Reason:
    """The meaning of a code. KeyError for one that does not exist."""
    step = _STEP.match(code)
    if step is None:
        return REASONS[code] if code in REASONS else PROVIDER_REASONS[code]
    return Reason("retry", _WHY[step[3]].format(number=step[1], words=ACTION_WORDS[step[2].lower()]))


def ordered(codes: Iterable[str]) -> tuple[str, ...]:
    """Each code once: the gravest outcome first, then in the order of `REASONS`, steps last."""
    places = {code: place for place, code in enumerate((*REASONS, *PROVIDER_REASONS))}
    unique = sorted(dict.fromkeys(codes))
    return tuple(sorted(unique, key=lambda code: (-SEVERITY[reason_of(code).outcome], places.get(code, len(places)))))


def told(codes: Sequence[str]) -> tuple[str, ...]:
    """What a person reads about `ordered` codes: two things to do better at most; where nobody was seen, nothing that follows from it."""
    heard = codes[:1] if codes[:1] == ("NO_FACE",) else codes
    return tuple(dict.fromkeys(reason_of(code).coaching for code in heard))[:_MOST_TOLD]
