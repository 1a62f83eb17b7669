"""From empty to newest on both databases, also by two processes at once, and without Tortoise's SQLite trap of emptied children."""

from __future__ import annotations

import asyncio
import importlib
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from tortoise.connection import get_connection

import core.db
from api.wiring import MODELS
from core.db import Database, IntegrityError
from tests.architecture.tree import ROOT

PLANTED = """
from tortoise import fields
from tortoise.models import Model

class Parent(Model):
    id = fields.CharField(48, primary_key=True)
    name = fields.CharField({width})
    class Meta:
        table = "planted_parent"

class Child(Model):
    id = fields.CharField(48, primary_key=True)
    parent = fields.ForeignKeyField("zerotrip.Parent", related_name="children", on_delete=fields.CASCADE)
    class Meta:
        table = "planted_child"
"""
FIRST = """
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    initial = True
    operations = [
        ops.CreateModel(
            name="Parent",
            fields=[("id", fields.CharField(primary_key=True, max_length=48)), ("name", fields.CharField(max_length=20))],
            options={"table": "planted_parent", "app": "zerotrip", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Child",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=48)),
                ("parent", fields.ForeignKeyField("zerotrip.Parent", source_field="parent_id", to_field="id",
                                                  related_name="children", on_delete=OnDelete.CASCADE)),
            ],
            options={"table": "planted_child", "app": "zerotrip", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
"""
SECOND = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [("zerotrip", "0001_initial")]
    initial = False
    operations = [ops.AlterField(model_name="Parent", name="name", field=fields.CharField(max_length=80))]
"""
RUN = "import asyncio; from api.wiring import MODELS; from core.db import Database; print(asyncio.run(Database('{url}', MODELS).migrate()))"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite://{tmp_path}/new/hall.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def history() -> list[str]:
    return sorted(path.stem for path in (ROOT / "migrations").glob("[0-9]*.py"))


async def test_from_empty_to_newest(empty_url: str) -> None:
    database = Database(empty_url, MODELS)
    if not database.is_sqlite:
        assert await database.pending_migrations() == history()
    assert await database.migrate() == history()
    assert await database.pending_migrations() == [] and await database.migrate() == []
    await database.connect()
    try:
        await database.ping()
        held = [value for module in MODELS for value in vars(importlib.import_module(module)).values()]
        tables = {model._meta.db_table for model in held if hasattr(model, "_meta")}
        for table in sorted(tables - {""}):
            await get_connection("default").execute_query(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608 - names of our own tables
    finally:
        await database.disconnect()
    assert len(tables) > 25


async def test_pending_of_a_database_that_does_not_exist_yet(tmp_path: Path) -> None:
    """`zerotrip serve` asks this first on a fresh machine: the answer is the list, not a traceback."""
    database = Database(f"sqlite://{tmp_path}/not/there/hall.sqlite3", MODELS)
    assert await database.pending_migrations() == history()


async def test_a_database_file_that_cannot_be_opened_fails_at_once(tmp_path: Path) -> None:
    database = Database(f"sqlite://{tmp_path}", MODELS)
    for work in (database.connect, database.migrate, database.pending_migrations):
        with pytest.raises(sqlite3.OperationalError):
            await asyncio.wait_for(work(), 5)


async def test_foreign_keys_are_enforced_after_migrating(tmp_path: Path) -> None:
    """Migrating switches them off; working must not."""
    from hall.cases.models import CaseTrip

    database = Database(f"sqlite://{tmp_path}/hall.sqlite3", MODELS)
    await database.migrate()
    await database.connect()
    try:
        with pytest.raises(IntegrityError):
            await CaseTrip.create(appointment_id="appt_1", case_id="case_nobody")
    finally:
        await database.disconnect()


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small history of its own: a parent, a child that goes when the parent goes, and later a wider column of the parent."""
    folder = tmp_path / "planted_history"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "0001_initial.py").write_text(FIRST)
    (tmp_path / "planted_family.py").write_text(PLANTED.format(width=80))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(core.db, "MIGRATIONS", "planted_history")
    for name in [name for name in sys.modules if name.startswith(("planted_history", "planted_family"))]:
        monkeypatch.delitem(sys.modules, name)
    return folder


