"""`python -m tools.server_at 2026-11-23T09:00:00+08:00 serve`: the product in a time that begins there and runs on; for pictures that show
the same dates whenever they are taken."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from core.clock import SystemClock
from sandbox.state import VirtualClock


def begin_at(moment: datetime) -> None:
    ahead = moment - datetime.now(UTC)
    real, virtual = SystemClock.now, VirtualClock.now

    def system_now(self: SystemClock) -> datetime:
        return real(self) + ahead

    def sandbox_now(self: VirtualClock) -> datetime:
        return virtual(self) + ahead

    SystemClock.now = system_now  # type: ignore[method-assign]
    VirtualClock.now = sandbox_now  # type: ignore[method-assign]


def main() -> None:
    begin_at(datetime.fromisoformat(sys.argv[1]))
    from api.cli import cli

    cli(sys.argv[2:], prog_name="zerotrip")


if __name__ == "__main__":
    main()
