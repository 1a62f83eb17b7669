"""All settings of a process: each package's frozen dataclass, read once from the environment (and a settings file) and passed in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from core.config import SettingInfo as SettingInfo
from core.config import SettingsError, describe, load, setting
from core.crypto import FieldCipher
from esign.config import EsignConfig
from express.config import ExpressConfig
from hall.feedback.config import FeedbackConfig
from identity.accounts.config import AccountConfig
from identity.audit_images.config import AuditImageConfig
from identity.config import IdentityConfig
from identity.liveness.config import FaceProviderConfig, LivenessConfig
from identity.portraits.config import PortraitConfig
from identity.relying_parties.config import RelyingPartyConfig
from identity.sessions.config import SessionConfig
from identity.ukeys.config import UkeyConfig
from identity.video_checks.config import VideoConfig
from wechat.config import WechatConfig


@dataclass(frozen=True)
class ServerConfig:
    mode: Literal["development", "production"] = setting(
        "ZT_MODE", "development", "development or production. Production refuses sandboxes and keys made by itself."
    )
    data_dir: Path = setting("ZT_DATA_DIR", Path("data"), "Folder of the embedded database, files and development keys.")
    database_url: str = setting("ZT_DATABASE_URL", "", "sqlite:///path or postgresql://…; empty: SQLite in the data folder.", secret=True)
    redis_url: str = setting("ZT_REDIS_URL", "", "redis://…; empty: in-process cache (one process only).", secret=True)
    redis_prefix: str = setting("ZT_REDIS_PREFIX", "zt:", "Prefix of every key in Redis.")
    storage_url: str = setting(
        "ZT_STORAGE_URL", "", "file:///folder, s3://bucket/prefix?endpoint=…&region=… or memory://; empty: the data folder."
    )
    storage_access_key: str = setting("ZT_STORAGE_ACCESS_KEY", "", "S3 access key.", secret=True)
    storage_secret_key: str = setting("ZT_STORAGE_SECRET_KEY", "", "S3 secret key.", secret=True)
    host: str = setting("ZT_HOST", "127.0.0.1", "Address to listen on.")
    port: int = setting("ZT_PORT", 8000, "Port to listen on.")
    public_url: str = setting("ZT_PUBLIC_URL", "", "Address people use (QR codes, links); empty: http://host:port.")
    worker: bool = setting("ZT_WORKER", True, "Whether `serve` also delivers the outbox (always on SQLite).")
    outbox_lease_seconds: float = setting("ZT_OUTBOX_LEASE_SECONDS", 120.0, "After how long a dead worker's deliveries are taken over.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting("ZT_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.")
    proxies: int = setting("ZT_PROXIES", 0, "Trusted reverse proxies in front of us: whose X-Forwarded-For tells a client's address.")
    dev_login_remote: bool = setting(
        "ZT_DEV_LOGIN_REMOTE", False, "Development: whether the demo people may be played from another machine too, such as a phone."
    )
    max_body_bytes: int = setting("ZT_MAX_BODY_BYTES", 12 * 1024 * 1024, "Largest request body.")
    data_keys: tuple[str, ...] = setting(
        "ZT_DATA_KEYS", (), "kid:base64(32 bytes),… for personal fields and files; the first is active.", secret=True
    )
    data_algorithm: Literal["aes-256-gcm", "sm4-gcm"] = setting("ZT_DATA_ALGORITHM", "aes-256-gcm", "Cipher of newly written values.")
    index_key: str = setting("ZT_INDEX_KEY", "", "base64(32 bytes): blind indexes, session digests and codes derive from it.", secret=True)


@dataclass(frozen=True)
class Settings:
    server: ServerConfig
    accounts: AccountConfig
    sessions: SessionConfig
    identity: IdentityConfig
    audit_images: AuditImageConfig
    ukeys: UkeyConfig
    video: VideoConfig
    liveness: LivenessConfig
    face_provider: FaceProviderConfig
    portraits: PortraitConfig
    relying_parties: RelyingPartyConfig
    esign: EsignConfig
    express: ExpressConfig
    wechat: WechatConfig
    feedback: FeedbackConfig

    @property
    def is_production(self) -> bool:
        return self.server.mode == "production"

    @property
    def database_url(self) -> str:
        return self.server.database_url or f"sqlite://{self.server.data_dir.absolute()}/zerotrip.sqlite3"

    @property
    def storage_url(self) -> str:
        return self.server.storage_url or f"file://{self.server.data_dir.absolute()}/objects"

    @property
    def public_url(self) -> str:
        return self.server.public_url.rstrip("/") or f"http://{self.server.host}:{self.server.port}"


def read_settings_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; `#` starts a comment line; quotes around a value are dropped."""
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError([f"{path.name} line {number} is not NAME=value"])
        values[name.strip()] = value.strip().strip("\"'")
    return values


