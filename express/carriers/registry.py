"""The carriers we know. To add one: its file, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.clock import Clock
from core.http.client import HttpClient
from express.carriers.ems import Ems
from express.config import ExpressConfig
from express.ports import Carrier


def _ems(config: ExpressConfig, clock: Clock) -> Carrier:
    return Ems(config, HttpClient("ems", config.ems_base_url, timeout=config.ems_timeout_seconds), clock)


BUILDERS: dict[str, Callable[[ExpressConfig, Clock], Carrier]] = {"ems": _ems}


def build_carriers(config: ExpressConfig, clock: Clock) -> Mapping[str, Carrier]:
    return {code: build(config, clock) for code, build in BUILDERS.items()}
