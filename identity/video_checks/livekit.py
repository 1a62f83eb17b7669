"""Rooms of a LiveKit server: an access token is a JWT (HS256) with a video grant (docs.livekit.io, "Authentication")."""

from __future__ import annotations

from datetime import datetime

from joserfc import jwt
from joserfc.jwk import OctKey

from core.clock import Clock
from identity.video_checks.config import VideoConfig
from identity.video_checks.ports import RoomAccess


class LiveKitRooms:
    def __init__(self, *, config: VideoConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._key = OctKey.import_key(config.secret)

    def access(self, room: str, participant: str, title: str, until: datetime) -> RoomAccess:
        claims = {
            "iss": self._config.api_key,
            "sub": participant,
            "name": title,
            "nbf": int(self._clock.now().timestamp()),
            "exp": int(until.timestamp()),
            "video": {"room": room, "roomJoin": True, "canPublish": True, "canSubscribe": True, "canPublishData": False},
        }
        return RoomAccess(self._config.url, jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self._key, algorithms=["HS256"]), until)
