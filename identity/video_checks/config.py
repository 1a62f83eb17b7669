"""Where video rooms are, and the limits of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting

SANDBOX_KEY = "sandbox"
SANDBOX_SECRET = "sandbox-video-secret-for-invented-people"  # noqa: S105 - public, protects invented data only


@dataclass(frozen=True)
class VideoConfig:
    url: str = setting("ZT_IDENTITY_VIDEO_URL", "", "Address of the LiveKit server (wss://…); empty: no video route, outside development.")
    api_key: str = setting("ZT_IDENTITY_VIDEO_KEY", SANDBOX_KEY, "Our API key there.")
    secret: str = setting("ZT_IDENTITY_VIDEO_SECRET", SANDBOX_SECRET, "Our API secret there.", secret=True)
    unseen_seconds: int = setting("ZT_IDENTITY_VIDEO_UNSEEN_SECONDS", 60, "Who waits and does not ask for so long has gone.")
    call_minutes: int = setting("ZT_IDENTITY_VIDEO_CALL_MINUTES", 20, "A call without a decision ends after so many minutes.")

    @property
    def is_on_our_pages(self) -> bool:
        """Whether our own pages can finish a check: at the development stand-in. They connect to no LiveKit server yet, and nobody is
        sent into a queue at whose end the clerk sees nothing."""
        return bool(self.url) and not self.url.startswith(("ws://", "wss://"))

    def problems(self) -> list[str]:
        """Settings that do not fit together."""
        ok = self.unseen_seconds >= 10 and self.call_minutes >= 1
        return [] if ok else ["ZT_IDENTITY_VIDEO_UNSEEN_SECONDS must be at least 10, ZT_IDENTITY_VIDEO_CALL_MINUTES at least 1"]

    def production_problems(self) -> list[str]:
        """What must be changed before real people are served."""
        if not self.url:
            return []
        problems = [] if self.url.startswith("wss://") else ["ZT_IDENTITY_VIDEO_URL must be a wss address in production"]
        return problems + (["ZT_IDENTITY_VIDEO_SECRET is the sandbox's"] if self.secret == SANDBOX_SECRET else [])
