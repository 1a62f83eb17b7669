"""The stand-in EMS (postal express). The interface is inferred from several agreeing public clients, not from an official text.

Form fields apiCode, senderNo, authorization, timeStamp, logitcsInterface (spelt so); the payload is
`|$4|` + base64(SM4-ECB(json + signKey, base64 decoded signKey)); retCode 00000 means done, and retBody is a JSON string.
Refusal codes other than 00000 are this stand-in's own. Pushes (040002) carry the same envelope as a JSON body.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from core.clock import BEIJING
from core.http.client import tls
from core.sm4 import BadCiphertext, ecb_decrypt, ecb_encrypt
from sandbox.config import SandboxConfig
from sandbox.ems_label import label_pdf
from sandbox.state import ParcelEvent, SandboxParcel, State

PATHS = ("/amp-prod-api/f/amp/api/test", "/amp-prod-api/f/amp/api/open")
PUSH_PATH = "/callbacks/express/ems"
# Operation codes as public clients use them: 203 taken in, 305 on the way, 702 out for delivery, 704 delivered,
# 705 not delivered, 706 returned.
MOVES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "pick_up": ("picked_up", (("203", "收寄", "已收寄，揽投员已取件"),)),
    "depart": ("in_transit", (("305", "运输", "快件已离开成都，发往下一站"),)),
    "out_for_delivery": ("out_for_delivery", (("702", "投递", "投递员正在派送"),)),
    "deliver": ("delivered", (("704", "投递结果反馈-妥投", "已妥投"),)),
    "fail": ("failed", (("705", "投递结果反馈-未妥投", "未妥投，收件人不在"),)),
    "return": ("returned", (("706", "退回", "快件已退回寄件人"),)),
    "lose": ("lost", (("999", "异常", "快件下落不明"),)),
}


class EmsRefusal(Exception):
    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(code)


def seal(payload: Any, sign_key: str) -> str:
    return "|$4|" + base64.b64encode(ecb_encrypt(base64.b64decode(sign_key), msgspec.json.encode(payload) + sign_key.encode())).decode()


def unseal(text: str, sign_key: str) -> Any:
    """Raises EmsRefusal when the text was not made with this key."""
    try:
        plain = ecb_decrypt(base64.b64decode(sign_key), base64.b64decode(text.removeprefix("|$4|"), validate=True))
    except (BadCiphertext, ValueError):
        raise EmsRefusal("S0001", "报文解密失败") from None
    if not text.startswith("|$4|") or not plain.endswith(sign_key.encode()):
        raise EmsRefusal("S0002", "签名校验失败")
    try:
        return msgspec.json.decode(plain[: -len(sign_key.encode())])
    except msgspec.DecodeError:
        raise EmsRefusal("S0003", "报文不是JSON") from None


def beijing_text(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _order(state: State, payload: Any) -> dict[str, Any]:
    item = payload[0] if isinstance(payload, list) and len(payload) == 1 else payload
    receiver = item.get("receiver") if isinstance(item, dict) else None
    if not isinstance(receiver, dict) or any(not receiver.get(field) for field in ("name", "mobile", "prov", "city", "address")):
        raise EmsRefusal("B0001", "收件人信息不完整")
    order_no = str(item.get("logisticsOrderNo", ""))
    if not 4 <= len(order_no) <= 50:
        raise EmsRefusal("B0002", "订单号长度不符")
    parcel = state.parcel_of_order(order_no)
    if parcel is None:
        waybill_no = f"12{state.next_serial:011d}"
        state.next_serial += 1
        parcel = SandboxParcel(waybill_no, order_no, state.clock.now(), receiver)
        state.parcels[waybill_no] = parcel
        state.save()
    return {"waybillNo": parcel.waybill_no, "logisticsOrderNo": order_no, "routeCode": "610000"}


def _known(state: State, payload: Any) -> SandboxParcel:
    parcel = state.parcels.get(str(payload.get("waybillNo", ""))) if isinstance(payload, dict) else None
    if parcel is None:
        raise EmsRefusal("B0004", "运单号不存在")
    return parcel


def _cancel(state: State, payload: Any) -> dict[str, Any]:
    parcel = _known(state, payload)
    if parcel.state not in ("ordered", "cancelled"):
        raise EmsRefusal("B0005", "快件已收寄，不能撤单")
    parcel.state = "cancelled"
    state.save()
    return {"waybillNo": parcel.waybill_no}


def _event_fields(parcel: SandboxParcel, event: ParcelEvent) -> dict[str, str]:
    where = {"opOrgCity": event.city, "opOrgName": "沙箱揽投部", "operatorName": "沙箱投递员"}
    what = {"opCode": event.op_code, "opName": event.op_name, "opDesc": event.op_desc, "opTime": beijing_text(event.at)}
    return {"waybillNo": parcel.waybill_no, "orderNo": parcel.order_no, **what, **where}


def _track(state: State, payload: Any) -> list[dict[str, str]]:
    parcel = _known(state, payload)
    return [_event_fields(parcel, event) for event in parcel.events]


def _label(state: State, payload: Any) -> str:
    return base64.b64encode(label_pdf(_known(state, payload).waybill_no)).decode()


CALLS: dict[str, Callable[[State, Any], Any]] = {"020003": _order, "020006": _cancel, "040001": _track, "010004": _label}


async def push(config: SandboxConfig, state: State, parcel: SandboxParcel, event: ParcelEvent, how: dict[str, Any]) -> list[int]:
    """Send one event to our server, `copies` times; `signature` is "right", "wrong" or "missing". Returns the statuses, 0 for no answer."""
    if not config.callback_url:
        return []
    sealed = seal(_event_fields(parcel, event), config.ems_sign_key)
    if how.get("signature") == "wrong":
        sealed = seal(_event_fields(parcel, event), base64.b64encode(secrets.token_bytes(16)).decode())
    body = {"method": "040002", "msgType": "0", "version": "v1.0.0", "senderNo": config.ems_sender_no}
    body |= {"serialNo": secrets.token_hex(16).upper(), "timeStamp": beijing_text(state.clock.now())}
    body["logitcsInterface"] = "" if how.get("signature") == "missing" else sealed
    statuses: list[int] = []
    async with httpx.AsyncClient(base_url=config.callback_url, timeout=5, verify=tls()) as client:
        for _ in range(min(5, int(how.get("copies", 1)))):
            try:
                statuses.append((await client.post(PUSH_PATH, json=body)).status_code)
            except httpx.HTTPError:
                statuses.append(0)
    state.note("PUSH", PUSH_PATH, waybill_no=parcel.waybill_no, op_code=event.op_code, statuses=statuses)
    return statuses


async def move(config: SandboxConfig, state: State, parcel: SandboxParcel, action: str, how: dict[str, Any]) -> list[int]:
    """The carrier's own people act on a parcel; every event is pushed."""
    parcel.state, steps = MOVES[action]
    statuses: list[int] = []
    for op_code, op_name, op_desc in steps:
        event = ParcelEvent(state.clock.now(), op_code, op_name, op_desc)
        parcel.events = [*parcel.events, event]
        statuses += await push(config, state, parcel, event, how)
    state.save()
    return statuses


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("ems")

    async def call(request: Request) -> HTTPResponse:
        form: Any = request.form or {}
        api_code = str(form.get("apiCode", ""))
        request.ctx.facts = {"api_code": api_code}
        answer = {"retDate": beijing_text(state.clock.now()), "serialNo": secrets.token_hex(16).upper()}
        try:
            if form.get("senderNo") != config.ems_sender_no or form.get("authorization") != config.ems_authorization:
                raise EmsRefusal("A0001", "客户代码或授权码不正确")
            if api_code not in CALLS:
                raise EmsRefusal("A0002", "接口代码不存在")
            body = CALLS[api_code](state, unseal(str(form.get("logitcsInterface", "")), config.ems_sign_key))
        except EmsRefusal as refusal:
            return json({"retCode": refusal.code, "retMsg": refusal.text, "retBody": None, **answer})
        text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
        return json({"retCode": "00000", "retMsg": "成功", "retBody": text, **answer})

    for number, path in enumerate(PATHS):
        bp.add_route(call, path, methods=["POST"], name=f"ems_call_{number}")
    return bp
