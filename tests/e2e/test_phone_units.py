"""The phone pages' own checks: types against the API as it stands, and the unit tests of the client core."""

from __future__ import annotations

import pytest

from tests.conftest import note_use
from tests.factories import weapp

pytestmark = pytest.mark.skipif(not weapp.has_node(), reason="node and npm are not installed: the phone pages' own tests are NOT run")


def test_units(request: pytest.FixtureRequest) -> None:
    note_use(request, "Vitest")
    assert "passed" in weapp.run_units()


def test_types(request: pytest.FixtureRequest) -> None:
    """A changed answer of the API breaks the pages that read it."""
    note_use(request, "vue-tsc")
    weapp.check_types()
