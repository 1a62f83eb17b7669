"""Settings of the portrait authority."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting


@dataclass(frozen=True)
class PortraitConfig:
    base_url: str = setting("ZT_IDENTITY_PORTRAIT_BASE_URL", "http://127.0.0.1:8090", "The portrait authority's base address.")
    app_id: str = setting("ZT_IDENTITY_PORTRAIT_APP_ID", "sandbox", "Our client id there.")
    secret: str = setting("ZT_IDENTITY_PORTRAIT_SECRET", "sandbox-portrait-secret", "Our HMAC secret there.", secret=True)
    timeout: float = setting("ZT_IDENTITY_PORTRAIT_TIMEOUT", 8.0, "Seconds to wait for its answer.")
