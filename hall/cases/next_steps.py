"""What the citizen should do now, as one plain sentence, and where. Pure; the clients only show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import msgspec

from hall.cases.rules import PARTY_ROLES

Section = Literal["form", "delivery", "materials", "parties", "signing", "parcel", "rating"]
NOTHING = "不用您做什么"


class NextStep(msgspec.Struct, frozen=True):
    """`action` is one of the case's allowed actions, or null when there is nothing to press; `section` says which part it is about."""

    title: str
    hint: str
    action: str | None = None
    section: Section | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where the case stands for one reader. `reply_by` ends the pre-review, `promised_on` the promise; `parcel` is its state."""

    state: str
    is_owner: bool
    allowed: Collection[str]
    gaps: Mapping[str, str] = field(default_factory=dict)
    material_names: Mapping[str, str] = field(default_factory=dict)
    corrections: int = 0
    my_signature: str | None = None
    is_signed: bool = False
    unsigned: int = 0
    reply_by: date | None = None
    promised_on: date | None = None
    pause: str = ""
    parcel: str | None = None


def day_text(day: date) -> str:
    """11月30日."""
    return f"{day.month}月{day.day}日"


def next_step(now: Standing) -> NextStep:
    """Never offers an action that the case does not allow."""
    found = _own(now) if now.is_owner else _party(now)
    return found if found.action is None or found.action in now.allowed else msgspec.structs.replace(found, action=None)


def _own(now: Standing) -> NextStep:
    if now.state == "draft":
        return _draft(now)
    if now.state == "signing":
        return _signing(now)
    if now.state == "returned":
        return NextStep(f"请修改 {now.corrections} 处内容", "要改的地方已经一次性列出来了，照着改好，再签名提交就行。", "reopen")
    if now.state == "delivering":
        return _delivering(now)
    return _waiting(now) if now.state in _WAITING else _ENDED[now.state]


def _draft(now: Standing) -> NextStep:
    form = [name for name in now.gaps if name.startswith("form.")]
    if form:
        return NextStep("请填写申请表", f"还有 {len(form)} 项要填。填到一半也会自动保存，随时可以接着填。", "edit", "form")
    if "delivery" in now.gaps:
        return NextStep("请填写收件人和地址", "证照做好后寄到这里，不用来取。", "edit", "delivery")
    wanted = [name.removeprefix("materials.") for name in now.gaps if name.startswith("materials.")]
    if wanted:
        names = "、".join(now.material_names.get(code, code) for code in wanted[:3])
        return NextStep(
            "请上传材料", f"还差 {len(wanted)} 份：{names}{'等' if len(wanted) > 3 else ''}。用手机拍照就行。", "edit", "materials"
        )
    for gap in now.gaps:
        if gap.startswith("parties."):
            label = PARTY_ROLES.get(gap.removeprefix("parties."), "其他人")
            return NextStep(f"请邀请{label}一起签名", "填上对方的姓名和身份证号，再把邀请发给他。", "edit", "parties")
    if "parties" in now.gaps:
        return NextStep("等对方接受邀请", now.gaps["parties"] + "请提醒对方打开邀请；邀请丢了可以重新发。", "edit", "parties")
    if now.corrections:
        return NextStep("都改好了就去签名", "请先核对要修改的地方是不是都改好了，再生成承诺书重新签名。", "prepare_signing", "signing")
    return NextStep("都填好了，去签名", "请核对一遍内容，然后生成承诺书，在手机上签名。", "prepare_signing", "signing")


def _signing(now: Standing) -> NextStep:
    if now.my_signature == "waiting":
        return NextStep(
            "请对着手机做一次人脸核验，然后签名", "先把承诺书看完，再手写签名。不方便刷脸，可以预约到窗口核验。", "sign", "signing"
        )
    if now.is_signed:
        return NextStep("都签好了，请提交", "提交后工作人员马上开始看材料，您不用跑。", "submit")
    if now.my_signature == "requested":
        return NextStep("正在写入您的签名", f"{NOTHING}，稍等几秒就好。")
    return NextStep("等其他人签名", f"您已经签好了，还有 {now.unsigned} 位没有签。请提醒对方打开零跑办签名。")


def _waiting(now: Standing) -> NextStep:
    last = now.promised_on if now.state == "accepted" else now.reply_by
    until = f"，最晚{day_text(last)}答复" if last and now.state in {"prereview", "prereviewed", "accepted"} else ""
    pause = f"（{now.pause}）" if now.pause and now.state == "special" else ""
    return NextStep(f"{NOTHING}，{_WAITING[now.state]}{pause}{until}", "有进展会马上发消息告诉您。")


def _delivering(now: Standing) -> NextStep:
    return _PARCEL.get(
        now.parcel or "", NextStep("证照做好了，等快递员来取", f"{NOTHING}。电子证照已经放进“我的证照”，现在就能用。", None, "parcel")
    )


def _party(now: Standing) -> NextStep:
    if now.state in {"draft", "returned"}:
        return NextStep(f"{NOTHING}，申请人正在填写", "填好以后会请您签名。")
    if now.state == "signing":
        if now.my_signature in {"waiting", "requested"}:
            return _signing(now)
        return NextStep("您已经签好了", f"{NOTHING}，大家都签好后由申请人提交。")
    if now.state == "withdrawn":
        return _ENDED["withdrawn"]
    return NextStep("您已经签好了", f"{NOTHING}，后面的事由申请人办理。")


_WAITING = {
    "prereview": "工作人员正在看材料",
    "prereviewed": "材料已经看过，马上受理",
    "accepted": "工作人员正在审查",
    "special": "正在走特别程序，这段时间不算在期限里",
    "granted": "已经通过，正在制作证照",
}
_AT_THE_HALL = NextStep("证照做好了，等快递员来取", f"{NOTHING}。电子证照已经放进“我的证照”，现在就能用。", None, "parcel")
_PARCEL = {
    "with_courier": NextStep("快递员已取走证照，准备送来", "送到时请报取件码。电子证照现在就能用。", None, "parcel"),
    "out_for_delivery": NextStep("证照正在送来", "请留意电话，送到时请报取件码。", None, "parcel"),
    "delivery_failed": NextStep("这次没有送到", "快递员会再联系您，请保持电话畅通。", None, "parcel"),
    "delivered_unproven": NextStep("请确认有没有收到证照", "快递公司说已经送到了，收到了请点一下确认。", None, "parcel"),
    "delivered": NextStep("证照已经送到", f"{NOTHING}，马上办结。", None, "parcel"),
    "returned": NextStep("快件退回了大厅", "工作人员会联系您。电子证照可以照常使用。", None, "parcel"),
    "lost": NextStep("快件丢失了", "很抱歉，工作人员会联系您处理。", None, "parcel"),
    "cancelled": NextStep("寄送已取消", "工作人员会联系您。电子证照可以照常使用。", None, "parcel"),
}
_ENDED = {
    "closed": NextStep("办好了", "证照在“我的证照”里。欢迎给这次服务打个分。", None, "rating"),
    "refused": NextStep("这次没有通过", "理由和救济途径写在下面；按理由改好后，可以重新办理。", None, "rating"),
    "not_required": NextStep("这件事不用办", "原因写在下面，您不用再做什么。", None, "rating"),
    "wrong_authority": NextStep("这件事不归我们办", "应当找哪里办，写在下面。", None, "rating"),
    "withdrawn": NextStep("已经撤回了", "需要时可以重新办理。"),
}
