"""Several vision processes: who is asked, who steps in, and when a process is replaced. Processes are real where the process matters."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from api.runtime import vision_sockets
from api.settings import load_settings
from core.config import SettingsError
from identity.liveness.errors import VisionBusy, VisionUnavailable
from identity.liveness.facts import Capabilities, EngineFacts
from identity.liveness.vision_pool import FRESH_SECONDS, VisionPool
from identity.liveness.vision_process import live_places
from identity.liveness.vision_protocol import Health
from identity.liveness.vision_supervisor import NICENESS, VisionNotStarted, VisionSupervisor
from tests.factories import onnx_models as squares
from tests.service.test_identity_onnx_engine import jpeg

ENGINE = EngineFacts("dlib", "1", "00" * 32, Capabilities(False, False, "none", "none"))
FACE = jpeg(squares.scene(("a", 240, 160, 160)))


@dataclass
class PlayedClient:
    waiting: int = 0
    live_places: int = 3
    is_up: bool = True
    error: Exception | None = None
    asked: int = 0
    opened: int = 0

    async def health(self) -> Health:
        await asyncio.sleep(0)
        if not self.is_up:
            raise VisionUnavailable()
        return Health(1, ENGINE, self.waiting, 3, 0, 100, self.live_places)

    @asynccontextmanager
    async def capture(self, portrait: bytes | None) -> AsyncIterator[PlayedClient]:
        self.asked += 1
        if self.error:
            raise self.error
        self.opened += 1
        self.waiting += 1
        try:
            yield self
        finally:
            self.opened -= 1
            self.waiting -= 1


@dataclass
class PlayedSupervisor:
    client: PlayedClient = field(default_factory=PlayedClient)
    places: int = 3
    is_draining: bool = False


def pool_of(*clients: PlayedClient) -> VisionPool:
    return VisionPool(cast(Any, [PlayedSupervisor(client) for client in clients]))


async def faces_in(pool: VisionPool, *frames: bytes) -> list[int | None]:
    """One capture of these frames."""
    async with pool.capture(None) as capture:
        return [(await capture.see(number / 15, frame)).faces for number, frame in enumerate(frames)]


async def test_the_least_busy_is_asked() -> None:
    clients = PlayedClient(waiting=2), PlayedClient(waiting=0), PlayedClient(waiting=1)
    pool = pool_of(*clients)
    assert await pool.choose() is cast(Any, clients[1])
    async with pool.capture(None) as taken:
        assert taken in (cast(Any, clients[1]), cast(Any, clients[2]))
    assert [client.asked for client in clients] in ([0, 1, 0], [0, 0, 1])


async def test_a_burst_is_spread_before_any_queue_could_show_it() -> None:
    clients = [PlayedClient(), PlayedClient(), PlayedClient()]
    pool = pool_of(*clients)
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(pool.capture(None)) for _ in range(9)))
    assert [client.asked for client in clients] == [3, 3, 3]


async def test_only_when_all_are_full_it_is_busy() -> None:
    full, free = PlayedClient(waiting=3), PlayedClient(waiting=2)
    pool = pool_of(full, free)
    assert await pool.choose() is cast(Any, free)
    with pytest.raises(VisionBusy) as busy:
        await pool.choose()
    assert (busy.value.status, busy.value.headers()) == (503, {"Retry-After": "3"})


async def test_a_process_that_turns_out_full_hands_on() -> None:
    full, free = PlayedClient(error=VisionBusy()), PlayedClient(waiting=1)
    async with pool_of(full, free).capture(None) as taken:
        assert taken is cast(Any, free)
    with pytest.raises(VisionBusy):
        async with pool_of(PlayedClient(error=VisionBusy()), PlayedClient(error=VisionBusy())).capture(None):
            pass


async def test_a_dead_process_is_stepped_over() -> None:
    dead, alive = PlayedClient(is_up=False), PlayedClient(waiting=2)
    async with pool_of(dead, alive).capture(None) as taken:
        assert taken is cast(Any, alive)
    assert dead.asked == 0
    with pytest.raises(VisionUnavailable):
        await pool_of(dead, PlayedClient(is_up=False)).choose()


async def test_a_portrait_that_kills_is_not_handed_round_for_long() -> None:
    clients = [PlayedClient(error=VisionUnavailable()) for _ in range(4)]
    with pytest.raises(VisionUnavailable):
        async with pool_of(*clients).capture(FACE):
            pytest.fail("nobody could open it")
    assert sum(client.asked for client in clients) == 2


async def test_a_capture_begins_where_there_is_room_and_stays_there() -> None:
    full, dead, free = PlayedClient(error=VisionBusy()), PlayedClient(error=VisionUnavailable(), waiting=1), PlayedClient(waiting=2)
    async with pool_of(full, dead, free).capture(None) as opened:
        assert opened is cast(Any, free) and free.opened == 1
    assert (full.asked, dead.asked, free.opened) == (1, 1, 0)


async def test_what_goes_wrong_inside_a_capture_does_not_begin_it_again() -> None:
    one, two = PlayedClient(), PlayedClient()
    with pytest.raises(VisionBusy):
        async with pool_of(one, two).capture(None):
            raise VisionBusy()
    assert one.asked + two.asked == 1 and one.opened == two.opened == 0


async def test_one_that_is_being_replaced_gets_nothing_new() -> None:
    leaving = PlayedSupervisor(is_draining=True)
    with pytest.raises(VisionBusy):
        await VisionPool(cast(Any, [leaving])).choose()
    other = PlayedSupervisor()
    assert await VisionPool(cast(Any, [leaving, other])).choose() is cast(Any, other.client)


def supervisor(folder: Path, number: int = 1, **more: Any) -> VisionSupervisor:
    options = {**squares.write(folder / "models"), "match": 0.5}
    return VisionSupervisor(folder / f"s{number}", engine="onnx", engine_options=options, **more)


@asynccontextmanager
async def running(*supervisors: VisionSupervisor) -> AsyncIterator[VisionPool]:
    pool = VisionPool(supervisors)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


async def healthy(pool: VisionPool, count: int) -> list[Health]:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(VisionUnavailable):
                if len(found := await pool.health()) == count:
                    return found
            await asyncio.sleep(0.05)


async def test_two_real_processes_one_killed_none_left_behind(tmp_path: Path) -> None:
    one, two = supervisor(tmp_path, 1), supervisor(tmp_path, 2)
    async with running(one, two) as pool:
        pids = {health.pid for health in await pool.health()}
        assert pids == {one.pid, two.pid}
        for pid in pids:
            assert {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in os.listdir(f"/proc/{pid}/task")} == {
                min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
            }
        assert one.pid is not None
        os.kill(one.pid, signal.SIGKILL)
        assert await asyncio.gather(*(faces_in(pool, FACE) for _ in range(4))) == [[1]] * 4
        assert {health.pid for health in await healthy(pool, 2)} == {one.pid, two.pid} != pids
    assert one.pid is two.pid is None


async def test_a_pool_starts_whole_or_not_at_all(tmp_path: Path) -> None:
    good, bad = supervisor(tmp_path), VisionSupervisor(tmp_path / "s2", engine="nobody")
    with pytest.raises(VisionNotStarted):
        await VisionPool([good, bad]).start()
    assert good.pid is bad.pid is None


async def test_a_process_that_grows_too_large_finishes_its_work_and_is_replaced(tmp_path: Path) -> None:
    """R51: memory stays bounded without losing anybody's check."""
    grown, other = supervisor(tmp_path, 1, memory_mb=1, check_seconds=0.3), supervisor(tmp_path, 2)
    async with running(grown, other) as pool:
        first = grown.pid
        answers = []
        async with asyncio.timeout(30):
            while grown.restarts < 2:
                answers.append(await faces_in(pool, FACE, FACE, FACE))
        assert grown.pid != first and other.restarts == 0
        assert {answer[0] for answer in answers} == {1} and len(answers) > 5


