"""EMS, China Post's express mail: the network side. Interface inferred from public clients; see `ems_mapping`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog

from core.clock import Clock
from core.http.client import HttpClient
from express.carriers import ems_mapping as mapping
from express.config import ExpressConfig
from express.errors import CarrierRefused, CarrierUnclear, PushForged
from express.ports import CarrierEvent, OrderRequest, Push

log = structlog.get_logger("express.ems")


class Ems:
    code = "ems"
    is_postal = True

    def __init__(self, config: ExpressConfig, http: HttpClient, clock: Clock) -> None:
        self._config, self._http, self._clock = config, http, clock

    async def _call(self, api_code: str, payload: Any) -> dict[str, Any]:
        form = {
            "apiCode": api_code,
            "senderNo": self._config.ems_sender_no,
            "authorization": self._config.ems_authorization,
            "msgType": "0",
            "timeStamp": mapping.beijing_text(self._clock.now()),
            "version": "V1.0.0",
            "logitcsInterface": mapping.seal(payload, self._config.ems_sign_key),
        }
        response = await self._http.request("POST", self._config.ems_path, data=form)
        try:
            answer = msgspec.json.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise CarrierUnclear() from None
        if response.status_code != 200 or not isinstance(answer, dict) or not isinstance(answer.get("retCode"), str):
            raise CarrierUnclear()
        if answer["retCode"] != mapping.DONE:
            log.warning("ems_refused", api_code=api_code, ret_code=answer["retCode"][:16])
            raise CarrierRefused()
        return answer

    async def order(self, request: OrderRequest) -> str:
        waybill_no = mapping.waybill_from(await self._call(mapping.ORDER, mapping.order_payload(request, self._config)))
        if waybill_no is None:
            raise CarrierUnclear()
        return waybill_no

    async def cancel(self, order_no: str, waybill_no: str) -> None:
        await self._call(mapping.CANCEL, {"logisticsOrderNo": order_no, "waybillNo": waybill_no, "cancelReason": "寄件人取消"})

    async def track(self, waybill_no: str) -> Sequence[CarrierEvent]:
        items = mapping.body_of(await self._call(mapping.TRACK, {"waybillNo": waybill_no, "direction": "0"}))
        try:
            return [mapping.event_from(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        except mapping.EmsUnreadable:
            raise CarrierUnclear() from None

    def parse_push(self, headers: Mapping[str, str], body: bytes) -> Push:
        """A 040002 push. Only the sealed part is proven; its envelope (serial number, time) is not, so replays are told by content."""
        envelope = _envelope(headers, body)
        if envelope.get("senderNo") != self._config.ems_sender_no or envelope.get("method", mapping.PUSH) != mapping.PUSH:
            raise PushForged()
        try:
            plaintext = mapping.unseal(str(envelope.get("logitcsInterface") or ""), self._config.ems_sign_key)
            found = msgspec.json.decode(plaintext)
            items = found if isinstance(found, list) else [found]
            events = [mapping.event_from(item) for item in items if isinstance(item, dict)]
        except (mapping.EmsUnreadable, msgspec.DecodeError, UnicodeDecodeError):
            raise PushForged() from None
        serial = str(envelope.get("serialNo") or secrets.token_hex(16))[:64]
        answer = {"serialNo": serial, "code": mapping.DONE, "codeMessage": "成功", "senderNo": self._config.ems_sender_no}
        return Push(events, plaintext, msgspec.json.encode(answer))

    async def close(self) -> None:
        await self._http.close()

    async def check(self) -> None:
        mapping.sm4_key(self._config.ems_sign_key)
        if not self._config.ems_sender_no or not self._config.ems_authorization:
            raise ValueError("ZT_EXPRESS_EMS_SENDER_NO and ZT_EXPRESS_EMS_AUTHORIZATION are needed")


def _envelope(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """JSON, or a form from older gateways. Raises PushForged."""
    if len(body) > 256 * 1024:
        raise PushForged()
    if "form-urlencoded" in headers.get("content-type", ""):
        try:
            return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))
        except ValueError:
            raise PushForged() from None
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PushForged() from None
    if not isinstance(found, dict):
        raise PushForged()
    return found
