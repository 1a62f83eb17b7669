"""Settings of the enterprise API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.config import setting


@dataclass(frozen=True)
class RelyingPartyConfig:
    monthly_quota: int = setting("ZT_RELYING_PARTY_MONTHLY_QUOTA", 1000, "Verifications an enterprise may ask for in a month, unless set.")
    calls_per_minute: int = setting("ZT_RELYING_PARTY_CALLS_PER_MINUTE", 120, "Calls one API key may make in a minute.")
    key_days: int = setting("ZT_RELYING_PARTY_KEY_DAYS", 365, "How long a new API key is valid at most.")
    key_overlap_hours: int = setting(
        "ZT_RELYING_PARTY_KEY_OVERLAP_HOURS", 24, "After a rotation the old key or webhook secret lasts this long."
    )
    request_days: int = setting("ZT_RELYING_PARTY_REQUEST_DAYS", 7, "How long a person has to answer a request for verification.")
    keep_days: int = setting("ZT_RELYING_PARTY_KEEP_DAYS", 180, "Names and numbers of ended requests are deleted after this long.")
    failed_checks: int = setting("ZT_RELYING_PARTY_FAILED_CHECKS", 3, "Refused face checks after which a request has failed.")
    result_hours: int = setting("ZT_RELYING_PARTY_RESULT_HOURS", 24, "How long a signed result may be presented; asking gives a fresh one.")
    webhook_seconds: float = setting("ZT_RELYING_PARTY_WEBHOOK_SECONDS", 10.0, "How long a webhook's receiver has to answer.")
    webhook_disable_hours: int = setting(
        "ZT_RELYING_PARTY_WEBHOOK_DISABLE_HOURS", 72, "A webhook that fails for this long is switched off."
    )

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.key_overlap_hours)
