"""Settings of the stand-in. The keys are public on purpose: they protect nothing but invented data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.config import setting


class SandboxInProduction(RuntimeError):
    """Somebody tried to start the stand-in where real people are served."""


@dataclass(frozen=True)
class SandboxConfig:
    mode: str = setting("ZT_MODE", "development", "development or production; the sandbox refuses to load in production.")
    state_path: Path | None = setting("ZT_SANDBOX_STATE_PATH", None, "File that keeps waybills over a restart; empty keeps them in memory.")
    callback_url: str = setting("ZT_SANDBOX_CALLBACK_URL", "", "Our server's base address, to which carrier pushes go; empty sends none.")
    wechat_appid: str = setting("ZT_SANDBOX_WECHAT_APPID", "wx0000000000sandbox", "The appid that the stand-in WeChat knows.")
    wechat_secret: str = setting("ZT_SANDBOX_WECHAT_SECRET", "sandbox-wechat-secret", "Its secret.", secret=True)
    ems_sender_no: str = setting("ZT_SANDBOX_EMS_SENDER_NO", "1100000000001", "The customer number that the stand-in EMS knows.")
    ems_authorization: str = setting("ZT_SANDBOX_EMS_AUTHORIZATION", "sandbox-ems-authorization", "Its authorization code.", secret=True)
    ems_sign_key: str = setting("ZT_SANDBOX_EMS_SIGN_KEY", "c2FuZGJveC1lbXMta2V5MQ==", "Its SM4 key, base64 of 16 bytes.", secret=True)
    face_app_id: str = setting("ZT_SANDBOX_FACE_APP_ID", "sandbox", "The client that the stand-in face verification service knows.")
    face_secret: str = setting("ZT_SANDBOX_FACE_SECRET", "sandbox-face-secret", "Its HMAC secret.", secret=True)
    portrait_app_id: str = setting("ZT_SANDBOX_PORTRAIT_APP_ID", "sandbox", "The client that the stand-in portrait authority knows.")
    portrait_secret: str = setting("ZT_SANDBOX_PORTRAIT_SECRET", "sandbox-portrait-secret", "Its HMAC secret.", secret=True)

    ukey_ca_path: Path | None = setting(
        "ZT_SANDBOX_UKEY_CA_PATH",
        None,
        "File to which the stand-in authority of U-keys writes its certificate; empty: none.",
    )

    def refuse_production(self) -> None:
        """Raises SandboxInProduction."""
        if self.mode == "production":
            raise SandboxInProduction("the sandbox does not load while ZT_MODE is production")
