"""Journeys of their own, beside the main job: each has a test of its own, and `make screens` plays them all after it.

A trip is called with a `MainJob` whose hall is seeded but in which nothing need have been played, and tells `job.saw` what it sees.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.main_job import MainJob
from tests.browser.trip_asked import asked
from tests.browser.trip_enterprise import enterprise
from tests.browser.trip_identity_desk import identity_desk
from tests.browser.trip_person import person
from tests.browser.trip_video import video

Trip = Callable[[MainJob], None]
TRIPS: tuple[Trip, ...] = (asked, enterprise, identity_desk, person, video)