async def test_a_process_within_its_limit_is_left_alone(tmp_path: Path) -> None:
    steady = supervisor(tmp_path, memory_mb=1500, check_seconds=0.05)
    async with running(steady) as pool:
        first = steady.pid
        await asyncio.sleep(0.5)
        assert await faces_in(pool, FACE) == [1]
        assert (steady.restarts, steady.is_draining, steady.pid) == (0, False, first)


def test_each_process_has_a_socket_of_its_own(tmp_path: Path) -> None:
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path), "ZT_IDENTITY_VISION_PROCESSES": "3"})
    sockets = vision_sockets(settings, "vision")
    assert len(set(sockets)) == 3 and {path.parent for path in sockets} == {sockets[0].parent}
    given = load_settings({"ZT_IDENTITY_VISION_PROCESSES": "2", "ZT_IDENTITY_VISION_SOCKET": "/run/zt/v.sock"})
    assert [str(path) for path in vision_sockets(given, "vision")] == ["/run/zt/v.sock", "/run/zt/v-2.sock"]


def test_settings_that_do_not_fit_are_all_named() -> None:
    with pytest.raises(SettingsError) as wrong:
        load_settings({"ZT_IDENTITY_FACE_ENGINE": "onnx", "ZT_IDENTITY_VISION_PROCESSES": "0", "ZT_IDENTITY_VISION_MEMORY_MB": "10"})
    text = " ".join(wrong.value.problems)
    for name in ("ONNX_DETECTOR", "ONNX_LANDMARKS", "ONNX_EMBEDDING", "ONNX_CARD", "VISION_PROCESSES", "VISION_MEMORY_MB"):
        assert f"ZT_IDENTITY_{name}" in text
    assert "ONNX_PAD" not in text


