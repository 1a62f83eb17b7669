"""Lock files pin and hash everything and name no address: they must work from any mirror, and say nothing of the machine that made them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, normal_name
from tools.trim_npm_locks import trimmed

ADDRESS = re.compile(r"https?://|file://|git\+|(^|\s)(--(extra-)?index-url|--find-links|-i|-f)\s| @ ", re.MULTILINE)
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; .+?)? \\$((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?$)+)", re.MULTILINE)


def python_lock() -> str:
    return (ROOT / "requirements.lock").read_text("utf-8")


def npm_locks() -> list[Path]:
    return [path for path in files() if path.name == "package-lock.json"]


def npm_problems(lock: dict[str, object]) -> list[str]:
    packages = lock["packages"]
    assert isinstance(packages, dict)
    problems = [f"{name}: {said}" for name, entry in packages.items() for said in ("resolved", "funding", "deprecated") if said in entry]
    return problems + [
        f"{name}: no integrity" for name, entry in packages.items() if name and not entry.get("link") and "integrity" not in entry
    ]


def test_the_python_lock_names_no_address() -> None:
    assert ADDRESS.findall(python_lock()) == []


def test_every_pin_has_a_hash() -> None:
    lock = python_lock()
    started = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(started) > 50 and len(PIN.findall(lock)) == len(started)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {normal_name(match.group()) for item in wanted if (match := re.match(r"[A-Za-z0-9._-]+", item))}
    assert names - {normal_name(pin[0]) for pin in PIN.findall(python_lock())} == set()


def test_npm_locks_name_no_address_and_hash_everything() -> None:
    """Something here after an `npm install`? `make lock`, or only its last line: python -m tools.trim_npm_locks."""
    assert {path.parts[0] for path in npm_locks()} >= {"deploy", "miniprogram", "console"}
    for path in npm_locks():
        assert npm_problems(json.loads((ROOT / path).read_text("utf-8"))) == [], path


def test_trimming_takes_what_installs_nothing() -> None:
    entry = {"version": "1.0.0", "integrity": "sha512-x", "dev": True}
    lock = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {**entry, "funding": "https://pay.example", "deprecated": "x"}}}
    assert json.loads(trimmed(json.dumps(lock))) == {"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": entry}}


@pytest.mark.parametrize("line", ["a @ file:///x.whl", "--index-url https://mirror.example/simple", "-f wheels", "a @ git+ssh://x"])
def test_an_address_in_a_lock_is_caught(line: str) -> None:
    assert ADDRESS.search(f"b==1 \\\n    --hash=sha256:{'0' * 64}\n{line}\n")


def test_a_resolved_address_in_an_npm_lock_is_caught() -> None:
    lock: dict[str, object] = {"packages": {"": {}, "node_modules/a": {"resolved": "https://mirror.example/a.tgz"}}}
    assert npm_problems(lock) == ["node_modules/a: resolved", "node_modules/a: no integrity"]
