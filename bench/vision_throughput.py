"""How many face decisions two vision processes make beside one: one JSON line, both ways in this run, in turns.

The same clips (six seconds of a packaged person at 15 frames a second, decoded, followed, compared) through the same pool that the server
uses. `load` is the machine's load average before: with other work on it two processes cannot have two processors to themselves, and
`cpu_ratio` then tells more: processor seconds of the vision processes for each clip with two, over those with one.
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
CLIPS, ROUNDS = 12, 2
ACTS = (Act("mouth", 1.4), Act("turn_left", 3.1), Act("blink", 5.0))
COMPARED = (5, 25, 45, 65, 85)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its ended children (Linux, proc(5): fields 14 to 17 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


async def one(pool: VisionPool, film: bytes, portrait: bytes) -> None:
    async with pool.capture(portrait) as capture:
        seen = await capture.see_clip(film)
        measured = await capture.compare(COMPARED)
    if len(seen.frames) < 80 or len(measured.compared) != len(COMPARED):
        raise RuntimeError("the vision process did not measure the whole clip")


async def clips_a_second(pool: VisionPool, film: bytes, portrait: bytes) -> tuple[float, float]:
    """Clips a second, and processor seconds a clip."""
    pids = [place.pid for place in pool.supervisors if place.pid is not None]
    before, started = sum(map(cpu_seconds, pids)), time.perf_counter()
    await asyncio.gather(*(one(pool, film, portrait) for _ in range(CLIPS)))
    passed = time.perf_counter() - started
    return CLIPS / passed, (sum(map(cpu_seconds, pids)) - before) / CLIPS


async def main() -> None:
    portrait = faces.portrait("a")
    film = clip(list(acting.film("a", ACTS, 6.0, 15, seed=21)), fps=15)
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        made = [VisionSupervisor(Path(folder) / f"vision{number}.sock", queue=CLIPS, timeout=120.0) for number in range(3)]
        single, double = VisionPool(made[:1]), VisionPool(made[1:])
        await asyncio.gather(single.start(), double.start())
        try:
            await asyncio.gather(one(single, film, portrait), one(double, film, portrait), one(double, film, portrait))
            runs = [(await clips_a_second(single, film, portrait), await clips_a_second(double, film, portrait)) for _ in range(ROUNDS)]
        finally:
            await asyncio.gather(single.stop(), double.stop())
    alone, both = (statistics.median(run[place][0] for run in runs) for place in (0, 1))
    alone_cpu, both_cpu = (statistics.median(run[place][1] for run in runs) for place in (0, 1))
    ratio = statistics.median(two[0] / first[0] for first, two in runs)
    figure = {
        "bench": "vision_throughput",
        "one_process_per_second": round(alone, 3),
        "two_processes_per_second": round(both, 3),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "cpu_seconds_per_clip": [round(alone_cpu, 3), round(both_cpu, 3)],
        "cpu_ratio": round(both_cpu / alone_cpu, 3),
        "processors": os.cpu_count(),
        "load": load,
    }
    print(json.dumps(figure), flush=True)
    if ratio < TARGET:
        print("vision_throughput misses its target", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(main())
