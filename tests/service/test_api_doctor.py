"""`zerotrip doctor`: each part is really tried, a broken one is named, and no secret or address with a password shows."""

from __future__ import annotations

import json
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from api import doctor
from api.doctor import examine
from api.settings import Settings, load_settings
from api.wiring import MODELS
from core.clock import BEIJING
from core.db import Database
from core.metrics import render
from identity.audit_images.models import AuditImage
from identity.audit_images.service import StoredFaces, stored_faces
from tests.factories.clients import built
from tests.factories.sandbox import running_sandbox

SECRET = "geheim-7Q"


def by_part(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    assert all(set(finding) == {"part", "ok", "detail"} and finding["detail"] for finding in findings)
    assert len({finding["part"] for finding in findings}) == len(findings) == 16
    return {finding["part"]: finding for finding in findings}


async def no_faces(_settings: Settings) -> str:
    return "not looked at"


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def test_a_fresh_installation_only_lacks_its_migrations(tmp_path: Path) -> None:
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path / "data")})
    found = by_part(await examine(settings))
    assert [part for part, finding in found.items() if not finding["ok"]] == ["数据库"]
    assert "zerotrip migrate" in found["数据库"]["detail"]
    await Database(settings.database_url, ["core.models"]).migrate()
    healed = by_part(await examine(settings))
    assert all(finding["ok"] for finding in healed.values()), healed
    assert "OpenSSL" in healed["国密算法"]["detail"]
    assert "dlib" in healed["人脸引擎"]["detail"] and "模拟服务" in healed["微信"]["detail"]
    assert list((tmp_path / "data" / "objects" / "doctor").glob("*")) == []


async def test_with_postgresql_and_redis_and_services_that_answer(
    postgres_url: str, redis_url: str, redis_prefix: str, tmp_path: Path
) -> None:
    async with running_sandbox() as stand_ins:
        settings = load_settings(
            {
                "ZT_DATA_DIR": str(tmp_path),
                "ZT_DATABASE_URL": postgres_url,
                "ZT_REDIS_URL": redis_url,
                "ZT_REDIS_PREFIX": redis_prefix,
                "ZT_WECHAT_BASE_URL": stand_ins.base_url,
                "ZT_EXPRESS_EMS_BASE_URL": stand_ins.base_url,
                "ZT_IDENTITY_PORTRAIT_BASE_URL": stand_ins.base_url,
            }
        )
        found = by_part(await examine(settings))
    assert [part for part, finding in found.items() if not finding["ok"]] == ["数据库"]
    assert "PostgreSQL" in found["数据库"]["detail"] and "Redis" in found["缓存"]["detail"]
    assert all("127.0.0.1 有应答" in found[part]["detail"] for part in ("微信", "邮政速递", "人像库"))


async def test_everything_that_is_broken_is_named_without_its_password(tmp_path: Path) -> None:
    place = f"127.0.0.1:{free_port()}"
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    settings = load_settings(
        {
            "ZT_DATA_DIR": str(blocked / "data"),
            "ZT_DATABASE_URL": f"postgresql://zt:{SECRET}@{place}/zt",
            "ZT_REDIS_URL": f"redis://:{SECRET}@{place}/0",
            "ZT_STORAGE_URL": f"file://{blocked}/objects",
            "ZT_WECHAT_BASE_URL": f"http://{place}",
            "ZT_ESIGN_TSA_URL": f"http://{place}/tsa",
            "ZT_IDENTITY_PORTRAIT_SECRET": SECRET,
        }
    )
    found = by_part(await examine(settings))
    broken = {part for part, finding in found.items() if not finding["ok"]}
    # The engine's socket stands in a temporary folder when the path of the data folder is too long for one.
    assert broken - {"人脸引擎"} == {"数据目录", "数据库", "文件存储", "缓存", "时间戳服务", "微信", "邮政速递", "人像库"}
    assert SECRET not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("missing", ["NotoSerifSC_400Regular.ttf"])
async def test_a_missing_font_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr("esign.documents.glyphs.FONT_FOLDER", tmp_path)
    found = by_part(await examine(load_settings({"ZT_DATA_DIR": str(tmp_path)})))
    assert not found["字体"]["ok"] and missing in found["字体"]["detail"]


async def test_a_client_that_nobody_built_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.clients.STATIC", built(tmp_path, "console"))
    monkeypatch.setattr("api.doctor._faces", no_faces)
    found = by_part(await examine(load_settings({"ZT_DATA_DIR": str(tmp_path / "data")})))
    assert not found["手机端和工作台"]["ok"] and "make clients" in found["手机端和工作台"]["detail"]
    assert "手机端还没有生成" in found["手机端和工作台"]["detail"]
    built(tmp_path, "m")
    healed = by_part(await examine(load_settings({"ZT_DATA_DIR": str(tmp_path / "data")})))
    assert healed["手机端和工作台"]["ok"] and "12 个文件" in healed["手机端和工作台"]["detail"]


async def test_stored_faces_near_the_number_that_must_be_filed_are_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R52: from 100,000 people on an operator files with the authority; the alarm comes before, in the doctor and in the metrics."""
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path / "data")})
    database = Database(settings.database_url, MODELS)
    await database.migrate()
    now = datetime(2026, 11, 23, tzinfo=BEIJING)

    async def store(people: range) -> None:
        await AuditImage.bulk_create(
            [
                AuditImage(
                    id=f"picture_{number}_{take}",
                    account_id=f"account_{number}",
                    verification_id=f"verification_{number}_{take}",
                    consent_id="consent_1",
                    sha256="a" * 64,
                    kept_at=now,
                    expires_at=now,
                )
                for number in people
                for take in range(2)
            ]
        )

    async def counted() -> StoredFaces:
        await database.connect()
        try:
            return await stored_faces()
        finally:
            await database.disconnect()

    await database.connect()
    await store(range(5))
    await database.disconnect()
    assert (await counted()).people == 5 and b"zt_stored_faces 5.0" in render() and b"zt_stored_faces_alarm 0.0" in render()
    assert "5 人" in await doctor._stored_faces(settings)
    monkeypatch.setattr("identity.audit_images.service.WARN_AT", 5)
    assert (await counted()).is_alarm and b"zt_stored_faces_alarm 1.0" in render()
    with pytest.raises(doctor.Unwell, match="接近"):
        await doctor._stored_faces(settings)
    monkeypatch.setattr("identity.audit_images.service.FILING_AT", 5)
    with pytest.raises(doctor.Unwell, match="备案"):
        await doctor._stored_faces(settings)


async def test_a_machine_without_sm2_is_told_what_it_cannot_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_faces", no_faces)
    monkeypatch.setattr(doctor, "sm2_library", lambda: None)
    found = by_part(await examine(load_settings({"ZT_DATA_DIR": str(tmp_path)})))
    assert found["国密算法"]["ok"] and "不能核验国密签名" in found["国密算法"]["detail"]
