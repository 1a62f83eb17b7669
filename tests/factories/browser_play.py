"""The main job played over HTTP up to some step, for tests whose page comes after it. The journey itself goes through the pages alone."""

from __future__ import annotations

from typing import Any, cast

from api.demo.play import run_step
from api.demo.stage import Stage
from api.demo.world import World
from tests.factories.browser_server import RunningHall
from tests.factories.short_steps import SHORT_STEPS
from tests.services.running import run


def played(hall: RunningHall, *, until: str, after: tuple[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Play every step up to `until` ("delivery", say); what the play kept: ids, files, the licence.

    `after` goes on from an earlier play: the name of its last step and what it kept.
    """
    names = [name for name, _ in SHORT_STEPS]
    wanted = SHORT_STEPS[names.index(after[0]) + 1 if after else 0 : names.index(until) + 1]

    async def play() -> dict[str, Any]:
        world = World(cast(Stage, hall), None, kept=dict(after[1]) if after else {})
        try:
            for name, step in wanted:
                record = await run_step(name, step, world)
                assert record.ok, f"{name}: {record.proves}"
            return world.kept
        finally:
            await world.close()

    return run(play())
