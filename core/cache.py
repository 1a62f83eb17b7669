"""Hints that may be lost: cache, rate limits, leases, wake-ups. Redis when there are several processes, memory when there is one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Protocol, cast

from redis import asyncio as redis_asyncio

from core.errors import TooManyRequests


class Cache(Protocol):
    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, *, ttl: float) -> None: ...

    async def delete(self, key: str) -> None: ...

    async def claim(self, key: str, value: bytes, *, ttl: float) -> bool:
        """Set if absent; True for exactly one caller until the ttl (seconds) is over."""
        ...

    async def release(self, key: str, value: bytes) -> None:
        """Delete the key only while it still holds `value` (give back a claim that is still ours)."""
        ...

    async def increment(self, key: str, *, ttl: float) -> int:
        """Count up within a window of `ttl` seconds that starts with the first count."""
        ...

    async def raise_to(self, key: str, value: int, *, ttl: float) -> bool:
        """Store `value` only if it is greater than the stored number; True when it was (replay protection, RFC 6238 section 5.2)."""
        ...

    async def wake(self, topic: str) -> None: ...

    def wakes(self, topic: str) -> AsyncIterator[None]:
        """Yields after each wake-up, however many were missed."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class MemoryCache:
    """For a single process."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[bytes, float]] = {}
        self._topics: dict[str, set[asyncio.Event]] = {}

    def _live(self, key: str) -> bytes | None:
        held = self._values.get(key)
        if held is None or held[1] <= time.monotonic():
            self._values.pop(key, None)
            return None
        return held[0]

    def _put(self, key: str, value: bytes, ttl: float) -> None:
        if len(self._values) > 100_000:
            now = time.monotonic()
            self._values = {name: held for name, held in self._values.items() if held[1] > now}
        self._values[key] = (value, time.monotonic() + ttl)

    async def get(self, key: str) -> bytes | None:
        return self._live(key)

    async def set(self, key: str, value: bytes, *, ttl: float) -> None:
        self._put(key, value, ttl)

    async def delete(self, key: str) -> None:
        self._values.pop(key, None)

    async def claim(self, key: str, value: bytes, *, ttl: float) -> bool:
        if self._live(key) is not None:
            return False
        self._put(key, value, ttl)
        return True

    async def release(self, key: str, value: bytes) -> None:
        if self._live(key) == value:
            del self._values[key]

    async def increment(self, key: str, *, ttl: float) -> int:
        held = self._live(key)
        if held is None:
            self._put(key, b"1", ttl)
            return 1
        count = int(held) + 1
        self._values[key] = (str(count).encode(), self._values[key][1])
        return count

    async def raise_to(self, key: str, value: int, *, ttl: float) -> bool:
        held = self._live(key)
        if held is not None and int(held) >= value:
            return False
        self._put(key, str(value).encode(), ttl)
        return True

    async def wake(self, topic: str) -> None:
        for event in self._topics.get(topic, set()):
            event.set()

    async def wakes(self, topic: str) -> AsyncIterator[None]:
        event = asyncio.Event()
        self._topics.setdefault(topic, set()).add(event)
        try:
            while True:
                await event.wait()
                event.clear()
                yield
        finally:
            self._topics[topic].discard(event)

    async def ping(self) -> None:
        return None

    async def close(self) -> None:
        self._values.clear()


_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
_INCREMENT = "local n = redis.call('incr', KEYS[1]) if n == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end return n"
_RAISE = (
    "local held = redis.call('get', KEYS[1]) if held and tonumber(held) >= tonumber(ARGV[1]) then return 0 end "
    "redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1"
)


class RedisCache:
    """For several processes; every multi-step change is one Lua script, so it is atomic."""

    def __init__(self, url: str, prefix: str = "zt:") -> None:
        self._redis = redis_asyncio.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=3)
        self._listener = redis_asyncio.Redis.from_url(url, socket_connect_timeout=3)
        self._prefix = prefix
        self._release = self._redis.register_script(_RELEASE)
        self._increment = self._redis.register_script(_INCREMENT)
        self._raise = self._redis.register_script(_RAISE)

    def _key(self, key: str) -> str:
        return self._prefix + key

    async def get(self, key: str) -> bytes | None:
        # redis-py types an answer as text too, for clients that decode; ours does not.
        return cast("bytes | None", await self._redis.get(self._key(key)))

    async def set(self, key: str, value: bytes, *, ttl: float) -> None:
        await self._redis.set(self._key(key), value, px=max(1, int(ttl * 1000)))

    async def delete(self, key: str) -> None:
        await self._redis.delete(self._key(key))

    async def claim(self, key: str, value: bytes, *, ttl: float) -> bool:
        return bool(await self._redis.set(self._key(key), value, px=max(1, int(ttl * 1000)), nx=True))

    async def release(self, key: str, value: bytes) -> None:
        await self._release(keys=[self._key(key)], args=[value])

    async def increment(self, key: str, *, ttl: float) -> int:
        return int(await self._increment(keys=[self._key(key)], args=[max(1, int(ttl * 1000))]))

    async def raise_to(self, key: str, value: int, *, ttl: float) -> bool:
        return bool(await self._raise(keys=[self._key(key)], args=[value, max(1, int(ttl * 1000))]))

    async def wake(self, topic: str) -> None:
        await self._redis.publish(self._key(topic), b"")

    async def wakes(self, topic: str) -> AsyncIterator[None]:
        async with self._listener.pubsub() as pubsub:
            await pubsub.subscribe(self._key(topic))
            async for message in pubsub.listen():
                if message["type"] == "message":
                    yield

    async def ping(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()
        await self._listener.aclose()


async def limit(cache: Cache, key: str, *, times: int, seconds: int) -> None:
    """At most `times` calls in a window of `seconds`; raises TooManyRequests."""
    if await cache.increment(f"limit:{key}", ttl=seconds) > times:
        raise TooManyRequests(seconds)
