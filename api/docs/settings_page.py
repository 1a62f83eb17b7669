"""`docs/settings.md` and `.env.example`: every setting, what it means and what it is when nobody sets it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from api.docs.declared import GENERATED_BY, table
from api.settings import SECTIONS, SettingInfo
from core.config import describe
from sandbox.config import SandboxConfig

_SETTINGS_FILE = SettingInfo("ZT_SETTINGS_FILE", "", "A file of NAME=value lines; the environment wins over it.", False)


def _sections() -> list[tuple[str, str, list[SettingInfo]]]:
    """Package, what its settings are for, the settings. A setting that two sections read is listed in the first."""
    seen: set[str] = set()
    found: list[tuple[str, str, list[SettingInfo]]] = []
    for cls in (*SECTIONS.values(), SandboxConfig):
        infos = [info for info in describe(cls) if info.env not in seen]
        seen |= {info.env for info in infos}
        package = cls.__module__.rsplit(".", 1)[0]
        if package == "api":
            found.append((package, "The process: mode, places, addresses and keys.", [_SETTINGS_FILE, *infos]))
        else:
            about = (sys.modules[cls.__module__].__doc__ or "").strip().split("\n\n")[0]
            found.append((package, " ".join(about.split()), infos))
    return found


def _text(value: Any) -> str:
    """A default as it would be written in a settings file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.as_posix() if isinstance(value, Path) else str(value)


def _default(info: SettingInfo) -> str:
    return "" if info.secret else _text(info.default)


def settings_page() -> str:
    parts = [
        "# Settings",
        GENERATED_BY,
        "Read once from the environment, or from the file that `ZT_SETTINGS_FILE` names; all mistakes are reported together.\n"
        "A secret's default, where it has one, works with the sandbox only and is not shown.",
    ]
    for package, about, infos in _sections():
        rows = [
            (f"`{info.env}`", f"`{_default(info)}`" if _default(info) else "", "secret" if info.secret else "", info.help) for info in infos
        ]
        parts += [f"## {package}", about, table(("name", "default", "", "meaning"), list(rows))]
    return "\n\n".join(parts) + "\n"


def env_example() -> str:
    lines = [
        f"# {GENERATED_BY}",
        "# Every setting with its default. Copy this file, remove the # before what you change, and name the copy by ZT_SETTINGS_FILE.",
    ]
    for package, about, infos in _sections():
        lines += ["", f"# ---- {package}: {about}"]
        for info in infos:
            lines += [f"# {info.help}{' (secret)' if info.secret else ''}", f"#{info.env}={_default(info)}"]
    return "\n".join(lines) + "\n"
