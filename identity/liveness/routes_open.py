"""The key that checks identity assertions."""

from __future__ import annotations

import msgspec

from core.http.routes import Audience, Binary, Call, Routes
from identity.liveness.service import Verifications

routes = Routes("verifications", "/api/open/identity", Audience.OPEN)


@routes.get("/jwks.json", returns=Binary, summary="身份凭据验证公钥（JWK Set）")
async def jwks(call: Call) -> Binary:
    keys = msgspec.json.encode(call.service(Verifications).jwks())
    return Binary(keys, "application/jwk-set+json", headers={"Cache-Control": "public, max-age=300"})
