"""The checks of the phone pages and of the console themselves: types against the API as it stands, and the unit tests of their cores."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import note_use
from tests.factories import weapp

pytestmark = pytest.mark.skipif(not weapp.has_node(), reason="node and npm are not installed: the clients' own tests are NOT run")


@pytest.fixture(params=[weapp.SOURCES, weapp.CONSOLE], ids=lambda folder: folder.name)
def client(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


def test_units(request: pytest.FixtureRequest, client: Path) -> None:
    note_use(request, "Vitest")
    assert "passed" in weapp.run_units(client)


def test_types(request: pytest.FixtureRequest, client: Path) -> None:
    """A changed answer of the API breaks the pages that read it."""
    note_use(request, "vue-tsc")
    weapp.check_types(client)
