"""What all tests share: a clock that stands still, and real services, each test with a database and a key prefix of its own.

A service that is not here skips its tests, loudly: the last lines of a run say what took part and what did not. A service asked for by
`ZT_TEST_DATABASE_URL` or `ZT_TEST_REDIS_URL` that does not answer is a failure, never a skip.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from core.clock import BEIJING, ManualClock
from core.db import Database
from identity.accounts import passwords
from tests.services import postgres, redis_server, tools
from tests.services.running import alone, run

USED = "real service"
used: Counter[str] = Counter()
skipped: Counter[str] = Counter()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hundreds of clerks are hired, none of whom needs a password that resists guessing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def clock() -> ManualClock:
    """Monday 23 November 2026, 9:00 in Beijing: a working day in a week without holidays."""
    return ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING))


def note_use(request: pytest.FixtureRequest, service: str) -> None:
    request.node.user_properties.append((USED, service))


@pytest.fixture
def tool(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """`tool("pdfsig")` is the path of an independent program; the test is skipped where it is not installed."""

    def find(name: str) -> str:
        path, label = shutil.which(name), tools.label(name)
        if path is None or label is None:
            pytest.skip(f"{name} is not installed (Debian package {tools.package(name)})")
        note_use(request, label)
        return path

    return find


@pytest.fixture(scope="session")
def postgres_server() -> postgres.Postgres:
    server = postgres.find()
    if server is None:
        pytest.skip(f"no PostgreSQL on the loopback; name one with {postgres.ENV}")
    server.drop_leftovers()
    return server


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_server: postgres.Postgres) -> Iterator[str]:
    """An empty PostgreSQL database for this test alone."""
    note_use(request, postgres_server.label)
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def _redis_server() -> redis_server.RedisServer:
    server = redis_server.find()
    if server is None:
        pytest.skip(f"no Redis on the loopback; name one with {redis_server.ENV}")
    return server


@pytest.fixture
def redis_url(request: pytest.FixtureRequest, _redis_server: redis_server.RedisServer) -> str:
    """A real Redis, shared: keep to `redis_prefix`."""
    note_use(request, _redis_server.label)
    return _redis_server.url


@pytest.fixture
def redis_prefix(_redis_server: redis_server.RedisServer) -> Iterator[str]:
    """A key prefix for this test alone; its keys are deleted afterwards."""
    prefix = f"zt-test:{secrets.token_hex(6)}:"
    yield prefix
    _redis_server.forget(prefix)


def _models() -> list[str]:
    from api.wiring import MODELS

    return list(MODELS)


@pytest.fixture(scope="session")
def shared_by_processes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share."""
    test_run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = tmp_path_factory.getbasetemp().parent / f"run-{test_run}" if test_run else tmp_path_factory.mktemp("run")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def _migrated_sqlite(shared_by_processes: Path) -> Path:
    path = shared_by_processes / "migrated.sqlite3"
    with alone(shared_by_processes / "migrated-sqlite.lock"):
        if not path.exists():
            draft = path.with_suffix(".draft")
            run(Database(f"sqlite://{draft}", _models()).migrate())
            draft.rename(path)
    return path


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: postgres.Postgres, shared_by_processes: Path) -> Iterator[str]:
    def migrate(url: str) -> None:
        run(Database(url, _models()).migrate())

    with postgres_server.shared_database(shared_by_processes, migrate) as url:
        yield url


@pytest.fixture(scope="session")
def _reusable_postgres(postgres_server: postgres.Postgres, _migrated_postgres: str) -> Iterator[postgres.Reusable]:
    with postgres_server.reusable(_migrated_postgres) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the project's real migrations, for this test alone: once on SQLite, once on PostgreSQL.

    One engine is enough? `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    if request.param == "sqlite":
        path = tmp_path / "zerotrip.sqlite3"
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), path)
        yield f"sqlite://{path}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    note_use(request, server.label)
    reusable: postgres.Reusable = request.getfixturevalue("_reusable_postgres")
    yield reusable.url()
    reusable.empty()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """`database_url`, connected."""
    connected = Database(database_url, _models())
    await connected.connect()
    yield connected
    await connected.disconnect()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long go first: at the end of a parallel run only short ones are left, and no process waits for another."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.path.parent.name in ("e2e", "browser")}
    items.sort(key=lambda item: item.path not in long)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        used.update({str(value) for name, value in report.user_properties if name == USED})
    if report.skipped and isinstance(report.longrepr, tuple):
        skipped[report.longrepr[2].removeprefix("Skipped: ")] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("real services that took part", sep="=", bold=True)
    for service, tests in sorted(used.items()):
        terminalreporter.write_line(f"{service}: {_tests(tests)}")
    if not used:
        terminalreporter.write_line("none: no test that ran asked for one")
    if skipped:
        terminalreporter.section("NOT PROVEN IN THIS RUN", sep="!", red=True, bold=True)
        for reason, tests in sorted(skipped.items()):
            terminalreporter.write_line(f"SKIPPED {_tests(tests)}: {reason}", red=True)


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"
