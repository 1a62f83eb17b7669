"""Judging strangers' files costs a process: nobody may keep it to themselves, and codes stay free of that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from cryptography import x509

from core.isolation import IsolationFailed
from esign.models import SigningKey
from esign.service import Esign, KeyStore
from hall.licences.routes_open import FILES_AT_ONCE, FILES_PER_MINUTE
from tests.factories.door import Door

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH = "/api/open/verify/file"
FILE: dict[str, Any] = {"file": ("a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")}


async def test_files_are_limited_and_codes_are_not(house_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()
    reason = "died"

    async def slow(_: bytes) -> bytes:
        await gate.wait()
        raise IsolationFailed(reason)

    monkeypatch.setattr(house_door.world.hall.service(Esign)._verifier, "call", slow)
    async with house_door.client(None) as web:
        await web.get("/api/open/trust-list")
        pending = [asyncio.create_task(web.post(PATH, files=FILE)) for _ in range(FILES_AT_ONCE)]
        await asyncio.sleep(0.5)
        third = await web.post(PATH, files=FILE)
        assert (third.status_code, third.json()["error"]["code"]) == (429, "request.too_many")
        gate.set()
        assert [(await one).status_code for one in pending] == [200] * FILES_AT_ONCE
        reason = "busy"
        full = await web.post(PATH, files=FILE)
        assert (full.status_code, full.json()["error"]["code"]) == (503, "esign.verifier_busy")
        assert int(full.headers["retry-after"]) > 0
        reason = "died"  # a refusal gave its place back
        for _ in range(FILES_PER_MINUTE - FILES_AT_ONCE - 2):
            assert (await web.post(PATH, files=FILE)).status_code == 200
        over = await web.post(PATH, files=FILE)
        assert (over.status_code, over.json()["error"]["code"]) == (429, "request.too_many") and int(over.headers["retry-after"]) > 0
        for _ in range(30):
            assert (await web.post("/api/open/verify/code", json={"code": "x"})).status_code == 200


async def test_revocation_lists_are_public(house_door: Door) -> None:
    """RFC 2585 section 4.2: the media type of a list."""
    await house_door.world.prepared()
    await house_door.world.hall.service(KeyStore).ensure_local_authority("11310000MB2F30000X", "某局")
    root = await SigningKey.get(purpose="root")
    async with house_door.client(None) as web:
        answer = await web.get(f"/api/open/crls/{root.id}.crl")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pkix-crl")
        assert "public" in answer.headers["cache-control"]
        assert x509.load_der_x509_crl(answer.content).issuer == x509.load_der_x509_certificate(bytes(root.certificate)).subject
