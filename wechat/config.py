"""Settings of the WeChat connection; the defaults talk to the sandbox."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting

SANDBOX_SECRET = "sandbox-wechat-secret"  # noqa: S105 - public, protects invented data only


@dataclass(frozen=True)
class WechatConfig:
    base_url: str = setting("ZT_WECHAT_BASE_URL", "http://127.0.0.1:8090", "WeChat's API: https://api.weixin.qq.com in production.")
    appid: str = setting("ZT_WECHAT_APPID", "wx0000000000sandbox", "The mini-program's appid.")
    secret: str = setting("ZT_WECHAT_SECRET", SANDBOX_SECRET, "The mini-program's secret.", secret=True)
    token: str = setting("ZT_WECHAT_TOKEN", "", "Token of message pushes; empty refuses every push.", secret=True)
    aes_key: str = setting(
        "ZT_WECHAT_AES_KEY", "", "EncodingAESKey (43 characters) of secure mode; when set, plain pushes are refused.", secret=True
    )
    progress_template: str = setting(
        "ZT_WECHAT_PROGRESS_TEMPLATE",
        "sandbox_case_progress",
        "Subscribe-message template of progress messages (thing1, phrase2, time3, character_string4).",
    )
    timeout_seconds: float = setting("ZT_WECHAT_TIMEOUT_SECONDS", 5.0, "How long to wait for WeChat.")

    def production_problems(self) -> list[str]:
        """What must be changed before real people are served."""
        problems = []
        if not self.base_url.startswith("https://"):
            problems.append("ZT_WECHAT_BASE_URL must be an https address")
        if self.secret == SANDBOX_SECRET:
            problems.append("ZT_WECHAT_SECRET is the sandbox's")
        if self.aes_key and len(self.aes_key) != 43:
            problems.append("ZT_WECHAT_AES_KEY must have 43 characters")
        return problems