def load_settings(env: Mapping[str, str]) -> Settings:
    """Compose every package's settings; SettingsError lists all problems at once. The environment wins over ZT_SETTINGS_FILE."""
    merged = dict(env)
    if file := env.get("ZT_SETTINGS_FILE"):
        if not Path(file).is_file():
            raise SettingsError(["ZT_SETTINGS_FILE names a file that does not exist"])
        try:
            merged = {**read_settings_file(Path(file)), **merged}
        except UnicodeDecodeError:
            raise SettingsError(["ZT_SETTINGS_FILE is not a UTF-8 text file"]) from None
    problems: list[str] = []
    parts: dict[str, Any] = {}
    for name, cls in SECTIONS.items():
        try:
            parts[name] = load(cls, merged)
        except SettingsError as error:
            problems += error.problems
    known = {info.env for cls in SECTIONS.values() for info in describe(cls)} | {"ZT_SETTINGS_FILE"}
    strangers = [
        name for name in merged if name.startswith("ZT_") and not name.startswith(("ZT_TEST_", "ZT_SANDBOX_")) and name not in known
    ]
    problems += [f"{name} is not a setting of this product" for name in strangers]
    if len(parts) == len(SECTIONS):
        settings = Settings(**parts)
        problems += _cross_check(settings)
        if not problems:
            return settings
    raise SettingsError(problems)


SECTIONS: dict[str, type[Any]] = {
    "server": ServerConfig,
    "accounts": AccountConfig,
    "sessions": SessionConfig,
    "identity": IdentityConfig,
    "audit_images": AuditImageConfig,
    "ukeys": UkeyConfig,
    "video": VideoConfig,
    "liveness": LivenessConfig,
    "face_provider": FaceProviderConfig,
    "portraits": PortraitConfig,
    "relying_parties": RelyingPartyConfig,
    "esign": EsignConfig,
    "express": ExpressConfig,
    "wechat": WechatConfig,
    "feedback": FeedbackConfig,
}


def data_keys(server: ServerConfig) -> dict[str, bytes]:
    """Key id to key; ValueError when one is malformed."""
    keys: dict[str, bytes] = {}
    for part in server.data_keys:
        kid, colon, encoded = part.partition(":")
        if not colon:
            raise ValueError("ZT_DATA_KEYS needs kid:base64 entries")
        keys[kid] = decode_key(encoded)
    return keys


def decode_key(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("a key is not base64") from None
    if len(key) != 32:
        raise ValueError("a key must have 32 bytes")
    return key


def _cross_check(settings: Settings) -> list[str]:
    problems: list[str] = []
    server = settings.server
    try:
        if keys := data_keys(server):
            FieldCipher(keys, next(iter(keys)))
        if server.index_key:
            decode_key(server.index_key)
    except ValueError as error:
        problems.append(f"ZT_DATA_KEYS or ZT_INDEX_KEY: {error}")
    if urlsplit(settings.database_url).scheme not in {"sqlite", "postgresql", "postgres", "asyncpg"}:
        problems.append("ZT_DATABASE_URL must begin with sqlite:// or postgresql://")
    if urlsplit(settings.storage_url).scheme not in {"file", "s3", "memory"}:
        problems.append("ZT_STORAGE_URL must begin with file://, s3:// or memory://")
    if server.redis_url and urlsplit(server.redis_url).scheme not in {"redis", "rediss", "unix"}:
        problems.append("ZT_REDIS_URL must begin with redis:// or rediss://")
    if not 0 <= server.port <= 65535:
        problems.append("ZT_PORT must be between 0 and 65535")
    problems += (
        settings.liveness.problems() + settings.face_provider.problems() + settings.audit_images.problems() + settings.ukeys.problems()
    )
    problems += settings.video.problems()
    if settings.is_production:
        if server.dev_login_remote:
            problems.append("ZT_DEV_LOGIN_REMOTE is for development only")
        if not server.data_keys:
            problems.append("ZT_DATA_KEYS is required in production")
        if not server.index_key:
            problems.append("ZT_INDEX_KEY is required in production")
        if not server.public_url.startswith("https://"):
            problems.append("ZT_PUBLIC_URL must be an https:// address in production")
        problems += [
            *settings.wechat.production_problems(),
            *settings.express.production_problems(),
            *settings.face_provider.production_problems(),
            *settings.ukeys.production_problems(),
            *settings.video.production_problems(),
        ]
        if not settings.esign.tsa_url.startswith("https://"):
            problems.append("ZT_ESIGN_TSA_URL must be an https address in production")
        if not settings.identity.assertion_key_pem:
            problems.append("ZT_IDENTITY_ASSERTION_KEY is required in production")
        if settings.audit_images.storage_url.startswith("memory:"):
            problems.append("ZT_IDENTITY_AUDIT_IMAGE_URL must not be memory:// in production")
        if settings.storage_url.startswith("memory:"):
            problems.append("ZT_STORAGE_URL must not be memory:// in production")
        if settings.portraits.secret == PortraitConfig().secret:
            problems.append("ZT_IDENTITY_PORTRAIT_SECRET is the sandbox's")
        if not settings.portraits.base_url.startswith("https://"):
            problems.append("ZT_IDENTITY_PORTRAIT_BASE_URL must be an https address in production")
    return problems
