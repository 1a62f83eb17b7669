"""R52: after a check nothing of a face is left. A real check by the real engine; then everything that was written is searched.

What is looked for: pieces of every frame and of the clip, as bytes, hexadecimal and base64, and every frame's embedding as floats of both
sizes and as text. That the search finds such things is seen with planted ones.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import structlog
from tortoise import Tortoise
from tortoise.connection import get_connection

from core.clock import ManualClock
from core.db import Database
from core.models import OutboxEvent
from identity.liveness.engines import build_engine
from identity.liveness.errors import VisionUnavailable
from identity.liveness.models import SeenFrame, Verification
from identity.liveness.pictures import decode, gray
from identity.liveness.vision_client import VisionClient
from sandbox import faces
from sandbox.faces import acting
from sandbox.faces.acting import Act
from tests.factories.identity import ZHANG, IdentityWorld

PIECE = 24


def pieces(data: bytes) -> Iterator[bytes]:
    """Parts of a file as they would show in a copy of it; also in one that begins at another offset of base64."""
    for at in range(len(data) // 4, len(data) - PIECE, max(1, len(data) // 6)):
        part = data[at : at + PIECE]
        yield part
        yield part.hex().encode()
        yield from (base64.b64encode(part[shift : shift + 15]) for shift in range(3))


def vectors(embedding: Sequence[float]) -> Iterator[bytes]:
    for kind in ("<f4", "<f8", ">f4", ">f8"):
        yield np.asarray(embedding[8:16], kind).tobytes()
    for text in (json.dumps(list(embedding[8:12])), ", ".join(f"{value:.6f}" for value in embedding[8:12])):
        yield text.strip("[]").encode()


def embeddings(pictures: Sequence[bytes]) -> list[list[float]]:
    engine = build_engine("dlib")
    found = []
    for picture in pictures:
        rgb = decode(picture)
        (box,) = engine.detect(gray(rgb))
        found.append([float(value) for value in engine.embed(rgb, engine.landmarks(rgb, box))])
    return found


async def everything(folder: Path, logs: Sequence[object]) -> bytes:
    """Every value of every table, every byte of every file under the folder (database, logs, temporary files), and the log lines."""
    parts: list[bytes] = [repr(logs).encode()]
    for model in Tortoise.apps["zerotrip"].values():
        for row in await get_connection("default").execute_query_dict(f'SELECT * FROM "{model._meta.db_table}"'):  # noqa: S608
            parts += [bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row.values()]
    parts += [path.read_bytes() for path in folder.rglob("*") if path.is_file()]  # noqa: ASYNC240
    return b"\n".join(parts)


def left_over(stored: bytes, needles: Sequence[bytes]) -> int:
    return sum(needle in stored for needle in needles)


@asynccontextmanager
async def real_vision(folder: Path) -> AsyncIterator[VisionClient]:
    """The process that sees faces, its temporary files and all that it says in the folder."""
    command = [sys.executable, "-m", "identity.liveness.vision_process", "--socket", str(folder / "s"), "--with-parent"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with (folder / "vision.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)  # noqa: ASYNC220
        client = VisionClient(folder / "s", timeout=60)
        async with asyncio.timeout(60):
            while True:
                try:
                    await client.health()
                    break
                except VisionUnavailable:
                    await asyncio.sleep(0.1)
        try:
            yield client
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.to_thread(process.wait, 20)


async def test_nothing_of_a_face_is_left_after_a_real_check(
    database: Database, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pictures = acting.jpegs(acting.film("a", (Act("nod", 0.1),), 0.4, seed=5))[:6]
    portrait = faces.portrait("a")
    with structlog.testing.capture_logs() as logs:
        async with real_vision(tmp_path) as vision:
            identity = IdentityWorld(clock, mode="development", vision=vision)
            identity.register.people[ZHANG[1]] = (ZHANG[0], portrait)
            actor = await identity.citizen(ZHANG)
            view = await identity.start(actor)
            done = await identity.filmed(actor, view, pictures=pictures)
    assert done.reasons and await SeenFrame.all().count() > 20
    assert (await Verification.get(id=view.id)).engine == "dlib/" + build_engine("dlib").version
    seen = [piece for picture in (*pictures, portrait) for piece in pieces(picture)]
    seen += [piece for embedding in embeddings(pictures) for piece in vectors(embedding)]
    stored = await everything(tmp_path, logs) + "".join(capfd.readouterr()).encode()
    assert done.id.encode() in stored, "the search looks in the right places"
    assert left_over(stored, seen) == 0

    # Planted: each kind of thing in each kind of place is found.
    (embedding,) = embeddings(pictures[:1])
    (tmp_path / "core.tmp").write_bytes(b"x" + pictures[0] + b"y")
    assert left_over(await everything(tmp_path, []), seen) >= 3
    (tmp_path / "core.tmp").write_bytes(np.asarray(embedding, "<f4").tobytes())
    assert left_over(await everything(tmp_path, []), seen) == 1
    (tmp_path / "core.tmp").unlink()
    assert left_over(await everything(tmp_path, [{"event": "judged", "vector": json.dumps(embedding)}]), seen) == 1
    assert left_over(await everything(tmp_path, [{"event": "judged", "frame": base64.b64encode(pictures[2]).decode()}]), seen) >= 1
    await OutboxEvent.create(id="event_planted", name="planted", payload=pictures[1].hex(), created_at=clock.now())
    assert left_over(await everything(tmp_path, []), seen) >= 3
