"""One distribution, several root packages with generic names: nobody else may claim one of them."""

from __future__ import annotations

import configparser
import importlib.metadata
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, normal_name


def claimed_by_others() -> dict[str, set[str]]:
    claims = importlib.metadata.packages_distributions()
    ours = {"zerotrip"}
    others = {name: {normal_name(owner) for owner in claims.get(name, [])} - ours for name in PACKAGES}
    return {name: owners for name, owners in others.items() if owners}


def test_no_other_distribution_claims_our_names() -> None:
    assert claimed_by_others() == {}


def test_a_rival_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "rival-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Rival\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("core\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert claimed_by_others() == {"core": {"rival"}}


def test_the_wheel_and_the_contracts_know_the_same_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(PACKAGES)
    assert set(contracts["importlinter"]["root_packages"].split()) == set(PACKAGES)
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert on_disk == set(PACKAGES)
