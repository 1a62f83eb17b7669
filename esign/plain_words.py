"""A verification in the words of somebody in a shop: one word, what to do, and the facts to compare with what stands there."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from esign.report import Report

Tone = Literal["ok", "warn", "danger", "unsure"]

_STANDING: dict[str, tuple[str, Tone, str]] = {
    "revoked": ("已撤销", "danger", "请不要凭它办事；有疑问可以拨打 12345。"),
    "suspended": ("已暂停", "warn", "请过些时候再查，或者拨打 12345 问一问。"),
    "expired": ("已过期", "warn", "请向对方要还在有效期里的证照。"),
}
_LATER = frozenset({"STATUS_UNKNOWN", "STATUS_LIST_STALE", "STATUS_LIST_INVALID", "TRUST_LIST_STALE", "TRUST_LIST_INVALID"})
_LABELS = {
    "licence_type": "证照名称",
    "holder_name": "持有人",
    "holder_uscc": "统一社会信用代码",
    "legal_person": "法定代表人",
    "address": "地址",
    "scope": "经营范围",
    "licence_id": "证照编号",
    "issued_on": "签发日期",
    "valid_from": "有效期自",
    "valid_until": "有效期至",
}


class PlainVerdict(msgspec.Struct, frozen=True):
    label: str
    tone: Tone
    advice: str


class Fact(msgspec.Struct, frozen=True):
    label: str
    text: str


def verdict_zh(report: Report) -> PlainVerdict:
    if report.subindication == "PRESENTATION_EXPIRED":
        return PlainVerdict("已过期", "warn", "出示码只在很短的时间里有效。请对方在手机上重新点“出示证照”，再扫一次。")
    if report.verdict == "TOTAL_PASSED":
        if report.licence is None:
            return PlainVerdict("签名是真的", "unsure", "这是一份签过名的文件，不是证照，不能当证照用。")
        return PlainVerdict("有效", "ok", "请再看看下面的名称和地址，是不是您面前的这一家。")
    if report.status in _STANDING:
        return PlainVerdict(*_STANDING[report.status])
    if report.verdict == "TOTAL_FAILED":
        return PlainVerdict("不是真的", "danger", "请不要凭它办事；可以拨打 12345 反映。")
    if report.subindication in _LATER:
        return PlainVerdict("无法确认", "unsure", "先不要当成真的。发证机关的最新信息还没有取到，请过一会儿再查。")
    if report.subindication == "NOT_RECOGNISED":
        return PlainVerdict("无法确认", "unsure", "请换证照的 PDF 原件，或者把证照上的二维码拍清楚、拍完整，再查。")
    return PlainVerdict("无法确认", "unsure", "先不要当成真的。请换证照的 PDF 原件再查；还不行，请拨打 12345 核实。")


def facts_zh(report: Report) -> tuple[Fact, ...]:
    """What the credential says, with the authority that answers for it; a fact that is not shown is left out. Of a forgery, nothing."""
    if report.licence is None or verdict_zh(report).label == "不是真的":
        return ()
    named = [Fact("发证机关", report.issuer.name)] if report.issuer else []
    said = [(label, getattr(report.licence, name)) for name, label in _LABELS.items()]
    return (*named, *(Fact(label, _text(value)) for label, value in said if value))


def _text(value: str | date) -> str:
    return f"{value:%Y年%-m月%-d日}" if isinstance(value, date) else value
