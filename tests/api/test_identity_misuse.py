"""R51: proofs played again, put to another use or taken from another session are refused, and whoever tried is on record."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from core import audit
from core.clock import ManualClock
from core.http.refusals import AN_HOUR
from hall.cases.models import Case
from tests.api.test_capture_stream import hello, last, line, started
from tests.factories.cases import hand
from tests.factories.http_hall import HttpHall, open_hall

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def noted(door: HttpHall, who: str = "zhang") -> list[str]:
    """The codes of what was refused, in order; the chain must hold."""
    chain = f"account:{door.actors[who].id}"
    assert (await audit.verify(chain)).is_intact
    return [json.loads(link.data)["code"] for link in await audit.links(chain) if link.action == "access.attempt_refused"]


def signing(case: Case, assertion: str) -> dict[str, Any]:
    return {"json": {"assertion": assertion, "signature": msgspec.to_builtins(hand())}}


async def test_a_reused_proof_and_one_for_another_document(database_url: str, tmp_path: Any, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock) as door:
        case = await door.house.prepared()
        path = f"/api/citizen/cases/{case.id}/signature"
        for wrong in (
            await door.house.assertion(door.house.zhang, case, document_sha256="e" * 64),
            await door.house.assertion(door.house.li, case),
            "x.y.z",
        ):
            assert (await door.refused("zhang", "POST", path, **signing(case, wrong)))[1] == "identity.assertion_invalid"
        assert await noted(door) == ["identity.assertion_invalid"] * 3
        right = await door.house.assertion(door.house.zhang, case)
        await door.done("zhang", "POST", path, **signing(case, right))
        assert (await door.refused("zhang", "POST", path, **signing(case, right)))[1] == "identity.assertion_used"
        assert await noted(door) == [*["identity.assertion_invalid"] * 3, "identity.assertion_used"]
        assert await noted(door, "li") == []


async def test_a_reused_nonce_a_swapped_session_and_a_forged_mac(database_url: str, tmp_path: Any, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock) as door:
        view = await started(door)
        async with line(door) as socket:
            await socket.send(hello(door, view))
            await socket.recv()
            await socket.send(b"ZF1\x00" + bytes(9) + b"m" * 32 + b"\xff\xd8\xff no frame of this session")
            assert (await last(socket))["verification"]["reasons"] == ["TAMPERED"]
        judged = [link for link in await audit.links(f"account:{door.actors['zhang'].id}") if link.action == "identity.face_judged"]
        assert "TAMPERED" in judged[-1].data
        async with line(door) as socket:
            await socket.send(hello(door, await started(door, "li"), who="zhang"))
            assert (await last(socket))["error"]["code"] == "request.not_found"
        assert await noted(door) == ["request.not_found"]
        again = await started(door)
        async with line(door) as socket:
            await socket.send(hello(door, {**again, "nonce": view["nonce"]}))
            assert (await last(socket))["error"]["code"] == "identity.nonce_wrong"
        assert await noted(door) == ["request.not_found", "identity.nonce_wrong"]
        # What does not exist is nobody's session, and says nothing of anybody.
        async with line(door) as socket:
            await socket.send(hello(door, {**again, "id": "verification_none"}))
            assert (await last(socket))["error"]["code"] == "request.not_found"
        assert len(await noted(door)) == 2


async def test_a_chain_is_not_filled_by_whoever_is_refused(database_url: str, tmp_path: Any, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock) as door:
        view = await started(door)
        place = f"/api/citizen/verifications/{view['id']}/assertion"
        for _ in range(AN_HOUR + 5):
            assert (await door.refused("li", "POST", place)) == (404, "request.not_found")
        assert len(await noted(door, "li")) == AN_HOUR
