"""Where kept pictures lie, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.config import setting


@dataclass(frozen=True)
class AuditImageConfig:
    storage_url: str = setting(
        "ZT_IDENTITY_AUDIT_IMAGE_URL", "", "Store of kept pictures, apart from other files (file:// or s3://); empty: in the data folder."
    )
    hours: int = setting("ZT_IDENTITY_AUDIT_IMAGE_HOURS", 72, "A kept picture is deleted after so many hours, 1 to 720.")

    @property
    def life(self) -> timedelta:
        return timedelta(hours=self.hours)

    def problems(self) -> list[str]:
        """Settings that do not fit together."""
        found = [] if 1 <= self.hours <= 720 else ["ZT_IDENTITY_AUDIT_IMAGE_HOURS must be between 1 and 720"]
        if self.storage_url and not self.storage_url.startswith(("file://", "s3://", "memory://")):
            found.append("ZT_IDENTITY_AUDIT_IMAGE_URL must begin with file://, s3:// or memory://")
        return found
