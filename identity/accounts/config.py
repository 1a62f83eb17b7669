"""Limits on logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.config import setting


@dataclass(frozen=True)
class AccountConfig:
    logins_per_minute: int = setting(
        "ZT_LOGINS_PER_MINUTE", 120, "WeChat and courier logins from one address in a minute (many share one)."
    )
    staff_logins_per_minute: int = setting("ZT_STAFF_LOGINS_PER_MINUTE", 20, "Staff logins from one address in a minute.")
    declarations_per_hour: int = setting("ZT_DECLARATIONS_PER_HOUR", 5, "Tries of one account to declare name and ID number in an hour.")
    activation_days: int = setting("ZT_COURIER_ACTIVATION_DAYS", 7, "A courier's activation code is valid for this many days.")
    proof_days: int = setting("ZT_IDENTITY_PROOF_DAYS", 1825, "A proof in person keeps an account at L3 for so many days.")

    @property
    def proof_life(self) -> timedelta:
        return timedelta(days=self.proof_days)
