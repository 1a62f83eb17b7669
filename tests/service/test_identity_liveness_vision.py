"""The vision process as it runs: real frames, bad ones, a full queue, a violent death, memory."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from core.errors import DomainError
from identity.liveness.errors import PortraitUnusable, VisionBusy, VisionUnavailable
from identity.liveness.facts import Capabilities, Comparison, EngineFacts, FrameMotion
from identity.liveness.policy import load_policy
from identity.liveness.ports import Box, Embedding, Gray, Points, Rgb
from identity.liveness.vision_client import VisionClient
from identity.liveness.vision_process import VisionServer
from identity.liveness.vision_protocol import decode_answer
from identity.liveness.vision_supervisor import VisionNotStarted, VisionSupervisor, default_socket
from sandbox import faces

POLICY = load_policy()
LIMITS, QUALITY = POLICY.engines["dlib"], POLICY.quality


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


@dataclass(frozen=True)
class Looked:
    frames: list[FrameMotion]
    compared: Comparison
    portrait_faces: int | None
    engine: EngineFacts

    @property
    def to_portrait(self) -> list[float]:
        return [math.inf if distance is None else distance for distance in self.compared.to_portrait]


async def looked(vision: VisionClient, frames: Sequence[bytes], portrait: bytes | None) -> Looked:
    """A capture of these frames from its beginning to its end."""
    async with vision.capture(portrait) as capture:
        seen = [await capture.see(number / 15, frame) for number, frame in enumerate(frames)]
        return Looked(seen, await capture.compare(range(len(seen))), capture.portrait_faces, capture.engine)


@pytest.mark.parametrize("person", ["a", "b"])
async def test_each_demo_person_is_recognised(vision: VisionClient, person: str) -> None:
    """R51"""
    found = await looked(vision, faces.frames(person), faces.portrait(person))
    assert len(found.to_portrait) == 6 and max(found.to_portrait) <= LIMITS.match
    assert (found.portrait_faces, found.engine.name, len(found.engine.model_sha256)) == (1, "dlib", 64)
    other = await looked(vision, faces.frames("b" if person == "a" else "a"), faces.portrait(person))
    assert min(other.to_portrait) > LIMITS.match


async def test_another_person_midway_is_another_person(vision: VisionClient) -> None:
    found = await looked(vision, faces.frames("a", 3) + faces.frames("b", 2), faces.portrait("a"))
    between = [row[place] for row in found.compared.to_others[:3] for place in (3, 4)]
    assert all(distance is not None and distance > LIMITS.continuity for distance in between)


def as_png(frame: bytes) -> bytes:
    stream = BytesIO()
    Image.open(BytesIO(frame)).save(stream, "PNG")
    return stream.getvalue()


SEEN: dict[str, tuple[Callable[[], bytes], Callable[[FrameMotion], bool]]] = {
    "nobody": (faces.no_face, lambda frame: frame.faces == 0 and frame.geometry is None),
    "two people": (faces.two_faces, lambda frame: frame.faces == 2 and frame.geometry is None),
    "a dark room": (lambda: faces.dark("a"), lambda frame: (frame.brightness or 255) < QUALITY.min_brightness),
    "out of focus": (lambda: faces.blurred("a"), lambda frame: (frame.sharpness or 255) < QUALITY.min_sharpness),
    "far away": (
        lambda: faces.far_away("a"),
        lambda frame: frame.geometry is None or frame.geometry.inter_eye_px < QUALITY.min_inter_eye_px,
    ),
    "somebody, as PNG": (lambda: as_png(faces.frames("a", 1)[0]), lambda frame: frame.faces == 1 and frame.geometry is not None),
}


@pytest.mark.parametrize("name", SEEN)
async def test_what_is_measured_of_a_frame(vision: VisionClient, name: str) -> None:
    """R51"""
    make, holds = SEEN[name]
    (frame,) = (await looked(vision, [make()], None)).frames
    assert holds(frame), frame


async def test_a_small_document_portrait_is_enough(vision: VisionClient) -> None:
    """The chip of an identity card holds 102×126 pixels."""
    stream = BytesIO()
    Image.open(BytesIO(faces.portrait("a"))).crop((60, 40, 420, 485)).resize((102, 126), Image.Resampling.LANCZOS).save(
        stream, "JPEG", quality=92
    )
    found = await looked(vision, faces.frames("a", 5), stream.getvalue())
    assert found.portrait_faces == 1 and sum(distance <= LIMITS.match for distance in found.to_portrait) >= POLICY.min_matched
    assert min((await looked(vision, faces.frames("b", 5), stream.getvalue())).to_portrait) > LIMITS.match


async def test_a_portrait_without_one_face_is_compared_with_nobody(vision: VisionClient) -> None:
    for portrait, count in ((faces.no_face(), 0), (faces.two_faces(), 2), (None, None)):
        found = await looked(vision, faces.frames("a", 1), portrait)
        assert (found.portrait_faces, found.compared.to_portrait) == (count, (None,))


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
        await looked(vision, [*faces.frames("a", 2), frame], faces.portrait("a"))
    assert refusal.value.code == code
    assert (await vision.health()).waiting == 0


async def test_a_portrait_that_is_no_picture_is_refused(vision: VisionClient) -> None:
    for portrait in (b"not a picture", b"\xff\xd8\xff" + bytes(2 * 1024 * 1024)):
        with pytest.raises(PortraitUnusable):
            await looked(vision, faces.frames("a", 1), portrait)


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack("!I", 5) + b"\xc1\xc1\xc1\xc1\xc1",
        struct.pack("!I", 3) + msgspec.msgpack.encode([1, 2]),
        struct.pack("!I", 0),
        struct.pack("!I", 1 << 31),
        struct.pack("!I", 100) + msgspec.msgpack.encode({"type": "open", "portrait": [1]}).ljust(100, b"\0"),
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
    async with vision.capture(faces.portrait("a")) as capture:
        await capture.see(0.0, faces.frames("a", 1)[0])
        assert (await vision.health()).waiting == 1
    for _ in range(100):
        if not (await vision.health()).waiting:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("its place is still taken")


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
        await looked(vision, [picture] * 5, None)
    assert (await vision.health()).resident_mb - before < 150


async def test_the_socket_belongs_to_one_account(vision: VisionClient) -> None:
    assert stat.S_IMODE(vision.socket_path.stat().st_mode) == 0o600


class SlowEngine:
    """Waits until it is let go, so that a queue can be filled at will."""

    name, version, model_sha256 = "slow", "1", "00" * 32
    capabilities = Capabilities(False, False, "none", "none")

    def __init__(self) -> None:
        self.go = threading.Event()

    def detect(self, gray: Gray, *, small: bool = False, lenient: bool = False) -> tuple[Box, ...]:
        self.go.wait(10)
        return ()

    def landmarks(self, picture: Gray | Rgb, box: Box) -> Points:
        raise AssertionError("this engine finds no face, so nobody asks for more")

    def pad_score(self, rgb: Rgb, box: Box) -> float | None:
        return None

    def embed(self, rgb: Rgb, points: Points) -> Embedding:
        raise AssertionError("this engine finds no face, so nobody asks for more")

    def compare(self, one: Embedding, other: Embedding) -> float:
        raise AssertionError("this engine finds no face, so nobody asks for more")


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[VisionClient, SlowEngine]]:
    engine = SlowEngine()
    server = VisionServer(engine, workers=1, queue=1)
    listening = await asyncio.start_unix_server(server.handle, str(tmp_path / "s"))
    yield VisionClient(tmp_path / "s", timeout=5), engine
    engine.go.set()
    listening.close()
    await server.close()


async def test_a_full_queue_says_busy_and_when_to_come_back(slow: tuple[VisionClient, SlowEngine]) -> None:
    client, engine = slow
    inside = [asyncio.create_task(looked(client, [faces.no_face()], None)) for _ in range(2)]
    await asyncio.sleep(0.2)
    with pytest.raises(VisionBusy) as busy:
        await looked(client, faces.frames("a"), faces.portrait("a"))
    assert (busy.value.status, busy.value.headers()) == (503, {"Retry-After": "3"})
    assert (await client.health()).waiting == 2
    engine.go.set()
    assert [found.frames[0].faces for found in await asyncio.gather(*inside)] == [0, 0]
    assert (await client.health()).waiting == 0


async def test_a_slow_answer_becomes_unavailable(slow: tuple[VisionClient, SlowEngine]) -> None:
    client, _ = slow
    with pytest.raises(VisionUnavailable):
        await looked(VisionClient(client.socket_path, timeout=0.2), [faces.no_face()], None)


async def test_an_engine_that_fails_is_unavailable_not_a_verdict(
    slow: tuple[VisionClient, SlowEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, engine = slow
    monkeypatch.setattr(engine, "detect", lambda *_, **__: 1 / 0)
    with pytest.raises(VisionUnavailable):
        await looked(client, [faces.no_face()], None)
    assert (await client.health()).waiting == 0


async def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    client = VisionClient(tmp_path / "none")
    with pytest.raises(VisionUnavailable):
        await looked(client, [faces.no_face()], None)
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
        asked = asyncio.create_task(looked(supervisor.client, faces.frames("a") * 20, faces.portrait("a")))
        await asyncio.sleep(0.3)
        assert not asked.done()
        os.kill(first, signal.SIGKILL)
        with pytest.raises(VisionUnavailable):
            await asked
        await _until_up(supervisor.client)
        assert supervisor.restarts == 1
        assert supervisor.pid not in (None, first)
        assert max((await looked(supervisor.client, faces.frames("a", 3), faces.portrait("a"))).to_portrait) <= LIMITS.match
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
