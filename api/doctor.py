"""`zerotrip doctor`: does this installation have what it needs? Each part is tried for real; no secret is shown."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from api import clients, pages
from api.runtime import vision_for, wants_own_sandbox
from api.settings import Settings
from api.wiring import MODELS
from core.cache import Cache, MemoryCache, RedisCache
from core.clock import BEIJING, SystemClock
from core.db import Database
from core.http.client import HttpClient
from core.storage import open_store
from esign.service import HttpTimestamper, missing_fonts, sm2_library
from identity.audit_images.service import stored_faces
from identity.liveness.service import VisionNotStarted

SECONDS = 45.0
"""For one part; only the face engine takes more than a few."""
_RELEASED = datetime(2026, 11, 1, tzinfo=BEIJING)


class Unwell(Exception):
    """A part does not work; the text is for people and holds no secret."""


Check = Callable[[Settings], Awaitable[str]]


async def examine(settings: Settings) -> list[dict[str, Any]]:
    """Every part in order as `{"part": name, "ok": bool, "detail": sentence}`. Never raises: what fails is told in its line."""
    checks: list[tuple[str, Check]] = [
        ("设置", _settings),
        ("数据目录", _data_folder),
        ("数据库", _database),
        ("文件存储", _storage),
        ("缓存", _cache),
        ("字体", _fonts),
        ("国密算法", _sm2),
        ("页面", _pages),
        ("手机端和工作台", _clients),
        ("人脸引擎", _faces),
        ("人脸留存", _stored_faces),
        ("时钟", _clock),
        ("时间戳服务", _timestamps),
        ("微信", _reaches("wechat", lambda settings: settings.wechat.base_url)),
        ("邮政速递", _reaches("ems", lambda settings: settings.express.ems_base_url)),
        ("人像库", _reaches("portraits", lambda settings: settings.portraits.base_url)),
    ]
    return [await _examined(name, check, settings) for name, check in checks]


async def _examined(part: str, check: Check, settings: Settings) -> dict[str, Any]:
    try:
        async with asyncio.timeout(SECONDS):
            return {"part": part, "ok": True, "detail": await check(settings)}
    except Unwell as error:
        return {"part": part, "ok": False, "detail": str(error)}
    except Exception as error:
        # The text of a foreign error may hold an address with a password in it.
        return {"part": part, "ok": False, "detail": f"没有通过（{type(error).__name__}）。"}


async def _settings(settings: Settings) -> str:
    if settings.is_production:
        return "正式模式，必填项齐全。"
    return "开发模式：密钥和证书由本机生成，签发的文件一律标注“测试”。"


async def _data_folder(settings: Settings) -> str:
    folder = settings.server.data_dir.absolute()

    def probe() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"probe")

    try:
        await asyncio.to_thread(probe)
    except OSError as error:
        raise Unwell(f"{folder} 不能写入（{error.strerror}）。请用 ZT_DATA_DIR 换一个目录。") from None
    return f"{folder} 可以写入。"


async def _database(settings: Settings) -> str:
    database = Database(settings.database_url, MODELS)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    try:
        await database.connect()
        await database.ping()
    except Exception as error:
        raise Unwell(f"{kind} 连接不上（{type(error).__name__}）。") from None
    finally:
        await database.disconnect()
    pending = await database.pending_migrations()
    if pending:
        raise Unwell(f"{kind} 可用，但有 {len(pending)} 个升级没有执行，请运行 zerotrip migrate。")
    return f"{kind} 可用，结构已是最新。"


async def _storage(settings: Settings) -> str:
    server = settings.server
    store = open_store(settings.storage_url, access_key=server.storage_access_key, secret_key=server.storage_secret_key)
    key, probe = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    await store.put(key, probe)
    try:
        if await store.get(key) != probe:
            raise Unwell("读出的内容与写入的不同。")
    finally:
        await store.delete(key)
    return f"{urlsplit(settings.storage_url).scheme} 存储可以写入、读取、删除。"


async def _cache(settings: Settings) -> str:
    server = settings.server
    cache: Cache = RedisCache(server.redis_url, server.redis_prefix) if server.redis_url else MemoryCache()
    key, probe = f"doctor:{secrets.token_hex(8)}", secrets.token_bytes(16)
    try:
        await cache.set(key, probe, ttl=30)
        if await cache.get(key) != probe:
            raise Unwell("读出的内容与写入的不同。")
        await cache.delete(key)
    finally:
        await cache.close()
    return "Redis 可用。" if server.redis_url else "使用进程内缓存，只适合单个进程。"


async def _fonts(_settings: Settings) -> str:
    if missing := missing_fonts():
        raise Unwell(f"缺少 {'、'.join(missing)}，不能制作文书。请运行 make setup。")
    return "文书用的字体齐全。"


async def _sm2(_settings: Settings) -> str:
    """Not a fault: an installation that meets no SM2 signature needs none."""
    version = sm2_library()
    if version is None:
        return "没有带 SM2 的 OpenSSL 3，不能核验国密签名；其他签名不受影响。"
    return f"OpenSSL {version} 可用，标准示例核验通过。"


async def _pages(_settings: Settings) -> str:
    missing = [path.name for path in pages.assets() if not path.is_file()]
    if missing:
        raise Unwell(f"缺少 {'、'.join(missing)}，请重新安装。")
    return "首页、查验页和接口文档页齐全。"


async def _clients(_settings: Settings) -> str:
    if missing := clients.missing(clients.STATIC):
        raise Unwell(f"{'、'.join(client.title for client in missing)}还没有生成。请运行 make clients，再重新启动。")
    return "、".join(f"{client.title} {len(clients.files(clients.STATIC / client.folder))} 个文件" for client in clients.CLIENTS) + "。"


async def _faces(settings: Settings) -> str:
    try:
        async with vision_for(settings, "vision-doctor") as pool:
            health, *_ = found = await pool.health()
    except VisionNotStarted:
        raise Unwell(f"人脸引擎 {settings.liveness.engine} 没有启动，上面几行英文写着原因。请检查 ZT_IDENTITY_ 开头的设置。") from None
    engine = health.engine
    verdict = "可以自动通过" if engine.capabilities.calibrated else "未经标定，正式环境中由工作人员确认"
    attacks = "有" if engine.capabilities.detects_attacks else "没有"
    return (
        f"{engine.name} {engine.version} 启动正常，进程 {len(found)} 个，占用内存 {health.resident_mb} MB；{verdict}；{attacks}翻拍检测。"
    )


async def _stored_faces(settings: Settings) -> str:
    database = Database(settings.database_url, MODELS)
    if await database.pending_migrations():
        return "数据库的升级没有执行，还不能统计。"
    await database.connect()
    try:
        found = await stored_faces()
    finally:
        await database.disconnect()
    if found.must_file:
        raise Unwell(f"存有 {found.people} 人的核验照片，已达 10 万人：须在 30 个工作日内向省级以上网信部门备案。")
    if found.is_alarm:
        raise Unwell(f"存有 {found.people} 人的核验照片，接近 10 万人的备案线。请缩短 ZT_IDENTITY_AUDIT_IMAGE_HOURS，或准备备案。")
    return f"存有 {found.people} 人的核验照片，备案线是 10 万人。"


async def _clock(_settings: Settings) -> str:
    now = SystemClock().now().astimezone(BEIJING)
    if now.utcoffset() != timedelta(hours=8):
        raise Unwell("时区数据不对：北京时间应比世界时早八小时。请安装 tzdata。")
    if now < _RELEASED:
        raise Unwell(f"本机时间是 {now:%Y-%m-%d %H:%M}，早于本软件发布日，请先校时。")
    return f"北京时间 {now:%Y-%m-%d %H:%M:%S}。"


async def _timestamps(settings: Settings) -> str:
    if not settings.esign.tsa_url:
        return "没有配置，zerotrip serve 自带开发用的时间戳服务。"
    digest = hashlib.sha256(secrets.token_bytes(32)).digest()
    await HttpTimestamper(settings.esign.tsa_url).async_timestamp(digest, "sha256")
    return f"{urlsplit(settings.esign.tsa_url).hostname} 签发了时间戳。"


def _reaches(name: str, address: Callable[[Settings], str]) -> Check:
    async def check(settings: Settings) -> str:
        if wants_own_sandbox(settings):
            return "没有配置，zerotrip serve 会启动模拟服务。"
        host = urlsplit(address(settings)).hostname
        client = HttpClient(name, address(settings), timeout=8)
        try:
            answer = await client.request("GET", "/")
        except Exception:
            raise Unwell(f"{host} 没有正常应答，请检查地址和网络。") from None
        finally:
            await client.close()
        return f"{host} 有应答（HTTP {answer.status_code}）。"

    return check
