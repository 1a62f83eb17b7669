"""The vision process as it runs: real frames, bad ones, a full queue, a violent death, memory."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from core.errors import DomainError
from identity.liveness.errors import PortraitUnusable, TooManyFrames, VisionBusy, VisionUnavailable
from identity.liveness.facts import Capabilities
from identity.liveness.policy import load_policy
from identity.liveness.ports import Box, Embedding, Gray, Points, Rgb
from identity.liveness.rules import Decision, decide
from identity.liveness.vision_client import VisionClient
from identity.liveness.vision_process import VisionServer
from identity.liveness.vision_protocol import decode_answer
from identity.liveness.vision_supervisor import VisionNotStarted, VisionSupervisor, default_socket
from sandbox import faces

POLICY = load_policy()


async def _until_up(client: VisionClient) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(VisionUnavailable):
                await client.health()
                return
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VisionClient, Path]]:
    """A client, and the file with all that the process wrote."""
    folder = tmp_path_factory.mktemp("v")
    command = [sys.executable, "-m", "identity.liveness.vision_process", "--socket", str(folder / "s"), "--with-parent"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log) as process:
        client = VisionClient(folder / "s")
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _until_up(client)).result()
        yield client, folder / "log"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.fixture
def vision(running: tuple[VisionClient, Path]) -> VisionClient:
    return running[0]


async def judged(vision: VisionClient, frames: list[bytes], portrait: bytes | None, mode: str = "development") -> Decision:
    return decide(await vision.analyse(frames, portrait), POLICY, mode=mode)


@pytest.mark.parametrize("person", ["a", "b"])
async def test_each_demo_person_is_recognised(vision: VisionClient, person: str) -> None:
    """R51"""
    decision = await judged(vision, faces.frames(person), faces.portrait(person))
    assert (decision.outcome, decision.matched_frames) == ("accept", 6)
    assert (decision.engine, len(decision.model_sha256)) == ("dlib", 64)


async def test_outside_development_a_clerk_confirms(vision: VisionClient) -> None:
    decision = await judged(vision, faces.frames("a", 5), faces.portrait("a"), mode="production")
    assert (decision.outcome, decision.reasons) == ("manual_review", ("ENGINE_UNCALIBRATED",))


def smaller(frames: list[bytes]) -> list[bytes]:
    shrunk = []
    for frame in frames:
        stream = BytesIO()
        Image.open(BytesIO(frame)).resize((320, 240)).save(stream, "JPEG", quality=92)
        shrunk.append(stream.getvalue())
    return shrunk


def as_png(frames: list[bytes]) -> list[bytes]:
    stored = []
    for frame in frames:
        stream = BytesIO()
        Image.open(BytesIO(frame)).save(stream, "PNG")
        stored.append(stream.getvalue())
    return stored


REFUSED: dict[str, tuple[Callable[[], list[bytes]], str, str]] = {
    "another person": (lambda: faces.frames("b", 5), "reject", "OTHER_PERSON"),
    "another person midway": (lambda: faces.frames("a", 4) + faces.frames("b", 2), "reject", "PERSON_CHANGED"),
    "nobody in one frame": (lambda: [*faces.frames("a", 5), faces.no_face()], "retry", "NO_FACE"),
    "two people in one frame": (lambda: [*faces.frames("a", 5), faces.two_faces()], "retry", "MANY_FACES"),
    "two people all the time": (lambda: [faces.two_faces()] * 5, "reject", "CROWDED"),
    "a dark room": (lambda: [faces.dark("a")] * 5, "retry", "TOO_DARK"),
    "out of focus": (lambda: [faces.blurred("a")] * 5, "retry", "BLURRED"),
    "far away": (lambda: [faces.far_away("a")] * 5, "retry", "FACE_TOO_SMALL"),
    "small pictures": (lambda: smaller(faces.frames("a", 5)), "retry", "FACE_TOO_SMALL"),
    "one picture six times": (lambda: [faces.frames("a")[0]] * 6, "retry", "FROZEN_FRAMES"),
    "the portrait as frames": (lambda: [faces.portrait("a")] * 5, "retry", "FROZEN_FRAMES"),
    "too few": (lambda: faces.frames("a", 4), "retry", "TOO_FEW_FRAMES"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_frames_that_do_not_show_the_one_right_person_are_refused(vision: VisionClient, name: str) -> None:
    """R51"""
    make, outcome, reason = REFUSED[name]
    decision = await judged(vision, make(), faces.portrait("a"))
    assert decision.outcome == outcome
    assert reason in decision.reasons


async def test_png_frames_are_as_good(vision: VisionClient) -> None:
    assert (await judged(vision, as_png(faces.frames("a", 5)), faces.portrait("a"))).outcome == "accept"


async def test_a_small_document_portrait_is_enough(vision: VisionClient) -> None:
    """The chip of an identity card holds 102×126 pixels."""
    stream = BytesIO()
    Image.open(BytesIO(faces.portrait("a"))).crop((60, 40, 420, 485)).resize((102, 126), Image.Resampling.LANCZOS).save(
        stream, "JPEG", quality=92
    )
    analysis = await vision.analyse(faces.frames("a", 5), stream.getvalue())
    assert analysis.portrait_faces == 1
    assert decide(analysis, POLICY, mode="development").outcome == "accept"
    assert (await judged(vision, faces.frames("b", 5), stream.getvalue())).outcome == "reject"


async def test_a_portrait_without_one_face_goes_to_a_clerk(vision: VisionClient) -> None:
    for portrait in (faces.no_face(), faces.two_faces(), None):
        assert (await judged(vision, faces.frames("a", 5), portrait)).outcome == "manual_review"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "liveness.frame_invalid"),
        (b"PK\x03\x04 a zip named jpg", "liveness.frame_type_unsupported"),
        (b"GIF89a\x01\x00", "liveness.frame_type_unsupported"),
        (faces.frames("a")[1][:9000], "liveness.frame_invalid"),
        (b"\xff\xd8\xff" + bytes(2 * 1024 * 1024), "liveness.frame_too_large"),
    ],
)
async def test_a_bad_frame_is_named(vision: VisionClient, frame: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        await vision.analyse([*faces.frames("a", 2), frame], faces.portrait("a"))
    assert refusal.value.code == code
    assert list(refusal.value.fields) == ["frames[2]"]


async def test_counts_and_portrait_are_checked(vision: VisionClient) -> None:
    with pytest.raises(TooManyFrames):
        await vision.analyse([faces.no_face()] * 13, None)
    with pytest.raises(DomainError, match="no_frames"):
        await vision.analyse([], None)
    with pytest.raises(PortraitUnusable):
        await vision.analyse(faces.frames("a", 1), b"not a picture")


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack("!I", 5) + b"\xc1\xc1\xc1\xc1\xc1",
        struct.pack("!I", 3) + msgspec.msgpack.encode([1, 2]),
        struct.pack("!I", 0),
        struct.pack("!I", 1 << 31),
        struct.pack("!I", 100) + msgspec.msgpack.encode({"type": "analyse", "frames": [1], "portrait": None}).ljust(100, b"\0"),
    ],
)
async def test_nonsense_on_the_socket_is_answered_and_forgotten(vision: VisionClient, sent: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(str(vision.socket_path))
    writer.write(sent)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert msgspec.to_builtins(decode_answer(answer[4:]))["code"] == "liveness.vision_protocol"
    assert (await vision.health()).waiting == 0


async def test_a_client_that_leaves_frees_its_place(vision: VisionClient) -> None:
    waiting = asyncio.create_task(vision.analyse(faces.frames("a"), faces.portrait("a")))
    await asyncio.sleep(0.1)
    assert (await vision.health()).waiting == 1
    waiting.cancel()
    await asyncio.sleep(0.6)
    assert (await vision.health()).waiting == 0


def test_nothing_of_a_frame_is_written(running: tuple[VisionClient, Path]) -> None:
    """R51: frames live in memory only: no file is open for writing but the log, and the log is empty of them."""
    client, log = running
    with ThreadPoolExecutor(1) as thread:
        pid = thread.submit(asyncio.run, client.health()).result().pid
    opened = {os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")}
    assert {name for name in opened if name.startswith("/") and not name.startswith(("/dev/", "/proc/"))} <= {str(log)}
    assert log.read_bytes().count(b"\xff\xd8") == 0
    assert log.stat().st_size < 4096
    (core,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]


async def test_memory_stays_bounded(vision: VisionClient) -> None:
    stream = BytesIO()
    Image.fromarray(np.zeros((4096, 4096, 3), np.uint8)).save(stream, "PNG", compress_level=1)
    picture = stream.getvalue()
    before = (await vision.health()).resident_mb
    for _ in range(2):
        await vision.analyse([picture] * 5, None)
    assert (await vision.health()).resident_mb - before < 150


async def test_the_socket_belongs_to_one_account(vision: VisionClient) -> None:
    assert stat.S_IMODE(vision.socket_path.stat().st_mode) == 0o600


class SlowEngine:
    """Waits until it is let go, so that a queue can be filled at will."""

    name, version, model_sha256 = "slow", "1", "00" * 32
    capabilities = Capabilities(False, False, "none", "none")

    def __init__(self) -> None:
        self.go = threading.Event()

    def detect(self, gray: Gray, *, small: bool = False) -> tuple[Box, ...]:
        self.go.wait(10)
        return ()

    def landmarks(self, rgb: Rgb, box: Box) -> Points:
        raise NotImplementedError

    def pad_score(self, rgb: Rgb, box: Box) -> float | None:
        return None

    def embed(self, rgb: Rgb, points: Points) -> Embedding:
        raise NotImplementedError

    def compare(self, one: Embedding, other: Embedding) -> float:
        raise NotImplementedError


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[VisionClient, SlowEngine]]:
    engine = SlowEngine()
    server = VisionServer(engine, workers=1, queue=1)
    listening = await asyncio.start_unix_server(server.handle, str(tmp_path / "s"))
    yield VisionClient(tmp_path / "s", timeout=5), engine
    engine.go.set()
    listening.close()
    await asyncio.to_thread(server.close)


async def test_a_full_queue_says_busy_and_when_to_come_back(slow: tuple[VisionClient, SlowEngine]) -> None:
    client, engine = slow
    inside = [asyncio.create_task(client.analyse([faces.no_face()], None)) for _ in range(2)]
    await asyncio.sleep(0.2)
    with pytest.raises(VisionBusy) as busy:
        await client.analyse(faces.frames("a"), faces.portrait("a"))
    assert (busy.value.status, busy.value.headers()) == (503, {"Retry-After": "3"})
    assert (await client.health()).waiting == 2
    engine.go.set()
    assert [answer.frames[0].faces for answer in await asyncio.gather(*inside)] == [0, 0]
    assert (await client.health()).waiting == 0


async def test_a_slow_answer_becomes_unavailable(slow: tuple[VisionClient, SlowEngine]) -> None:
    client, _ = slow
    with pytest.raises(VisionUnavailable):
        await VisionClient(client.socket_path, timeout=0.2).analyse([faces.no_face()], None)


async def test_an_engine_that_fails_is_unavailable_not_a_verdict(
    slow: tuple[VisionClient, SlowEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, engine = slow
    monkeypatch.setattr(engine, "detect", lambda *_, **__: 1 / 0)
    with pytest.raises(VisionUnavailable):
        await client.analyse([faces.no_face()], None)
    assert (await client.health()).waiting == 0


async def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    client = VisionClient(tmp_path / "none")
    with pytest.raises(VisionUnavailable):
        await client.analyse([faces.no_face()], None)
    with pytest.raises(VisionUnavailable):
        await client.health()


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_killed_in_the_middle_it_reports_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZT_DATA_KEY", "must not reach a process that parses hostile pictures")
    supervisor = VisionSupervisor(tmp_path / "s")
    await supervisor.start()
    try:
        first = supervisor.pid
        assert first is not None
        assert b"ZT_" not in environment_of(first)
        asked = asyncio.create_task(supervisor.client.analyse(faces.frames("a", 12), faces.portrait("a")))
        await asyncio.sleep(0.3)
        assert not asked.done()
        os.kill(first, signal.SIGKILL)
        with pytest.raises(VisionUnavailable):
            await asked
        await _until_up(supervisor.client)
        assert supervisor.restarts == 1
        assert supervisor.pid not in (None, first)
        assert (await judged(supervisor.client, faces.frames("a", 5), faces.portrait("a"))).outcome == "accept"
    finally:
        started = time.monotonic()
        await supervisor.stop()
    assert time.monotonic() - started < 5
    assert supervisor.pid is None
    assert not (tmp_path / "s").exists()


async def test_a_process_that_cannot_start_is_reported(tmp_path: Path) -> None:
    with pytest.raises(VisionNotStarted, match="ended with code"):
        await VisionSupervisor(tmp_path / "s", engine="nobody").start()


def test_the_default_socket_fits_whatever_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert default_socket(tmp_path) == tmp_path / "vision.sock"
    deep = tmp_path / ("x" * 120)
    assert len(str(default_socket(deep))) <= 107 + len(str(tmp_path)) - len("/tmp")
    assert default_socket(deep) == default_socket(deep) != default_socket(deep / "y")
    assert default_socket(tmp_path, "one") != default_socket(tmp_path, "two")
