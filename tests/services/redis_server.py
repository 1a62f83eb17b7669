"""The real Redis of a test run; tests keep apart by key prefixes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

import redis

ENV = "ZT_TEST_REDIS_URL"
LOOPBACK = "redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class RedisServer:
    url: str
    version: str

    @property
    def label(self) -> str:
        return f"Redis {self.version} at {urlsplit(self.url).hostname}:{urlsplit(self.url).port or 6379}"

    def forget(self, prefix: str) -> None:
        with redis.Redis.from_url(self.url, socket_timeout=5) as connection:
            keys = list(connection.scan_iter(match=f"{prefix}*", count=500))
            if keys:
                connection.delete(*keys)


def find() -> RedisServer | None:
    """The server named by the environment (not answering is an error), else one on the loopback, else None."""
    asked_for = os.environ.get(ENV)
    url = asked_for or LOOPBACK
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as connection:
            return RedisServer(url, str(connection.info("server")["redis_version"]))
    except redis.RedisError as error:
        if asked_for:
            raise RuntimeError(f"{ENV} is set, but Redis does not answer there: {type(error).__name__}") from None
        return None