async def family(url: str, statement: str) -> Any:
    database = Database(url, ["planted_family"])
    await database.connect()
    try:
        return await get_connection("default").execute_query_dict(statement)
    finally:
        await database.disconnect()


async def widen(url: str, planted: Path) -> list[str]:
    database = Database(url, ["planted_family"])
    await database.migrate()
    await family(url, "INSERT INTO planted_parent (id, name) VALUES ('p1', 'one')")
    await family(url, "INSERT INTO planted_child (id, parent_id) VALUES ('c1', 'p1')")
    (planted / "0002_wider.py").write_text(SECOND)
    importlib.invalidate_caches()
    return await database.migrate()


async def test_altering_a_parent_keeps_its_children(empty_url: str, planted: Path) -> None:
    assert await widen(empty_url, planted) == ["0002_wider"]
    assert await family(empty_url, "SELECT id, parent_id FROM planted_child") == [{"id": "c1", "parent_id": "p1"}]
    await family(empty_url, f"INSERT INTO planted_parent (id, name) VALUES ('p2', '{'x' * 80}')")  # noqa: S608
    with pytest.raises(IntegrityError):
        await family(empty_url, "INSERT INTO planted_child (id, parent_id) VALUES ('c2', 'nobody')")
    await family(empty_url, "DELETE FROM planted_parent WHERE id = 'p1'")
    assert await family(empty_url, "SELECT id FROM planted_child") == []


async def test_the_trap_is_real(tmp_path: Path, planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With foreign keys left on, the same migration deletes the children: what the test above guards against."""
    config = core.db._connection_config
    monkeypatch.setattr(core.db, "_connection_config", lambda url, *, migrating: config(url, migrating=False))
    url = f"sqlite://{tmp_path}/trap.sqlite3"
    await widen(url, planted)
    assert await family(url, "SELECT id FROM planted_child") == []


async def test_a_migration_that_breaks_references_is_refused(tmp_path: Path, planted: Path) -> None:
    """With foreign keys off nothing stops a bad migration, so the result is checked."""
    url = f"sqlite://{tmp_path}/broken.sqlite3"
    await Database(url, ["planted_family"]).migrate()
    await family(url, "INSERT INTO planted_parent (id, name) VALUES ('p1', 'one')")
    await family(url, "INSERT INTO planted_child (id, parent_id) VALUES ('c1', 'p1')")
    alteration = 'ops.AlterField(model_name="Parent", name="name", field=fields.CharField(max_length=80))'
    orphaning = SECOND.replace(alteration, 'ops.RunSQL("DELETE FROM planted_parent")')
    assert orphaning != SECOND
    (planted / "0002_orphans.py").write_text(orphaning)
    importlib.invalidate_caches()
    with pytest.raises(RuntimeError, match="1 broken references, first in table planted_child"):
        await Database(url, ["planted_family"]).migrate()


async def test_processes_that_migrate_at_once(postgres_url: str) -> None:
    """Two starting processes: one migrates, the other waits and finds nothing to do."""
    command, env = (sys.executable, "-c", RUN.format(url=postgres_url)), {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, env=env) for _ in range(2)]
    outputs = sorted([(await process.communicate())[0].decode().strip() for process in started], key=len)
    assert [process.returncode for process in started] == [0, 0]
    assert outputs == ["[]", str(history())]


@pytest.mark.parametrize("url", ["mysql://h/d", "oracle:x", ""])
def test_another_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="unsupported database scheme"):
        Database(url, MODELS).tortoise_config()


async def test_an_embedded_database_is_private(tmp_path: Path) -> None:
    database = Database(f"sqlite://{tmp_path}/data/zerotrip.sqlite3", ["core.models"])
    await database.connect()
    try:
        await database.ping()
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()} == {0o600}
    finally:
        await database.disconnect()
