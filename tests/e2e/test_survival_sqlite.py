"""One process with SQLite survives SIGKILL between every two steps and in the middle of each delivery."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.survival import play_killed_between_steps, play_killed_in_deliveries


async def test_killed_between_every_two_steps(tmp_path: Path) -> None:
    await play_killed_between_steps(tmp_path)


async def test_killed_in_the_middle_of_each_delivery(tmp_path: Path) -> None:
    await play_killed_in_deliveries(tmp_path)
