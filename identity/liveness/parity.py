"""Are the routes without the face really of equal rank? Counts, rates and waiting times of each, without personal data."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from prometheus_client import Counter

from core.metrics import REGISTRY
from identity.liveness.flow import EXPIRED
from identity.liveness.models import Verification
from identity.liveness.views import RouteReport

IDENTIFICATIONS = Counter("zt_identifications", "Decided identity verifications.", ("method", "outcome"), registry=REGISTRY)
METHODS = ("face", "counter")
"""Video and U-key have tables of their own, which know more of waiting and leaving."""
_LARGEST_SAMPLE = 10_000


async def route_reports(since: datetime) -> list[RouteReport]:
    """One report for each route over verifications started since then (the latest 10,000 of each)."""
    return [await _report(method, since) for method in METHODS]


async def _report(method: str, since: datetime) -> RouteReport:
    rows = await Verification.filter(method=method, created_at__gte=since).order_by("-created_at").limit(_LARGEST_SAMPLE)
    outcomes = [row.outcome for row in rows]
    decided = sum(outcome is not None for outcome in outcomes)
    waits = [(row.decided_at - row.created_at).total_seconds() for row in rows if row.decided_at is not None]
    return RouteReport(
        method=method,
        started=len(rows),
        accepted=outcomes.count("accept"),
        rejected=outcomes.count("reject"),
        manual_review=outcomes.count("manual_review"),
        expired=sum(row.state == EXPIRED and row.outcome is None for row in rows),
        median_seconds=median(waits) if waits else None,
        completed_share=round(decided / len(rows), 4) if rows else None,
        accepted_share=round(outcomes.count("accept") / decided, 4) if decided else None,
    )
