"""EMS's words and ours: pure. Codes are inferred from several agreeing public clients; one that is not listed is UNKNOWN."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from core.clock import BEIJING
from core.sm4 import KEY_BYTES, BadCiphertext, ecb_decrypt, ecb_encrypt
from express.config import ExpressConfig
from express.ports import CarrierEvent, OrderRequest, TrackStatus

ORDER, CANCEL, LABEL, TRACK, PUSH = "020003", "020006", "010004", "040001", "040002"
DONE = "00000"
PREFIX = "|$4|"

STATUS: dict[str, TrackStatus] = {
    "203": TrackStatus.PICKED_UP,
    "305": TrackStatus.IN_TRANSIT,
    "405": TrackStatus.IN_TRANSIT,
    "457": TrackStatus.IN_TRANSIT,
    "702": TrackStatus.OUT_FOR_DELIVERY,
    "704": TrackStatus.DELIVERED,
    "705": TrackStatus.DELIVERY_FAILED,
    "706": TrackStatus.RETURN_TO_SENDER,
    "711": TrackStatus.READY_FOR_PICKUP,
    "O_011": TrackStatus.CANCELLED,
}


class EmsUnreadable(ValueError):
    """Not sealed with our key, or not what EMS sends."""


def sm4_key(sign_key: str) -> bytes:
    """Raises ValueError unless the key is base64 of 16 bytes."""
    try:
        key = base64.b64decode(sign_key, validate=True)
    except binascii.Error:
        raise ValueError("the EMS key is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError("the EMS key has 16 bytes")
    return key


def seal(payload: Any, sign_key: str) -> str:
    """`|$4|` + base64(SM4-ECB(json + signKey))."""
    return PREFIX + base64.b64encode(ecb_encrypt(sm4_key(sign_key), msgspec.json.encode(payload) + sign_key.encode())).decode()


def unseal(text: str, sign_key: str) -> bytes:
    """The JSON inside. The signKey at its end is the only proof of origin that this interface has. Raises EmsUnreadable."""
    if not text.startswith(PREFIX):
        raise EmsUnreadable("no prefix")
    try:
        plain = ecb_decrypt(sm4_key(sign_key), base64.b64decode(text.removeprefix(PREFIX), validate=True))
    except (BadCiphertext, binascii.Error, ValueError):
        raise EmsUnreadable("not sealed with our key") from None
    if not plain.endswith(sign_key.encode()):
        raise EmsUnreadable("not signed")
    return plain[: -len(sign_key.encode())]


def beijing_text(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def order_payload(request: OrderRequest, config: ExpressConfig) -> list[dict[str, Any]]:
    to = request.recipient
    sender = {
        "name": config.sender_name,
        "mobile": config.sender_phone,
        "prov": config.sender_province,
        "city": config.sender_city,
        "county": config.sender_county,
        "address": config.sender_address,
    }
    receiver = {
        "name": to.name,
        "mobile": to.phone,
        "prov": to.province,
        "city": to.city,
        "county": to.county,
        "address": to.address,
    }
    return [
        {
            "ecCompanyId": config.ems_sender_no,
            "logisticsOrderNo": request.order_no,
            "createdTime": beijing_text(request.created_at),
            "contentsAttribute": "1",  # documents
            "bizProductNo": "1",  # express mail
            "insuranceFlag": "2",  # insured: without it, liability ends at three times the postage
            "insuranceAmount": f"{config.insured_yuan:.2f}",
            "senderSafetyCode": "0",
            "receiverSafetyCode": "0",
            "virtualNumFlag": "0",
            "sender": sender,
            "receiver": receiver,
            "cargos": [{"cargoName": request.contents, "cargoQuantity": 1}],
        }
    ]


def event_from(item: Mapping[str, Any]) -> CarrierEvent:
    """One track or push item. Raises EmsUnreadable when its waybill, code or time is missing or malformed."""
    waybill_no, code, time = (str(item.get(name) or "") for name in ("waybillNo", "opCode", "opTime"))
    if not waybill_no or len(waybill_no) > 32 or not code or len(code) > 32:
        raise EmsUnreadable("no waybill or code")
    try:
        occurred_at = datetime.strptime(time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise EmsUnreadable("no time") from None
    return CarrierEvent(waybill_no, code, STATUS.get(code, TrackStatus.UNKNOWN), occurred_at, str(item.get("opOrgCity") or "")[:32])


def body_of(answer: Mapping[str, Any]) -> Any:
    """retBody is a JSON string in most answers and plain JSON in some."""
    body = answer.get("retBody")
    if not isinstance(body, str):
        return body
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body


def waybill_from(answer: Mapping[str, Any]) -> str | None:
    body = body_of(answer)
    item = body[0] if isinstance(body, list) and body else body
    waybill_no = item.get("waybillNo") if isinstance(item, dict) else None
    return waybill_no if isinstance(waybill_no, str) and 8 <= len(waybill_no) <= 32 else None
