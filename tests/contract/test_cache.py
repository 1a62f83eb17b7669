"""One contract for every cache: in this process and on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import RedisError

from core.cache import Cache, MemoryCache, RedisCache, limit
from core.errors import TooManyRequests


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    made: Cache
    if request.param == "memory":
        made = MemoryCache()
    else:
        made = RedisCache(request.getfixturevalue("redis_url"), request.getfixturevalue("redis_prefix"))
    yield made
    await made.close()


async def test_values(cache: Cache) -> None:
    await cache.ping()
    assert await cache.get("k") is None
    await cache.set("k", b"\x00\xff", ttl=30)
    assert await cache.get("k") == b"\x00\xff"
    await cache.set("k", b"", ttl=30)
    assert await cache.get("k") == b""
    await cache.delete("k")
    await cache.delete("k")
    assert await cache.get("k") is None


async def test_values_end(cache: Cache) -> None:
    await cache.set("k", b"v", ttl=0.1)
    assert await cache.claim("c", b"me", ttl=0.1)
    assert await cache.increment("n", ttl=0.1) == 1 and await cache.increment("n", ttl=30) == 2
    assert await cache.raise_to("r", 5, ttl=0.1)
    await asyncio.sleep(0.25)
    assert await cache.get("k") is None
    assert await cache.claim("c", b"other", ttl=30)
    # The window began with the first count; counting on does not make it longer.
    assert await cache.increment("n", ttl=30) == 1
    assert await cache.raise_to("r", 4, ttl=30)


async def test_a_claim_has_one_winner(cache: Cache) -> None:
    won = await asyncio.gather(*(cache.claim("job", f"worker-{n}".encode(), ttl=30) for n in range(30)))
    assert won.count(True) == 1
    assert await cache.get("job") == f"worker-{won.index(True)}".encode()


async def test_only_the_holder_gives_a_claim_back(cache: Cache) -> None:
    assert await cache.claim("job", b"a", ttl=30)
    await cache.release("job", b"b")
    assert not await cache.claim("job", b"b", ttl=30)
    await cache.release("job", b"a")
    await cache.release("job", b"a")
    assert await cache.claim("job", b"b", ttl=30)


async def test_counting_loses_nothing(cache: Cache) -> None:
    counts = await asyncio.gather(*(cache.increment("n", ttl=30) for _ in range(100)))
    assert sorted(counts) == list(range(1, 101))


async def test_a_number_only_rises(cache: Cache) -> None:
    """RFC 6238 section 5.2: a one-time password counts once, the older ones not at all."""
    assert [await cache.raise_to("step", value, ttl=30) for value in (10, 10, 9, 11, 59_666_666)] == [True, False, False, True, True]
    assert [await asyncio.gather(*(cache.raise_to("race", 7, ttl=30) for _ in range(20)))][0].count(True) == 1


async def test_a_wake_up_reaches_every_listener_of_its_topic(cache: Cache) -> None:
    heard: list[str] = []

    async def listen(name: str, topic: str) -> None:
        async for _ in cache.wakes(topic):
            heard.append(name)

    listeners = [asyncio.create_task(listen(name, topic)) for name, topic in (("a", "outbox"), ("b", "outbox"), ("c", "other"))]
    for _ in range(100):
        await cache.wake("outbox")
        await asyncio.sleep(0.02)
        if {"a", "b"} <= set(heard):
            break
    for task in listeners:
        task.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    assert set(heard) == {"a", "b"}
    await cache.wake("outbox")


async def test_a_limit_refuses_and_says_how_long(cache: Cache) -> None:
    for _ in range(3):
        await limit(cache, "login:1", times=3, seconds=60)
    with pytest.raises(TooManyRequests) as caught:
        await limit(cache, "login:1", times=3, seconds=60)
    assert caught.value.headers() == {"Retry-After": "60"}
    await limit(cache, "login:2", times=3, seconds=60)


async def test_two_prefixes_on_one_redis_do_not_meet(redis_url: str, redis_prefix: str) -> None:
    one, two = RedisCache(redis_url, redis_prefix + "1:"), RedisCache(redis_url, redis_prefix + "2:")
    try:
        await one.set("k", b"v", ttl=30)
        assert await two.get("k") is None and await two.claim("k", b"w", ttl=30)
    finally:
        await one.close()
        await two.close()


async def test_a_redis_that_is_gone_is_an_error_and_not_an_answer() -> None:
    cache = RedisCache("redis://127.0.0.1:1/0", "zt-test:")
    for work in (cache.ping(), cache.get("k"), cache.claim("k", b"v", ttl=1), cache.increment("k", ttl=1)):
        with pytest.raises(RedisError):
            await work
    await cache.close()


async def test_memory_forgets_what_ended_when_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = MemoryCache()
    for number in range(100_002):
        cache._values[f"old-{number}"] = (b"", 0.0)
    await cache.set("new", b"v", ttl=30)
    assert len(cache._values) == 1 and await cache.get("new") == b"v"
