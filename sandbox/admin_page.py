"""The stand-in's page. It shows invented people only."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sandbox.persons import PERSONS
from sandbox.state import State

_ACTIONS = (
    ("pick_up", "揽收"),
    ("out_for_delivery", "派送"),
    ("deliver", "妥投"),
    ("fail", "未妥投"),
    ("return", "退回"),
    ("lose", "丢失"),
)
_STATES = {
    "ordered": "已下单",
    "picked_up": "已揽收",
    "in_transit": "运输中",
    "out_for_delivery": "派送中",
    "delivered": "已妥投",
    "failed": "未妥投",
    "returned": "已退回",
    "lost": "已丢失",
    "cancelled": "已撤单",
}
_STYLE = """
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1f2933}
body{margin:0 auto;max-width:1080px;padding:24px}
h1{font-size:24px}h2{font-size:18px;margin-top:32px}p.note{background:#fff7e0;border-left:4px solid #b7791f;padding:8px 12px}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d9e2ec;padding:8px;text-align:left;vertical-align:top}
button{font:inherit;margin:0 6px 6px 0;padding:6px 12px;min-height:40px;cursor:pointer}code{word-break:break-all}
"""
_SCRIPT = """
document.addEventListener("click",async e=>{const b=e.target.closest("button[data-url]");if(!b)return;
b.disabled=true;await fetch(b.dataset.url,{method:"POST"});location.reload()})
"""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], empty: str) -> str:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else f"<p>{escape(empty)}</p>"


def _buttons(waybill_no: str) -> str:
    return "".join(f'<button type="button" data-url="/_sandbox/ems/{escape(waybill_no)}/{key}">{name}</button>' for key, name in _ACTIONS)


def page(state: State) -> str:
    persons = [
        (escape(who.name), escape(who.role), escape(who.city), f"<code>{who.id_number}</code>", "有" if who.portrait else "无")
        for who in PERSONS
    ]
    parcels = [
        (f"<code>{escape(item.waybill_no)}</code>", f"<code>{escape(item.order_no)}</code>", _STATES[item.state], _buttons(item.waybill_no))
        for item in state.parcels.values()
    ]
    journal = [
        (escape(str(line["at"])[11:23]), escape(str(line["method"])), f"<code>{escape(str(line['path']))}</code>", _rest(line))
        for line in list(state.journal)[-50:][::-1]
    ]
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>零跑办沙箱</title><style>{_STYLE}</style><h1>零跑办沙箱</h1>"
        '<p class="note">这里代替微信、邮政 EMS 和人像核验机构，只用于开发和测试。人物和号码都是虚构的。</p>'
        f"<h2>人物</h2>{_table(('姓名', '身份', '所在城市', '身份证号', '留存照片'), persons, '')}"
        f"<h2>快件</h2>{_table(('运单号', '订单号', '状态', '让快递员…'), parcels, '还没有快件。')}"
        f"<h2>最近的请求</h2>{_table(('时间', '方法', '地址', '结果'), journal, '还没有请求。')}"
        f"<script>{_SCRIPT}</script></html>"
    )


def _rest(line: dict[str, object]) -> str:
    facts = {name: value for name, value in line.items() if name not in ("at", "method", "path") and value is not None}
    return escape("，".join(f"{name}={value}" for name, value in facts.items()))
