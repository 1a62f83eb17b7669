"""What is wired for a process is closed with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import load_settings
from api.wiring import wire
from core.http.client import HttpClient
from tests.factories.identity import FakeVision


async def test_every_client_of_an_outside_service_is_closed_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, httpx.AsyncClient] = {}
    build = HttpClient.__init__

    def noted(client: HttpClient, name: str, *rest: Any, **options: Any) -> None:
        build(client, name, *rest, **options)
        made[name] = client._client

    monkeypatch.setattr(HttpClient, "__init__", noted)
    here = "http://127.0.0.1:9"
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path), "ZT_IDENTITY_FACE_PROVIDER": "wechat", "ZT_WECHAT_BASE_URL": here})
    hall = wire(settings, FakeVision())
    assert set(made) == {"wechat", "wechat_face", "portraits", "ems", "sandbox"}
    assert not any(client.is_closed for client in made.values())
    await hall.close()
    assert [name for name, client in made.items() if not client.is_closed] == []