async def test_no_more_live_captures_begin_than_can_be_followed() -> None:
    """A clip may still wait its turn; a capture that is filmed now cannot."""
    one, other = PlayedClient(live_places=1), PlayedClient(live_places=2)
    pool = pool_of(one, other)
    async with AsyncExitStack() as running:
        for _ in range(3):
            await pool.ensure_live_place()
            await running.enter_async_context(pool.capture(None, is_live=True))
        assert (one.opened, other.opened) == (1, 2)
        with pytest.raises(VisionBusy):
            await pool.ensure_live_place()
        with pytest.raises(VisionBusy):
            await running.enter_async_context(pool.capture(None, is_live=True))
        await running.enter_async_context(pool.capture(None))
    await pool.ensure_live_place()


async def test_a_live_capture_that_could_not_begin_gives_its_place_back() -> None:
    broken, sound = PlayedClient(error=VisionBusy(), live_places=1), PlayedClient(live_places=1)
    pool = pool_of(broken, sound)
    async with pool.capture(None, is_live=True):
        assert sound.opened == 1
    broken.error = None
    await asyncio.sleep(FRESH_SECONDS + 0.05)
    async with pool.capture(None, is_live=True), pool.capture(None, is_live=True):
        assert (broken.opened, sound.opened) == (1, 1)


async def test_the_more_are_turned_away_the_later_they_may_come_again() -> None:
    pool = pool_of(PlayedClient(live_places=1))
    waits: list[int] = []
    async with pool.capture(None, is_live=True):
        for _ in range(20):
            with pytest.raises(VisionBusy) as busy:
                await pool.ensure_live_place()
            waits.append(busy.value.retry_after_seconds)
    assert waits == sorted(waits) and (waits[0], waits[-1]) == (3, 60)


def test_live_places_follow_what_a_frame_takes() -> None:
    assert [live_places(1, seconds, 9) for seconds in (0.0, 0.005, 0.01, 0.02, 1.0)] == [9, 9, 4, 2, 1]
    assert live_places(2, 0.01, 9) == 9
