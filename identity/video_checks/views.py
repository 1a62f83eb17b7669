"""The video queue as both sides see it."""

from __future__ import annotations

from datetime import datetime

import msgspec


class RoomView(msgspec.Struct, frozen=True):
    """Connect to `url` with `token` (LiveKit client SDK)."""

    url: str
    token: str
    expires_at: datetime


class VideoCheckView(msgspec.Struct, frozen=True):
    """Ask again every few seconds: who does not ask for a minute has left. `position`: 1 is next. `room` once a clerk is there.

    `reason_text`: why the clerk did not accept, in words.
    """

    id: str
    application_id: str
    state: str
    position: int | None
    wait_seconds: int | None
    room: RoomView | None
    outcome: str | None
    verification_id: str | None
    reason_text: str | None
    allowed_actions: list[str]


class VideoQueueView(msgspec.Struct, frozen=True):
    """`current`: the id of the clerk's own call."""

    waiting: int
    talking: int
    longest_wait_seconds: int
    current: str | None


class VideoCallView(msgspec.Struct, frozen=True):
    """For the clerk: whom to expect, to compare with person and document before the camera."""

    id: str
    account_id: str
    name: str
    id_number: str
    application_id: str
    room: RoomView


class VideoDecided(msgspec.Struct, frozen=True):
    id: str
    outcome: str
    verification_id: str
