"""One report over all routes: counts, shares and times, without personal data."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.actor import Actor, Role
from core.clock import Clock
from core.errors import Forbidden
from identity.liveness.service import RouteReport, route_reports
from identity.ukeys.service import ukey_report
from identity.video_checks.service import video_report

__all__ = ["Parity", "RouteReport", "reports_since"]


async def reports_since(since: datetime) -> list[RouteReport]:
    """Face, counter, video and U-key, over what was started since then."""
    return [*await route_reports(since), await video_report(since), await ukey_report(since)]


class Parity:
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def reports(self, actor: Actor, *, days: int = 30) -> list[RouteReport]:
        """For supervisors and admins. Forbidden."""
        if actor.kind not in {Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM}:
            raise Forbidden()
        return await reports_since(self._clock.now() - timedelta(days=days))
