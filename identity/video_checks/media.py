"""Connecting two browsers directly (WebRTC): what each tells the other, sealed at rest, and the servers through which they may meet.

The clerk offers, the citizen answers; each sends one description with all its candidates (RFC 8829, section 3.5.2). A part of the package,
not a door.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.crypto import Cipher
from identity.video_checks.config import VideoConfig
from identity.video_checks.models import VideoCheck
from identity.video_checks.rules import turn_access
from identity.video_checks.views import CitizenMedia, ClerkMedia, IceServer

SILENT: dict[str, Any] = {"offer_sealed": None, "answer_sealed": None}
"""Changes of a row after which nobody's addresses are kept, and a call that goes on needs a new offer."""


class Media:
    """Methods that return a dict give the changes of the row, for the caller to save."""

    def __init__(self, *, cipher: Cipher, config: VideoConfig) -> None:
        self._cipher, self._config = cipher, config

    def new_round(self, row: VideoCheck, sdp: str) -> dict[str, Any]:
        sealed = self._cipher.seal(sdp.encode(), context=_context("offer", row))
        return {"media_round": row.media_round + 1, "offer_sealed": sealed, "answer_sealed": None}

    def answered(self, row: VideoCheck, sdp: str) -> dict[str, Any]:
        return {"answer_sealed": self._cipher.seal(sdp.encode(), context=_context("answer", row))}

    def offer_of(self, row: VideoCheck) -> str | None:
        return self._opened(row.offer_sealed, _context("offer", row))

    def answer_of(self, row: VideoCheck) -> str | None:
        return self._opened(row.answer_sealed, _context("answer", row))

    def for_citizen(self, row: VideoCheck, until: datetime) -> CitizenMedia:
        servers = self._servers(f"citizen-{row.id}", until)
        return CitizenMedia(row.media_round, self.offer_of(row), row.answer_sealed is not None, servers, self._config.is_relayed)

    def for_clerk(self, row: VideoCheck, until: datetime) -> ClerkMedia:
        servers = self._servers(f"clerk-{row.id}", until)
        return ClerkMedia(row.media_round, self.answer_of(row), row.offer_sealed is None, servers, self._config.is_relayed)

    def _servers(self, participant: str, until: datetime) -> list[IceServer]:
        """`participant` is a pseudonym: the TURN server learns no name and no account."""
        stun = [address for address in self._config.ice if address.startswith("stun:")]
        turn = [address for address in self._config.ice if not address.startswith("stun:")]
        servers = [IceServer(stun)] if stun else []
        if turn:
            servers.append(IceServer(turn, *turn_access(self._config.turn_secret, participant, until)))
        return servers

    def _opened(self, sealed: bytes | None, context: str) -> str | None:
        return None if sealed is None else self._cipher.open(sealed, context=context).decode()


def _context(what: str, row: VideoCheck) -> str:
    return f"identity_video_check.{what}:{row.id}"
