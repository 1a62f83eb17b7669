"""WeChat's own face verification (微信人脸核身), after developers.weixin.qq.com/miniprogram/dev/server/API/face.

getVerifyId opens a session for a name, a number and an openid, the phone shows it with `wx.requestFacialVerify`, queryVerifyInfo tells the
result. Only errcode 0 with verify_ret 10000 means passed. For government mini-programs WeChat asks for this way.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from core.clock import Clock
from core.errors import TooManyRequests
from core.http.client import HttpClient
from identity.liveness.facts import Capabilities
from identity.liveness.providers.errors import ProviderNeedsWechat, ProviderUnavailable
from identity.liveness.providers.ports import AccessTokens, ProviderResult, ProviderSubject, ProviderTicket, State

BEGIN, QUERY = "/cityservice/face/identify/getverifyid", "/cityservice/face/identify/queryverifyinfo"
CERT_TYPE = "IDENTITY_CARD"
TOKEN_REFUSED = {40001, 40014, 42001}
PASSING_TROUBLE = {-1, 45009, 45011, 48001}
"""Busy, over a quota, not admitted to the interface: nothing is known about the person."""

_UNDECIDED: dict[str, tuple[int, ...]] = {
    "PROVIDER_CANCELLED": (90002, 90003, 90004, 90005, 90006),
    "PROVIDER_NO_CAMERA": (90008, 90009, 90010, 90106),
    "PROVIDER_DEVICE": (90001, 90109),
    "PROVIDER_NETWORK": (90007, 90012),
    "PROVIDER_TROUBLE": (
        *(10001, 10006, 10007, 10008, 10013, 10014, 10015, 10016, 10029, 10040, 10042, 10045, 10052),
        *(90018, 90104, 90105, 90110, 90199),
    ),
}
_FAILED: dict[str, tuple[int, ...]] = {
    "PROVIDER_OTHER_PERSON": (10004,),
    "PROVIDER_NAME_OR_NUMBER": (10003,),
    "PROVIDER_POOR_CAPTURE": (10002, 10010, 90011, 90013, 90014),
    "PROVIDER_TIMED_OUT": (10020, 90017, 90107),
}
RESULTS: dict[int, tuple[State, tuple[str, ...]]] = {
    10000: ("passed", ()),
    10005: ("pending", ()),
    10300: ("pending", ()),
    10018: ("review", ("PROVIDER_NO_SOURCE",)),
    10026: ("review", ("PROVIDER_NO_SOURCE",)),
    **{code: ("pending", (reason,)) for reason, codes in _UNDECIDED.items() for code in codes},
    **{code: ("failed", (reason,)) for reason, codes in _FAILED.items() for code in codes},
}
"""verify_ret → state and reasons. Any other number means that we do not know (so do 10012, 10017, 10021 and 10041, which can mean several
things)."""
UNKNOWN: tuple[State, tuple[str, ...]] = ("review", ("PROVIDER_UNSURE",))

log = structlog.get_logger("wechat_face")


class _Ticket(msgspec.Struct, frozen=True):
    verify_id: str
    out_seq_no: str
    cert_hash: str
    openid: str


def cert_hash(name: str, id_number: str) -> str:
    """SHA-256, hexadecimal, over the three fields of cert_info, each in base64, joined as a query (queryVerifyInfo, notes)."""
    cert = {"cert_type": CERT_TYPE, "cert_name": name, "cert_no": id_number}
    text = "&".join(f"{key}={base64.b64encode(value.encode()).decode()}" for key, value in cert.items())
    return hashlib.sha256(text.encode()).hexdigest()


class WechatFaceProvider:
    name = "wechat"

    def __init__(self, *, client: HttpClient, clock: Clock, tokens: AccessTokens, capabilities: Capabilities) -> None:
        self._client, self._clock, self._tokens = client, clock, tokens
        self.capabilities = capabilities

    async def check(self) -> None:
        await self._token()

    async def begin(self, subject: ProviderSubject, reference: str) -> ProviderTicket:
        """Not repeated after a lost answer: an out_seq_no works once."""
        if subject.openid is None:
            raise ProviderNeedsWechat()
        cert = {"cert_type": CERT_TYPE, "cert_name": subject.name, "cert_no": subject.id_number}
        errcode, answer = await self._post(BEGIN, {"out_seq_no": reference, "cert_info": cert, "openid": subject.openid})
        verify_id, seconds = answer.get("verify_id"), answer.get("expires_in", 3600)
        if errcode != 0 or not isinstance(verify_id, str) or not 0 < len(verify_id) <= 256 or not isinstance(seconds, int):
            raise ProviderUnavailable()
        ticket = _Ticket(verify_id, reference, cert_hash(subject.name, subject.id_number), subject.openid)
        expires_at = self._clock.now() + timedelta(seconds=min(max(seconds, 0), 86_400))
        return ProviderTicket(msgspec.json.encode(ticket).decode(), {"verify_id": verify_id}, expires_at)

    async def result(self, ticket: str) -> ProviderResult:
        held = msgspec.json.decode(ticket, type=_Ticket)
        errcode, answer = await self._post(QUERY, msgspec.to_builtins(held))
        if errcode in PASSING_TROUBLE:
            raise ProviderUnavailable()
        if errcode != 0:
            # Among others: the session belongs to another person, number or reference.
            log.error("wechat_face_refused", errcode=errcode)
            return ProviderResult(*UNKNOWN, f"errcode:{errcode}")
        code = answer.get("verify_ret")
        if not isinstance(code, int) or isinstance(code, bool):
            raise ProviderUnavailable()
        return ProviderResult(*RESULTS.get(code, UNKNOWN), str(code))

    async def close(self) -> None:
        await self._client.close()

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """errcode and answer. A refused token is refreshed and the call, which then did nothing, repeated once."""
        token = await self._token()
        errcode, answer = await self._once(path, token, body)
        if errcode in TOKEN_REFUSED:
            errcode, answer = await self._once(path, await self._token(failed=token), body)
            if errcode in TOKEN_REFUSED:
                raise ProviderUnavailable()
        return errcode, answer

    async def _once(self, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        response = await self._client.request("POST", path, params={"access_token": token}, json=body)
        try:
            answer = msgspec.json.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ProviderUnavailable() from None
        errcode = answer.get("errcode", 0) if isinstance(answer, dict) else None
        if response.status_code != 200 or not isinstance(errcode, int) or isinstance(errcode, bool):
            raise ProviderUnavailable()
        return errcode, answer

    async def _token(self, failed: str | None = None) -> str:
        try:
            return await self._tokens.access_token(failed=failed)
        except TooManyRequests:
            # WeChat's quota, not this person's haste.
            raise ProviderUnavailable() from None
