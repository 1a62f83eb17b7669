"""Time that passes for logins: what hours without a request do to them, at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.factories.browser_server import RunningHall


def let_logins_expire(hall: RunningHall, kind: str) -> None:
    """Every login of this kind ("citizen", "clerk") has reached its last hour; the server finds that out at the next request."""
    with closing(sqlite3.connect(hall.folder / "data" / "zerotrip.sqlite3", timeout=10)) as base, base:
        changed = base.execute("UPDATE identity_session SET expires_at = opened_at WHERE kind = ?", [kind]).rowcount
    assert changed, f"nobody is logged in as {kind}"
