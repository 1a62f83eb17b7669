"""The main job by thumbs and eyes: two citizens, two clerks, a courier and a stranger, each with windows of their own, on the real server.

No call to the API is made here; what people know of each other they read off a screen. Staff use an authenticator app.
"""

from __future__ import annotations

import pytest

from tests.browser.main_job import MainJob
from tests.browser.tour import look_around
from tests.factories.browser_modes import faults_of
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import PHONE, Windows


@pytest.mark.slow
def test_everybody_on_phones_and_every_page_in_every_mode(hall: RunningHall, windows: Windows) -> None:
    """R82: the clerks too are on phones. No page has a serious or critical finding of axe, or is wider than the screen, in any mode."""
    faults: list[str] = []
    job = MainJob(hall, windows, windows.phone, lambda: windows.desktop(**PHONE), lambda name, page: faults.extend(faults_of(page, name)))
    job.play()
    look_around(job)
    assert faults == [], "\n".join(faults)
