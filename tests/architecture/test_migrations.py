"""The history of the schema is one numbered line and has everything the models have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tools.make_migration import pending

PLANTED = """
from tortoise import fields
from tortoise.models import Model

class Planted(Model):
    id = fields.CharField(48, primary_key=True)
    class Meta:
        table = "planted_thing"
        app = "zerotrip"
"""


def numbers() -> list[int]:
    names = [path.name for path in (ROOT / "migrations").glob("*.py") if path.name != "__init__.py"]
    assert all(re.match(r"^\d{4}_[a-z0-9_]+\.py$", name) for name in names), names
    return sorted(int(name[:4]) for name in names)


def test_the_history_is_one_line() -> None:
    assert numbers() and numbers() == list(range(1, len(numbers()) + 1))


def test_every_migration_stands_on_our_base() -> None:
    for number in numbers():
        (path,) = (ROOT / "migrations").glob(f"{number:04d}_*.py")
        assert "\nfrom core import migrations\n" in "\n" + path.read_text("utf-8"), path.name


async def test_no_model_changed_without_a_migration() -> None:
    from api.wiring import MODELS

    assert [str(operation) for writer in await pending(MODELS) for operation in writer.operations] == []


async def test_a_model_without_a_migration_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "planted_models.py").write_text(PLANTED)
    monkeypatch.syspath_prepend(str(tmp_path))
    writers = await pending(["planted_models"])
    assert any("Planted" in writer.as_string() and "planted_thing" in writer.as_string() for writer in writers)
