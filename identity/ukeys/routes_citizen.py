"""Proving oneself by a U-key."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

import msgspec

from core.errors import InvalidInput, NotFound, TooManyRequests
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import NotDeclared
from identity.ukeys.errors import UkeyChallengeOver, UkeyMissing, UkeyOfAnother, UkeyRefused
from identity.ukeys.service import Ukeys
from identity.ukeys.views import UkeyChallengeView, UkeyPassed

routes = Routes("ukeys", "/api/citizen/ukey-challenges", Audience.CITIZEN)

Base64 = Annotated[str, msgspec.Meta(min_length=1, max_length=12_000)]


class AskUkey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    document_sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None


class UkeySigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`certificates`: DER in base64, the holder's first, then those between it and a known authority."""

    certificates: Annotated[list[Base64], msgspec.Meta(min_length=1, max_length=4)]
    signature: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]

    def __repr__(self) -> str:
        return "UkeySigned(…)"


@routes.post(
    "", body=AskUkey, returns=UkeyChallengeView, status=201, summary="开始 U 盾核验", errors=(UkeyMissing, NotDeclared, TooManyRequests)
)
async def ask_ukey(call: Call, body: AskUkey) -> UkeyChallengeView:
    return await call.service(Ukeys).challenge(call.actor, application_id=body.application_id, document_sha256=body.document_sha256)


@routes.post(
    "/<challenge_id:str>/proof",
    body=UkeySigned,
    returns=UkeyPassed,
    summary="提交 U 盾签名",
    errors=(NotFound, UkeyMissing, UkeyChallengeOver, UkeyRefused, UkeyOfAnother, NotDeclared, InvalidInput),
)
async def prove_by_ukey(call: Call, body: UkeySigned) -> UkeyPassed:
    certificates = [_bytes("certificates", one) for one in body.certificates]
    signature = _bytes("signature", body.signature)
    return await call.service(Ukeys).prove(call.actor, call.path["challenge_id"], certificates=certificates, signature=signature)


def _bytes(name: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(fields={name: "不是有效的 base64 编码。"}) from None
