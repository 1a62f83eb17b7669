"""Settings of identity as a whole: what it asserts to others, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.config import setting


@dataclass(frozen=True)
class IdentityConfig:
    issuer: str = setting("ZT_IDENTITY_ISSUER", "urn:zerotrip:identity", "`iss` of identity assertions.")
    audience: str = setting("ZT_IDENTITY_AUDIENCE", "urn:zerotrip:hall", "`aud` of identity assertions.")
    assertion_key_pem: str | None = setting(
        "ZT_IDENTITY_ASSERTION_KEY",
        None,
        "P-256 key (PEM) that signs identity assertions; made once in development.",
        secret=True,
    )
    face_use_seconds: int = setting("ZT_IDENTITY_FACE_USE_SECONDS", 600, "A passed face check may be used for this long.")
    counter_use_seconds: int = setting("ZT_IDENTITY_COUNTER_USE_SECONDS", 86_400, "The same for an identification at a counter.")
    seen_frame_days: int = setting("ZT_IDENTITY_SEEN_FRAME_DAYS", 180, "Digests of frames, which betray a replay, are kept so long.")

    def usable_for(self, method: str) -> timedelta:
        """`method`: face, ukey, counter or video. Where a clerk decided, the citizen may be away from the phone for a while."""
        return timedelta(seconds=self.face_use_seconds if method in {"face", "ukey"} else self.counter_use_seconds)
