"""Whether clerks can be met over video, when, how the two browsers find each other, and the limits of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting
from identity.video_checks.rules import is_ice_address, spans_of


@dataclass(frozen=True)
class VideoConfig:
    enabled: bool | None = setting("ZT_IDENTITY_VIDEO_ENABLED", None, "Clerks can be met over video; empty: in development only.")
    hours: tuple[str, ...] = setting(
        "ZT_IDENTITY_VIDEO_HOURS",
        (),
        "When one may join the queue, on working days: 09:00-12:00,13:00-17:00; empty: at any time, in development only.",
    )
    ice: tuple[str, ...] = setting(
        "ZT_IDENTITY_VIDEO_ICE", (), "Addresses through which browsers find each other: stun:…, turn:…, turns:…, separated by commas."
    )
    turn_secret: str = setting("ZT_IDENTITY_VIDEO_TURN_SECRET", "", "The TURN server's static-auth-secret.", secret=True)
    relay_only: bool | None = setting(
        "ZT_IDENTITY_VIDEO_RELAY_ONLY",
        None,
        "Calls go through the TURN server only, so that neither side learns the other's network address; empty: wherever there is one.",
    )
    unseen_seconds: int = setting("ZT_IDENTITY_VIDEO_UNSEEN_SECONDS", 60, "Who waits and does not ask for so long has gone.")
    call_minutes: int = setting("ZT_IDENTITY_VIDEO_CALL_MINUTES", 20, "A call without a decision ends after so many minutes.")

    @property
    def has_turn(self) -> bool:
        return any(address.startswith(("turn:", "turns:")) for address in self.ice)

    @property
    def is_relayed(self) -> bool:
        return self.has_turn if self.relay_only is None else self.relay_only

    def is_offered(self, *, is_production: bool) -> bool:
        return not is_production if self.enabled is None else self.enabled

    def problems(self) -> list[str]:
        """Settings that do not fit together."""
        found = []
        if self.unseen_seconds < 10 or self.call_minutes < 1:
            found.append("ZT_IDENTITY_VIDEO_UNSEEN_SECONDS must be at least 10, ZT_IDENTITY_VIDEO_CALL_MINUTES at least 1")
        if not all(is_ice_address(address) for address in self.ice):
            found.append("ZT_IDENTITY_VIDEO_ICE needs addresses like stun:host:3478, turn:host:3478 or turns:host:5349")
        if self.relay_only and not self.has_turn:
            found.append("ZT_IDENTITY_VIDEO_RELAY_ONLY needs a turn: address in ZT_IDENTITY_VIDEO_ICE")
        try:
            spans_of(self.hours)
        except ValueError:
            found.append("ZT_IDENTITY_VIDEO_HOURS needs times in order, like 09:00-12:00,13:00-17:00")
        return found

    def production_problems(self) -> list[str]:
        """What must be changed before real people are served."""
        if not self.is_offered(is_production=True):
            return []
        found = []
        if not self.turn_secret or not self.has_turn:
            found.append(
                "ZT_IDENTITY_VIDEO_ENABLED needs a turn: address in ZT_IDENTITY_VIDEO_ICE and ZT_IDENTITY_VIDEO_TURN_SECRET: "
                "phones behind their carrier's network reach nobody without"
            )
        if not self.hours:
            found.append("ZT_IDENTITY_VIDEO_HOURS is required with ZT_IDENTITY_VIDEO_ENABLED: outside them nobody picks up")
        return found
