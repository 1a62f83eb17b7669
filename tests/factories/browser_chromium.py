"""A Chromium for the tests: the machine's own, or one brought by an npm package.

`python -m tests.factories.browser_chromium` gets it ready before the tests; without that the first test does.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

ENV = "ZT_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "browser" / "chromium"
FONTS = ROOT / "esign" / "documents" / "fonts"
MODULES = FOLDER / "node_modules"
UNPACKED = MODULES / ".unpacked"


class NoChromium(RuntimeError):
    """There is none here and none could be brought; the text says why."""


@dataclass(frozen=True)
class Chromium:
    path: Path
    libraries: Path | None = None
    """Folder of the shared libraries that come with it."""

    def environment(self, cache: Path) -> dict[str, str]:
        """What it needs to start, and to show Chinese where the system has no font for it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZT_")}
        if self.libraries:
            kept["LD_LIBRARY_PATH"] = f"{self.libraries}:{kept.get('LD_LIBRARY_PATH', '')}".rstrip(":")
        return kept | {"FONTCONFIG_FILE": str(_fontconfig(cache, [FONTS, UNPACKED / "fonts"]))}

    def version(self) -> str:
        with_libraries = {**os.environ, **({"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {})}
        try:
            done = subprocess.run([self.path, "--version"], env=with_libraries, capture_output=True, text=True, timeout=60, check=False)
        except OSError as error:
            raise NoChromium(f"{self.path} does not start: {error}") from None
        if done.returncode != 0:
            raise NoChromium(f"{self.path} does not start: {(done.stderr or done.stdout).strip()[-300:]}")
        return " ".join(done.stdout.split()[:2])


def _fontconfig(cache: Path, folders: list[Path]) -> Path:
    """The system's fonts first, ours behind them."""
    cache.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"<dir>{folder}</dir>" for folder in folders)
    path = cache / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{rows}<cachedir>{cache}</cachedir></fontconfig>',
        "utf-8",
    )
    return path


def on_this_machine() -> Chromium | None:
    """The one named by the environment (not starting is an error), else one on the PATH."""
    named = os.environ.get(ENV)
    if named:
        chromium = Chromium(Path(named))
        try:
            chromium.version()
        except NoChromium as error:
            raise RuntimeError(f"{ENV} is set, but: {error}") from None
        return chromium
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Chromium(Path(found)) if found else None


@cache
def find() -> Chromium:
    """Gets everything ready when it is not; raises NoChromium."""
    own = on_this_machine()
    with _alone():
        _install(with_chromium=own is None)
        if own:
            return own
        if not (UNPACKED / "chromium").exists():
            _unpack()
    brought = Chromium(UNPACKED / "chromium", UNPACKED / "lib")
    brought.version()
    return brought


def axe_script() -> str:
    find()
    return (MODULES / "axe-core" / "axe.min.js").read_text("utf-8")


@contextmanager
def _alone() -> Iterator[None]:
    """Two test processes must not install at the same time."""
    with (FOLDER / "package.json").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _install(*, with_chromium: bool) -> None:
    wanted = sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".installed"
    if stamp.exists() and stamp.read_text() == wanted and (not with_chromium or (MODULES / "@sparticuz").is_dir()):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise NoChromium("npm is not installed, so that axe-core and a Chromium cannot be brought")
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    leave_out = () if with_chromium else ("--omit=optional",)
    done = subprocess.run([npm, "ci", *quiet, *leave_out], cwd=FOLDER, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0 or (with_chromium and not (MODULES / "@sparticuz").is_dir()):
        raise NoChromium(f"npm ci in tests/browser/chromium failed: {(done.stderr or done.stdout).strip()[-300:]}")
    stamp.write_text(wanted)


def _unpack() -> None:
    node = shutil.which("node")
    if node is None:
        raise NoChromium("node is not installed, so that the brought Chromium cannot be unpacked")
    draft = UNPACKED.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    source = MODULES / "@sparticuz" / "chromium" / "bin"
    done = subprocess.run([node, FOLDER / "unpack.mjs", source, draft], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise NoChromium(f"the brought Chromium cannot be unpacked: {done.stderr.strip()[-300:]}")
    for archive in draft.glob("*.tar"):
        with tarfile.open(archive) as packed:
            packed.extractall(draft)
        archive.unlink()
    draft.rename(UNPACKED)


if __name__ == "__main__":
    try:
        ready = find()
        print(f"browser tests: {ready.version()} at {ready.path}")
    except NoChromium as error:
        print(f"browser tests: none will run. {error}", file=sys.stderr)
