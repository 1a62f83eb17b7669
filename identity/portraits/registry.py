"""The registry of portrait authorities: one line each."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Clock
from core.http.client import HttpClient
from identity.portraits.config import PortraitConfig
from identity.portraits.http import HttpPortraitAuthority
from identity.portraits.ports import PortraitAuthority

AUTHORITIES: dict[str, Callable[[PortraitConfig, Clock], PortraitAuthority]] = {
    "http": lambda config, clock: HttpPortraitAuthority(
        client=HttpClient("portraits", config.base_url, timeout=config.timeout), config=config, clock=clock
    ),
}
