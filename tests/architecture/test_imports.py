"""The import contracts hold, and each of them catches a violation planted in a copy of the tree (issue 2, must show 7)."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

PLANTS: dict[str, dict[str, str]] = {
    "floors": {"identity/planted.py": "import esign.service\n", "esign/service.py": ""},
    "siblings-in-the-hall": {"hall/notices/planted.py": "import hall.cases.service\n", "hall/cases/service.py": ""},
    "ground-floor": {"core/planted.py": "import wechat\n"},
    "sandbox-alone": {"sandbox/planted.py": "import wechat\n"},
    "sandbox-by-http": {"express/planted.py": "import sandbox\n"},
    "pure-rules": {"hall/planted/__init__.py": "", "hall/planted/rules.py": "import core.db\n"},
    "services-without-web": {"hall/planted/__init__.py": "", "hall/planted/service.py": "import core.http.routes\n"},
    "models-hold-data": {"hall/planted/__init__.py": "", "hall/planted/models.py": "import core.cache\n"},
    "public-doors": {"api/planted.py": "import hall.cases.planted\n", "hall/cases/planted.py": ""},
    "history-stands-alone": {"core/planted.py": "import migrations\n"},
    "no-cycles": {"express/left.py": "import express.right\n", "express/right.py": "import express.left\n"},
}
MORE_PLANTS: dict[str, tuple[str, dict[str, str]]] = {
    "a flow reaches Redis two steps away": (
        "pure-rules",
        {"express/flow.py": "import express.between\n", "express/between.py": "import core.cache\n"},
    ),
    "a floor is climbed": ("floors", {"wechat/planted.py": "import hall\n"}),
    "a room reads a sibling's events outside reactions.py": (
        "siblings-in-the-hall",
        {"hall/notices/service.py": "import hall.cases.events\n", "hall/cases/events.py": ""},
    ),
    "a room of the hall that nobody placed": ("siblings-in-the-hall", {"hall/planted/__init__.py": ""}),
    "a neighbour reaches another's models": (
        "public-doors",
        {"identity/accounts/planted.py": "import identity.sessions.models\n", "identity/sessions/models.py": ""},
    ),
    "only api may import routes": (
        "public-doors",
        {"hall/cases/planted.py": "import hall.catalog.routes_open\n", "hall/catalog/routes_open.py": ""},
    ),
}


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    return parser


def lint(folder: Path, *contract_ids: str) -> subprocess.CompletedProcess[str]:
    """import-linter in a process of its own, so that the packages it finds are those of `folder`."""
    arguments = [argument for name in contract_ids for argument in ("--contract", name)]
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--config", ".importlinter", "--no-cache", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages' Python files, the contracts and the contract type of our own."""
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    (tmp_path / "tests" / "architecture").mkdir(parents=True)
    shutil.copy(ROOT / "tests/architecture/door.py", tmp_path / "tests/architecture/door.py")
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def plant(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")


def test_every_contract_is_kept() -> None:
    done = lint(ROOT)  # without the cache: it remembers a name as a package after its module appeared
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", [name.removeprefix("importlinter:contract:") for name in contracts().sections()[1:]])
def test_a_planted_violation_is_caught(copy: Path, contract: str) -> None:
    assert lint(copy, contract).returncode == 0
    plant(copy, PLANTS[contract])
    done = lint(copy, contract)
    assert done.returncode == 1 and "0 kept, 1 broken" in done.stdout, done.stdout
    assert "planted" in done.stdout or "left" in done.stdout, done.stdout


@pytest.mark.parametrize("what", MORE_PLANTS)
def test_an_indirect_or_subtle_violation_is_caught(copy: Path, what: str) -> None:
    contract, files = MORE_PLANTS[what]
    plant(copy, files)
    done = lint(copy, contract)
    assert done.returncode == 1 and ("0 kept, 1 broken" in done.stdout), done.stdout


def test_what_the_rules_allow_is_allowed(copy: Path) -> None:
    plant(copy, {"hall/cases/events.py": "", "hall/cases/service.py": "", "hall/catalog/service.py": ""})
    plant(
        copy,
        {
            "hall/licences/reactions.py": "import hall.cases.events\n",
            "hall/cases/allowed.py": "import hall.catalog.service\nimport core.db\n",
            "api/allowed.py": "import hall.cases.service\nimport sandbox\n",
        },
    )
    done = lint(copy, "floors", "siblings-in-the-hall", "sandbox-by-http", "public-doors")
    assert done.returncode == 0, done.stdout


def test_every_contract_says_why() -> None:
    parser = contracts()
    for section in parser.sections()[1:]:
        assert len(parser[section].get("broken_contract_guidance", "").split()) >= 10, section
