"""Login sessions: opaque tokens, looked up on every request, so that a revoked one is refused at once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from core.actor import Actor, Role
from core.clock import Clock
from core.crypto import keyed_digest
from core.ids import new_id
from identity.sessions.config import SessionConfig
from identity.sessions.devices import Device, Devices
from identity.sessions.models import Session
from identity.sessions.ports import Standing, StandingSource

__all__ = ["Device", "Devices", "SessionConfig", "Sessions", "Standing", "StandingSource"]

TOKEN_BYTES = 32
_TOKEN_LENGTH = 43  # 32 bytes in unpadded base64url
_SEEN_STEP = timedelta(seconds=60)
_KEEP = timedelta(days=7)


class Sessions:
    """`key` (32 bytes) makes the stored digests useless to whoever reads only the database."""

    def __init__(self, *, clock: Clock, key: bytes, standings: StandingSource, config: SessionConfig) -> None:
        self._clock, self._key, self._standings, self._config = clock, key, standings, config

    def _digest(self, token: str) -> str:
        return keyed_digest(self._key, "session", token)

    async def open(self, kind: Role, account_id: str, *, device_id: str | None = None) -> str:
        """Log an account in; returns the token (256 random bits, 43 characters), which is shown to nobody else and stored nowhere."""
        now = self._clock.now()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await Session.create(
            id=new_id("session"),
            digest=self._digest(token),
            kind=kind.value,
            account_id=account_id,
            opened_at=now,
            seen_at=now,
            expires_at=now + self._config.longest(kind),
            device_id=device_id,
        )
        return token

    async def resolve(self, token: str) -> Actor | None:
        """Who holds `token`; None when it is unknown, expired, idle for too long or revoked, or its account is switched off."""
        if len(token) != _TOKEN_LENGTH or not token.isascii():
            return None
        row = await Session.get_or_none(digest=self._digest(token))
        if row is None or row.revoked_at is not None:
            return None
        kind, now = Role(row.kind), self._clock.now()
        if now >= row.expires_at or now >= row.seen_at + self._config.idle(kind):
            return None
        standing = await self._standings.standing(kind, row.account_id)
        if standing is None:
            return None
        await self._note_seen(row, now)
        return Actor(kind, row.account_id, standing.permissions, standing.office_id, row.id, row.device_id)

    async def _note_seen(self, row: Session, now: datetime) -> None:
        """At most one write a minute, however many requests come."""
        if now - row.seen_at >= min(_SEEN_STEP, self._config.idle(Role(row.kind)) / 10):
            await Session.filter(id=row.id, seen_at=row.seen_at).update(seen_at=now)

    async def revoke(self, session_id: str) -> bool:
        """End one session (log-out); False when it had ended already."""
        return bool(await Session.filter(id=session_id, revoked_at=None).update(revoked_at=self._clock.now()))

    async def revoke_all(self, account_id: str) -> int:
        """End every session of an account; the next request with any of its tokens is refused. Returns how many ended."""
        return await Session.filter(account_id=account_id, revoked_at=None).update(revoked_at=self._clock.now())

    async def forget_old(self) -> int:
        """Delete sessions that ended a week ago."""
        before = self._clock.now() - _KEEP
        return await Session.filter(expires_at__lt=before).delete() + await Session.filter(revoked_at__lt=before).delete()
