"""Prometheus metrics of every process. Labels are route templates and handler names, never ids."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry(auto_describe=True)

HTTP_SECONDS = Histogram(
    "zt_http_request_seconds",
    "Time to answer a request.",
    ("method", "route", "status"),
    registry=REGISTRY,
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX_DELIVERIES = Counter("zt_outbox_deliveries", "Outcome of outbox deliveries.", ("handler", "outcome"), registry=REGISTRY)
OUTBOX_BACKLOG = Gauge("zt_outbox_backlog", "Deliveries by state.", ("state",), registry=REGISTRY)
UPSTREAM_SECONDS = Histogram(
    "zt_upstream_request_seconds", "Time an outside service took to answer.", ("service", "outcome"), registry=REGISTRY
)
FACE_DECISIONS = Counter("zt_face_decisions", "Face checks by outcome.", ("outcome",), registry=REGISTRY)


def render() -> bytes:
    return generate_latest(REGISTRY)
