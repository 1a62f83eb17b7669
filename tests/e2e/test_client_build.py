"""`make clients` with a client of three lines and the real npm: builds what changed, and says clearly why it cannot."""

from __future__ import annotations

import gzip
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tools.build_clients import Client, Stopped, build_all, is_installed
from tools.build_clients import __file__ as program

PHONE = Client("phone pages", "miniprogram", "build:h5", "dist/build/h5", "m")
CONSOLE = Client("console", "console", "build", "dist", "console")
BUILD = """import fs from 'node:fs'
const [place, word] = [process.argv[2], fs.readFileSync('src/word.txt', 'utf8')]
if (word === 'wrong') { console.error('src/word.txt: this is the mistake'); process.exit(3) }
fs.mkdirSync(`${place}/assets`, { recursive: true })
fs.writeFileSync(`${place}/index.html`, `<p>${word} ${process.env.CI}</p>`)
fs.writeFileSync(`${place}/assets/a-12345678.js`, word.repeat(2000))
fs.writeFileSync(`${place}/assets/b-12345678.png`, word.repeat(2000))
fs.appendFileSync('../builds.log', process.cwd() + '\\n')
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for client in (PHONE, CONSOLE):
        folder = tmp_path / client.folder
        (folder / "src").mkdir(parents=True)
        (folder / "part").mkdir()
        (folder / "part" / "package.json").write_text('{"name": "part", "version": "1.0.0"}')
        (folder / "src" / "word.txt").write_text("hello")
        (folder / "build.mjs").write_text(BUILD)
        scripts = {client.script: f"node build.mjs {client.built}"}
        wanted = {"name": client.folder, "private": True, "type": "module", "dependencies": {"part": "file:part"}, "scripts": scripts}
        (folder / "package.json").write_text(json.dumps(wanted))
        packages = {
            "": {"name": client.folder, "dependencies": {"part": "file:part"}},
            "node_modules/part": {"resolved": "part", "link": True},
            "part": {"version": "1.0.0"},
        }
        (folder / "package-lock.json").write_text(
            json.dumps({"name": client.folder, "lockfileVersion": 3, "requires": True, "packages": packages})
        )
    return tmp_path


def made(root: Path, *clients: Client) -> list[str]:
    """Build; the folders that were really built."""
    log = root / "builds.log"
    log.write_text("")
    build_all(root, clients or (PHONE, CONSOLE))
    return sorted(Path(line).name for line in log.read_text().splitlines())


def test_only_what_changed_is_built(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    static = root / "api/static"
    assert made(root) == ["console", "miniprogram"]
    # uni-app reports to its maker unless CI is set.
    assert (static / "m/index.html").read_text() == (static / "console/index.html").read_text() == "<p>hello 1</p>"
    assert is_installed(root / "console") and "npm ci" in capsys.readouterr().out

    began = time.monotonic()
    assert made(root) == [] and time.monotonic() - began < 1.0
    assert capsys.readouterr().out == "clients: up to date\n"

    for path in ("README.md", "src/word.test.ts", "tests/page.ts", "node_modules/x.js", "dist/x.js", "vitest.config.ts"):
        (root / "console" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "console" / path).write_text("no input of a build")
    assert made(root) == []

    (root / "console/src/word.txt").write_text("good morning")
    assert made(root) == ["console"]
    assert (static / "console/index.html").read_text() == "<p>good morning 1</p>" and "npm ci" not in capsys.readouterr().out
    (root / "miniprogram/src/added.txt").write_text("")
    assert made(root) == ["miniprogram"]
    (static / "m/index.html").unlink()
    assert made(root) == ["miniprogram"]


def test_what_pays_is_also_left_compressed_and_nothing_old_stays(root: Path) -> None:
    left_over = root / "api/static/console/assets/old-12345678.js"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("of an earlier build")
    made(root)
    assets = root / "api/static/console/assets"
    assert sorted(path.name for path in assets.iterdir()) == ["a-12345678.js", "a-12345678.js.gz", "b-12345678.png"]
    assert gzip.decompress((assets / "a-12345678.js.gz").read_bytes()) == (assets / "a-12345678.js").read_bytes()
    assert not (root / "api/static/console/index.html.gz").exists(), "a few bytes do not get smaller"


def test_another_lock_installs_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(root, CONSOLE)
    lock = root / "console/package-lock.json"
    lock.write_text(lock.read_text().replace('"1.0.0"', '"1.1.0"'))
    (root / "console/part/package.json").write_text('{"name": "part", "version": "1.1.0"}')
    capsys.readouterr()
    assert not is_installed(root / "console") and made(root, CONSOLE) == ["console"]
    assert "npm ci" in capsys.readouterr().out


MACHINE = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
HERE = {"os": [sys.platform], "cpu": [MACHINE]}


@pytest.mark.parametrize(
    ("named", "complete"),
    [
        ({"os": ["plan9"]}, True), ({**HERE, "cpu": ["pdp11"]}, True), ({}, True), ({**HERE, "engines": {"node": "^22.20 || >=25"}}, True),
        (HERE, False), ({**HERE, "engines": {"node": ">=18"}}, False),
    ],
)  # fmt: skip
def test_parts_for_other_systems_may_be_missing_but_not_those_for_this_one(root: Path, named: dict[str, Any], complete: bool) -> None:
    """npm leaves out without a word what it cannot fetch, as long as it is optional: the bundler's own engine is."""
    made(root, CONSOLE)
    path = root / "console/package-lock.json"
    lock = json.loads(path.read_text())
    lock["packages"]["node_modules/engine"] = {"version": "1.0.0", "integrity": "sha512-x", "optional": True, **named}
    path.write_text(json.dumps(lock))
    assert is_installed(root / "console") is complete


def test_a_failed_build_shows_what_npm_said_and_is_tried_again(root: Path) -> None:
    made(root, CONSOLE)
    (root / "console/src/word.txt").write_text("wrong")
    for _ in range(2):
        with pytest.raises(Stopped, match=r"console: `npm run build` in console/ failed(.|\n)*this is the mistake"):
            made(root, CONSOLE)
    assert (root / "api/static/console/index.html").read_text() == "<p>hello 1</p>", "the last good one stays"
    (root / "console/src/word.txt").write_text("right")
    assert made(root, CONSOLE) == ["console"]


def test_a_missing_folder_is_named(root: Path) -> None:
    (root / "console/package-lock.json").unlink()
    with pytest.raises(Stopped, match=r"console/package-lock.json is not here"):
        made(root)


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        ({}, "node is not on the path"),
        ({"node": "v22.1.0"}, "npm is not on the path"),
        ({"node": "v18.20.4", "npm": "10.0.0"}, "Node 20 or newer is needed; this is v18.20.4"),
    ],
)
def test_node_that_is_missing_or_too_old(root: Path, programs: dict[str, str], said: str) -> None:
    path = root / "bin"
    path.mkdir()
    for name, version in programs.items():
        (path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (path / name).chmod(0o755)
    done = subprocess.run(
        [sys.executable, program, "--root", str(root)], env={"PATH": str(path)}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
