"""Code over untrusted bytes runs in a child that can be killed; a bad payload costs that child and nothing else."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest

from core.isolation import MAX_MESSAGE_BYTES, Isolated, IsolationFailed

TARGETS = "tests.factories.isolated_targets"
MEMORY = 1 << 30


@pytest.fixture
async def misbehaving() -> AsyncIterator[Isolated]:
    isolated = Isolated(f"{TARGETS}:misbehave", timeout_seconds=1.0, memory_bytes=MEMORY)
    yield isolated
    await isolated.close()


async def _reason(isolated: Isolated, payload: bytes) -> str:
    with pytest.raises(IsolationFailed) as caught:
        await isolated.call(payload)
    return caught.value.reason


async def test_answers_come_back_whole_and_stray_prints_do_not_disturb() -> None:
    isolated = Isolated(f"{TARGETS}:echo", timeout_seconds=10, memory_bytes=MEMORY)
    try:
        big = os.urandom(3_000_000)
        assert await isolated.call(big) == big[::-1]
        assert await isolated.call(b"") == b""
    finally:
        await isolated.close()


async def test_one_child_serves_many_calls_and_waits_its_turn() -> None:
    isolated = Isolated(f"{TARGETS}:process_id", timeout_seconds=10, memory_bytes=MEMORY)
    try:
        assert len(set(await asyncio.gather(*(isolated.call(b"") for _ in range(8))))) == 1
    finally:
        await isolated.close()


@pytest.mark.parametrize(("payload", "reason"), [(b"loop", "timeout"), (b"sleep", "timeout"), (b"memory", "memory"), (b"die", "died")])
async def test_a_killer_payload_is_stopped_and_the_next_call_works(misbehaving: Isolated, payload: bytes, reason: str) -> None:
    assert await misbehaving.call(b"warm") == b"fine"
    started = time.monotonic()
    assert await _reason(misbehaving, payload) == reason
    assert time.monotonic() - started < 5
    assert await misbehaving.call(b"anything") == b"fine"


async def test_an_exception_keeps_the_child_and_hides_its_message(misbehaving: Isolated) -> None:
    assert await _reason(misbehaving, b"raise") == "error:ValueError"
    assert await misbehaving.call(b"anything") == b"fine"


async def test_a_cancelled_call_does_not_leave_its_answer_to_the_next() -> None:
    isolated = Isolated(f"{TARGETS}:misbehave", timeout_seconds=20, memory_bytes=MEMORY)
    try:
        await isolated.call(b"warm")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(isolated.call(b"sleep"), 0.2)
        assert await asyncio.wait_for(isolated.call(b"anything"), 10) == b"fine"
    finally:
        await isolated.close()


async def test_a_too_large_payload_and_an_unknown_target_are_refused(misbehaving: Isolated) -> None:
    assert await _reason(misbehaving, bytes(MAX_MESSAGE_BYTES + 1)) == "too_large"
    unknown = Isolated("tests.factories.isolated_targets:nothing_there", timeout_seconds=5, memory_bytes=MEMORY)
    assert await _reason(unknown, b"") == "died"
    await unknown.close()


async def test_the_child_inherits_no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZT_DATA_KEY", "secret")
    isolated = Isolated(f"{TARGETS}:environment", timeout_seconds=10, memory_bytes=MEMORY)
    try:
        assert b"ZT_DATA_KEY" not in await isolated.call(b"")
    finally:
        await isolated.close()


async def test_close_ends_the_child() -> None:
    isolated = Isolated(f"{TARGETS}:process_id", timeout_seconds=10, memory_bytes=MEMORY)
    child = int(await isolated.call(b""))
    await isolated.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_the_waiting_line_is_short_and_empties_again() -> None:
    """A pile of slow files must not make everybody else wait for minutes: who comes too late hears it at once."""
    isolated = Isolated(f"{TARGETS}:misbehave", timeout_seconds=1.0, memory_bytes=MEMORY, waiting=2)
    try:
        assert await isolated.call(b"warm") == b"fine"
        line = [asyncio.create_task(isolated.call(payload)) for payload in (b"sleep", b"a", b"b")]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        assert [await _reason(isolated, b"late") for _ in range(20)] == ["busy"] * 20
        assert time.monotonic() - started < 0.5
        line[2].cancel()
        await asyncio.sleep(0.05)
        line[2] = asyncio.create_task(isolated.call(b"in the place of who gave up"))
        answers = await asyncio.gather(*line, return_exceptions=True)
        assert getattr(answers[0], "reason", None) == "timeout" and answers[1:] == [b"fine", b"fine"]
        assert await isolated.call(b"again") == b"fine"
    finally:
        await isolated.close()
