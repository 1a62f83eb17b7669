"""Builds of the phone pages in a folder of the test's own, and WeChat's simulator around the WeChat build."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from tools.build_clients import CLIENTS, ENVIRONMENT, STATIC, build_all, is_installed

ROOT = Path(__file__).resolve().parents[2]
SOURCES, CONSOLE = ROOT / "miniprogram", ROOT / "console"
CHECKS = SOURCES / "tests" / "weapp"
ADDRESS = re.compile(r"""(?:\b(?:https?|wss?):)?//((?:[a-z0-9-]+\.)+[a-z0-9-]+)(?=[:/"'`)\s?#\\]|$)""", re.IGNORECASE)
Target = Literal["h5", "mp-weixin"]


class NodeFailed(AssertionError):
    """What a program of Node's said before it gave up."""


def has_node() -> bool:
    return all(shutil.which(program) for program in ("node", "npm"))


def _run(folder: Path, *command: str, more: Mapping[str, str] | None = None, seconds: float = 300) -> str:
    environ = {**os.environ, **ENVIRONMENT, **(more or {})}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode != 0:
        raise NodeFailed(f"{' '.join(command)} in {folder.relative_to(ROOT)}:\n{(done.stdout + done.stderr)[-8000:]}")
    return done.stdout + done.stderr


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "package.json").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install(folder: Path) -> None:
    """What the lock asks for, where it is not there yet."""
    with _alone(folder):
        if not is_installed(folder):
            _run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", seconds=900)


def build_for_wechat(to: Path) -> Path:
    """Build from the sources as they stand; `miniprogram/dist` is left alone."""
    install(SOURCES)
    _run(SOURCES, _program(SOURCES, "uni"), "build", "-p", "mp-weixin", more={"UNI_OUTPUT_DIR": str(to)})
    return to


def served() -> Path:
    """The phone pages as the server gives them, built from the sources as they stand."""
    (phone,) = (client for client in CLIENTS if client.folder == SOURCES.name)
    build_all(ROOT, (phone,))
    return ROOT / STATIC / phone.target


def _program(folder: Path, name: str) -> str:
    return str(folder / "node_modules" / ".bin" / name)


def run_units(client: Path) -> str:
    """What Vitest says; NodeFailed when a unit test fails."""
    install(client)
    return _run(client, _program(client, "vitest"), "run", more={"NO_COLOR": "1"})


def check_types(client: Path) -> None:
    install(client)
    _run(client, _program(client, "vue-tsc"), "--noEmit")


def package_sizes(built: Path) -> dict[str, int]:
    """Bytes of every sub-package by its root, and of the rest as "", as WeChat counts them."""
    roots = [part["root"].strip("/") for part in json.loads((built / "app.json").read_text("utf-8"))["subPackages"]]
    sizes = dict.fromkeys(["", *roots], 0)
    for path in built.rglob("*"):
        if path.is_file():
            name = path.relative_to(built).as_posix()
            sizes[next((root for root in roots if name.startswith(f"{root}/")), "")] += path.stat().st_size
    return sizes


def hosts(built: Path) -> dict[str, set[str]]:
    """Every host that a built file names, with the files."""
    found: dict[str, set[str]] = {}
    for path in built.rglob("*"):
        if path.is_file():
            for host in ADDRESS.findall(path.read_bytes().decode("utf-8", "replace")):
                found.setdefault(host, set()).add(path.relative_to(built).as_posix())
    return found


def lint_templates(built: Path) -> str:
    """The compiler's last line; NodeFailed with all its complaints."""
    install(CHECKS)
    return _run(CHECKS, "node", "lint_templates.js", more={"WEAPP_DIR": str(built)}).strip().splitlines()[-1]


def open_pages(built: Path, moment: str, server: str, state: Mapping[str, Any]) -> None:
    """Open every page that `pages.js` lists for the moment; NodeFailed with what is wrong with which page."""
    install(CHECKS)
    more = {"WEAPP_DIR": str(built), "WEAPP_MOMENT": moment, "WEAPP_SERVER": server, "WEAPP_STATE": json.dumps(state), "NO_COLOR": "1"}
    _run(CHECKS, _program(CHECKS, "jest"), more=more)
