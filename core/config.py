"""Settings: one frozen dataclass a package, read from the environment by name, all mistakes reported at once.

    @dataclass(frozen=True)
    class WechatConfig:
        appid: str = setting("ZT_WECHAT_APPID", "wx0000000000000000", "The mini-program's appid.")
        secret: str = setting("ZT_WECHAT_SECRET", "", "The mini-program's secret.", secret=True)

`api/settings.py` composes the packages' classes; nothing else reads the environment.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class SettingsError(Exception):
    """One or more settings are missing or wrong; `problems` has a line for each, without any secret's value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class SettingInfo:
    env: str
    default: Any
    help: str
    secret: bool


def setting(env: str, default: Any = dataclasses.MISSING, help: str = "", *, secret: bool = False) -> Any:
    """Declare a field that is read from `env`. Without a default it is required. Secrets never show in a repr."""
    info = SettingInfo(env, None if default is dataclasses.MISSING else default, help, secret)
    if default is dataclasses.MISSING:
        return field(metadata={"setting": info}, repr=not secret)
    return field(default=default, metadata={"setting": info}, repr=not secret)


def _parse(kind: Any, raw: str) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(kind) if option is not type(None)]
        return None if raw == "" else _parse(options[0], raw)
    if kind is bool:
        if raw.lower() in _TRUE | _FALSE:
            return raw.lower() in _TRUE
        raise ValueError("expected one of 1, 0, true, false")
    if kind is int:
        return int(raw)
    if kind is float:
        return float(raw)
    if kind is Path:
        return Path(raw).expanduser()
    if typing.get_origin(kind) is tuple:
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if typing.get_origin(kind) is typing.Literal:
        if raw not in typing.get_args(kind):
            raise ValueError(f"expected one of {', '.join(map(str, typing.get_args(kind)))}")
        return raw
    return raw


def load(cls: type[T], env: Mapping[str, str]) -> T:
    """Build `cls` from `env`; raises SettingsError naming every bad variable. A secret's value is never repeated."""
    hints = typing.get_type_hints(cls)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for item in dataclasses.fields(cast(Any, cls)):
        info: SettingInfo | None = item.metadata.get("setting")
        if info is None:
            continue
        raw = env.get(info.env)
        if raw is None:
            if item.default is dataclasses.MISSING:
                problems.append(f"{info.env} is required: {info.help}")
            continue
        try:
            values[item.name] = _parse(hints[item.name], raw)
        except ValueError as error:
            problems.append(f"{info.env} is wrong: {'(secret)' if info.secret else error}")
    if problems:
        raise SettingsError(problems)
    return cls(**values)


def describe(cls: type[Any]) -> list[SettingInfo]:
    """The settings of a class in order, for `.env.example` and the docs."""
    found = [item.metadata.get("setting") for item in dataclasses.fields(cls)]
    return [info for info in found if info is not None]
