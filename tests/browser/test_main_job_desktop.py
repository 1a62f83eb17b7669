"""The main job once more, on desktops and on PostgreSQL with Redis, as a city would run it (see test_main_job_phone)."""

from __future__ import annotations

import pytest

from tests.browser.main_job import MainJob
from tests.browser.tour import look_around
from tests.factories.browser_modes import faults_of
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows


@pytest.mark.slow
@pytest.mark.parametrize("hall", ["postgres"], indirect=True)
def test_everybody_on_desktops(hall: RunningHall, windows: Windows) -> None:
    """The console's pages in every mode as wide as they are used most."""
    faults: list[str] = []
    job = MainJob(
        hall,
        windows,
        windows.desktop,
        windows.desktop,
        lambda name, page: faults.extend(faults_of(page, name) if name.startswith("console/") else []),
    )
    job.play()
    look_around(job)
    assert faults == [], "\n".join(faults)
