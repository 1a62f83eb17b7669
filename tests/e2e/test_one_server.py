"""SQLite and its worker's leases belong to one process: a second server on the same data folder is refused, and the first goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.runtime import AlreadyServed, sole_server
from api.settings import load_settings


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path)})
    with sole_server(settings):
        with pytest.raises(AlreadyServed), sole_server(settings):
            pass
    with sole_server(settings):
        pass


def test_postgres_may_have_many(tmp_path: Path) -> None:
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path), "ZT_DATABASE_URL": "postgresql://postgres@127.0.0.1/nowhere"})
    with sole_server(settings), sole_server(settings):
        pass
