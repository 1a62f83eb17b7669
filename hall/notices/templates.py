"""What each kind of message says, as data. `phrase` (at most five Chinese characters) is what WeChat shows as the state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    title: str
    text: str
    phrase: str


TEMPLATES: dict[str, Template] = {
    "case.submitted": Template("已提交", "我们收到了您的申请，正在预审。您不用跑，有结果会第一时间告诉您。", "预审中"),
    "case.returned": Template("需要补正", "有内容需要修改，已一次性列在办件里，请照单修改后重新签署提交。", "待补正"),
    "case.accepted": Template("已受理", "您的申请已正式受理，办结期限已写在办件里。", "已受理"),
    "case.not_accepted": Template("未受理", "您的申请没有受理，原因和去处写在办件里。", "未受理"),
    "case.paused": Template("计时暂停", "您的申请进入特别程序，这段时间不计入办理期限。", "计时暂停"),
    "case.resumed": Template("恢复办理", "特别程序已结束，办理继续，新的期限写在办件里。", "办理中"),
    "case.granted": Template("准予备案", "您的申请已通过，正在制作证照。", "已通过"),
    "case.refused": Template("未予备案", "您的申请没有通过，理由和救济途径写在办件里。", "未通过"),
    "case.licensed": Template("证照已签发", "电子证照已放进“我的证照”，纸质证照马上寄出。", "已签发"),
    "case.closed": Template("已办结", "证照已送达，本次业务办结。请为我们的服务打个分。", "已办结"),
    "case.withdrawn": Template("已撤回", "您的申请已撤回，需要时可以重新办理。", "已撤回"),
    "licence.status_changed": Template("证照状态有变化", "您的一张证照状态有变化，请到“我的证照”查看。", "状态变更"),
}
