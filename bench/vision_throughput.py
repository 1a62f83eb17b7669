"""How many face decisions two vision processes make beside one: one JSON line, both ways in this run, in turns.

The same six seconds of a packaged person at 15 frames a second, followed and compared, through the same pool that the server uses: as
pictures that come one after the other (the usual way; `ratio`, which has a target) and as clips (`clip_ratio`). A clip is taken apart in a
further process beside the one that measures, so that one vision process keeps more than one processor busy (`clip_processors`): where
there are only two, two of them cannot make more than 2 / `clip_processors` times as many. `load` is the machine's load average before:
with other work on it two processes cannot have two processors to themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from identity.liveness.vision_pool import VisionPool
from identity.liveness.vision_supervisor import VisionSupervisor
from sandbox import faces
from sandbox.faces import acting
from sandbox.faces.acting import Act
from tests.factories.clips import clip

TARGET = 1.7
CAPTURES, ROUNDS = 8, 3
SECONDS, FPS = 6.0, 15
ACTS = (Act("mouth", 1.4), Act("turn_left", 3.1), Act("blink", 5.0))
COMPARED = (5, 25, 45, 65, 85)
Film = bytes | list[bytes]
"""A clip, or its pictures."""


def busy_seconds() -> float:
    """Of all processors together, whoever has them (Linux, proc(5): the first line of stat without idle and iowait)."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


async def one(pool: VisionPool, film: Film, portrait: bytes) -> None:
    async with pool.capture(portrait) as capture:
        if isinstance(film, bytes):
            frames = len((await capture.see_clip(film)).frames)
        else:
            frames = len([await capture.see(number / FPS, picture) for number, picture in enumerate(film)])
        measured = await capture.compare(COMPARED)
    if frames < 80 or len(measured.compared) != len(COMPARED):
        raise RuntimeError("the vision process did not measure all of it")


async def decisions(pool: VisionPool, film: Film, portrait: bytes) -> tuple[float, float]:
    """How many a second, and how many processors were busy meanwhile."""
    before, started = busy_seconds(), time.perf_counter()
    await asyncio.gather(*(one(pool, film, portrait) for _ in range(CAPTURES)))
    passed = time.perf_counter() - started
    return CAPTURES / passed, (busy_seconds() - before) / passed


async def compared(single: VisionPool, double: VisionPool, film: Film, portrait: bytes) -> tuple[float, float, float, float]:
    """With one process, with two, the ratio, and the processors that one kept busy: the middle of the rounds."""
    runs = [(await decisions(single, film, portrait), await decisions(double, film, portrait)) for _ in range(ROUNDS)]
    middle = statistics.median
    return (
        middle(first[0] for first, _ in runs),
        middle(second[0] for _, second in runs),
        middle(second[0] / first[0] for first, second in runs),
        middle(first[1] for first, _ in runs),
    )


async def main() -> None:
    portrait, load = faces.portrait("a"), round(os.getloadavg()[0], 1)
    frames = list(acting.film("a", ACTS, SECONDS, FPS, seed=21))
    with tempfile.TemporaryDirectory() as folder:
        made = [VisionSupervisor(Path(folder) / f"vision{number}.sock", queue=CAPTURES, timeout=120.0) for number in range(3)]
        single, double = VisionPool(made[:1]), VisionPool(made[1:])
        await asyncio.gather(single.start(), double.start())
        try:
            pictures = acting.jpegs(frames)
            await asyncio.gather(*(one(pool, pictures, portrait) for pool in (single, double, double)))
            alone, both, ratio, processors = await compared(single, double, pictures, portrait)
            _, clips_both, clip_ratio, clip_processors = await compared(single, double, clip(frames, fps=FPS), portrait)
        finally:
            await asyncio.gather(single.stop(), double.stop())
    figure = {
        "bench": "vision_throughput",
        "one_process_per_second": round(alone, 3),
        "two_processes_per_second": round(both, 3),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "processors_of_one": round(processors, 2),
        "clips_per_second_of_two": round(clips_both, 3),
        "clip_ratio": round(clip_ratio, 3),
        "clip_processors": round(clip_processors, 2),
        "processors": os.cpu_count(),
        "load": load,
    }
    print(json.dumps(figure), flush=True)
    if ratio < TARGET:
        print("vision_throughput misses its target", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(main())
