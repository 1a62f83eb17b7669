"""Settings of a package: every type, all problems at once, no secret ever repeated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from core.config import SettingsError, describe, load, setting


@dataclass(frozen=True)
class Example:
    url: str = setting("ZT_X_URL", help="Where it is.")
    secret: str = setting("ZT_X_SECRET", "", "Hidden.", secret=True)
    port: int = setting("ZT_X_PORT", 80, "Number.")
    seconds: float = setting("ZT_X_SECONDS", 1.5, "How long.")
    on: bool = setting("ZT_X_ON", False, "Switch.")
    folder: Path = setting("ZT_X_FOLDER", Path("data"), "Folder.")
    names: tuple[str, ...] = setting("ZT_X_NAMES", (), "List.")
    mode: Literal["a", "b"] = setting("ZT_X_MODE", "a", "One of two.")
    pem: str | None = setting("ZT_X_PEM", None, "Optional.", secret=True)
    code: int | None = setting("ZT_X_CODE", None, "Optional number.", secret=True)


def test_defaults() -> None:
    loaded = load(Example, {"ZT_X_URL": "u"})
    assert loaded == Example(url="u") and loaded.port == 80 and loaded.pem is None


def test_every_type_is_read() -> None:
    env = {
        "ZT_X_URL": "https://example.test",
        "ZT_X_SECRET": "s",
        "ZT_X_PORT": "8080",
        "ZT_X_SECONDS": "0.25",
        "ZT_X_ON": "Yes",
        "ZT_X_FOLDER": "~/here",
        "ZT_X_NAMES": " a, b ,,c",
        "ZT_X_MODE": "b",
        "ZT_X_PEM": "p",
        "ZT_X_CODE": "7",
    }
    home = Path("~/here").expanduser()
    assert load(Example, env) == Example("https://example.test", "s", 8080, 0.25, True, home, ("a", "b", "c"), "b", "p", 7)
    assert load(Example, {**env, "ZT_X_PEM": "", "ZT_X_CODE": ""}).pem is None


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("true", True), ("ON", True), ("0", False), ("No", False), ("off", False)])
def test_switches(raw: str, value: bool) -> None:
    assert load(Example, {"ZT_X_URL": "u", "ZT_X_ON": raw}).on is value


def problems(**env: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(Example, env)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "raw"),
    [("ZT_X_PORT", "eighty"), ("ZT_X_PORT", ""), ("ZT_X_PORT", "8.5"), ("ZT_X_SECONDS", "soon"), ("ZT_X_ON", "maybe"), ("ZT_X_MODE", "c")],
)
def test_a_wrong_value_names_its_setting(name: str, raw: str) -> None:
    (problem,) = problems(ZT_X_URL="u", **{name: raw})
    assert problem.startswith(f"{name} is wrong")


def test_all_problems_come_at_once() -> None:
    found = problems(ZT_X_PORT="x", ZT_X_SECONDS="x", ZT_X_ON="x", ZT_X_MODE="x")
    assert [problem.split(" ")[0] for problem in found] == ["ZT_X_URL", "ZT_X_PORT", "ZT_X_SECONDS", "ZT_X_ON", "ZT_X_MODE"]
    assert found[0] == "ZT_X_URL is required: Where it is."


def test_a_secrets_value_is_never_repeated() -> None:
    (problem,) = problems(ZT_X_URL="u", ZT_X_CODE="hunter2")
    assert problem == "ZT_X_CODE is wrong: (secret)"
    shown = repr(load(Example, {"ZT_X_URL": "u", "ZT_X_SECRET": "hunter2", "ZT_X_PEM": "hunter3"}))
    assert "hunter" not in shown and "'u'" in shown


def test_the_description_is_complete() -> None:
    infos = describe(Example)
    assert [info.env for info in infos][:2] == ["ZT_X_URL", "ZT_X_SECRET"] and len(infos) == 10
    assert [info.secret for info in infos].count(True) == 3
    assert all(info.help for info in infos)


def test_the_environment_is_read_by_exact_name() -> None:
    other: dict[str, Any] = {"zt_x_url": "u", "X_URL": "u"}
    with pytest.raises(SettingsError):
        load(Example, other)
