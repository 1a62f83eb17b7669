"""The video queue as both sides see it."""

from __future__ import annotations

from datetime import datetime

import msgspec


class IceServer(msgspec.Struct, frozen=True):
    """As RTCPeerConnection takes it; `username` and `credential` for TURN servers only, good until the longest call ends."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class CitizenMedia(msgspec.Struct, frozen=True):
    """Answer `offer` of `round` unless `is_answered`; without an offer the clerk's browser is making one. If it was answered by a page
    that is gone, ask to reconnect. `is_relayed`: offer and take relayed candidates only (RTCIceTransportPolicy `relay`)."""

    round: int
    offer: str | None
    is_answered: bool
    ice_servers: list[IceServer]
    is_relayed: bool


class ClerkMedia(msgspec.Struct, frozen=True):
    """`needs_offer`: connect anew and send an offer. `answer` belongs to the offer of `round`. `is_relayed`: as for the citizen."""

    round: int
    answer: str | None
    needs_offer: bool
    ice_servers: list[IceServer]
    is_relayed: bool


class VideoHours(msgspec.Struct, frozen=True):
    """`opens_at`: when the queue opens next; null while it is open. `opening_text`, `hours_text`: both in words, where there are hours."""

    opens_at: datetime | None
    opening_text: str | None
    hours_text: str | None


class VideoCheckView(msgspec.Struct, frozen=True):
    """Ask again every few seconds: who does not ask for a minute has left. `position`: 1 is next. `media` while
    a clerk is there.

    `reason_text`: why the clerk did not accept, in words.
    """

    id: str
    application_id: str
    state: str
    position: int | None
    wait_seconds: int | None
    media: CitizenMedia | None
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
    media: ClerkMedia


class VideoDecided(msgspec.Struct, frozen=True):
    id: str
    outcome: str
    verification_id: str
