"""The video queue around a played identity, and what two browsers would tell each other."""

from __future__ import annotations

from datetime import date

from core.actor import Actor
from core.crypto import FieldCipher
from identity.config import IdentityConfig
from identity.liveness.service import Identifications
from identity.video_checks.config import VideoConfig
from identity.video_checks.service import VideoChecks
from identity.video_checks.views import VideoCheckView
from tests.factories.identity import IdentityWorld

ICE = ("stun:stun.example:3478", "turn:turn.example:3478?transport=udp", "turns:turn.example:5349")


class Weekdays:
    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5


def videos_of(identity: IdentityWorld, config: VideoConfig | None = None, *, is_offered: bool = True) -> VideoChecks:
    return VideoChecks(
        clock=identity.clock,
        cipher=FieldCipher({"k1": b"v" * 32}, "k1"),
        accounts=identity.accounts,
        staff=identity.staff,
        days=Weekdays(),
        identifications=Identifications(clock=identity.clock, accounts=identity.accounts, config=IdentityConfig()),
        config=config or VideoConfig(),
        is_offered=is_offered,
    )


async def join(videos: VideoChecks, actor: Actor) -> VideoCheckView:
    return await videos.join(actor, application_id="case_1", document_sha256="d" * 64)


def sdp(address: str) -> str:
    """Of a browser at this address."""
    return f"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=candidate:1 1 udp 2122260223 {address} 54321 typ host\r\n"
