"""The project's own files, as git sees them: tracked or about to be, never ignored."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "hall", "identity", "esign", "express", "wechat", "sandbox", "core", "migrations")
GENERATED = ("package-lock.json", "schema.d.ts", "openapi.json")


@cache
def files() -> tuple[Path, ...]:
    """Paths relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return tuple(path for path in map(Path, sorted(filter(None, listed.split("\0")))) if (ROOT / path).is_file())


def python(*, migrations: bool = False) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and (migrations or path.parts[0] != "migrations")]


def read(path: Path) -> str | None:
    """The text of a file, or None for a binary one."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return None


def normal_name(distribution: str) -> str:
    """PEP 503's form of a distribution's name."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
