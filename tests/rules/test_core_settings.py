"""All settings of a process: composed, cross-checked, every problem at once; production takes no stand-ins and no home-made keys."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from api.settings import SECTIONS, Settings, data_keys, load_settings, read_settings_file
from core.config import SettingsError, describe
from tests.factories.settings import KEY, PRODUCTION


def problems(env: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(env)
    return caught.value.problems


def test_nothing_set_is_a_working_development() -> None:
    settings = load_settings({})
    assert not settings.is_production and settings.server.port == 8000
    assert settings.database_url.startswith("sqlite:///") and settings.storage_url.startswith("file:///")
    assert settings.public_url == "http://127.0.0.1:8000"


def test_production_with_everything_set() -> None:
    settings = load_settings(PRODUCTION)
    assert settings.is_production and settings.public_url == "https://zwfw.example.gov.cn"
    assert data_keys(settings.server) == {"k1": bytes(range(32))}


def test_production_with_nothing_set_lists_everything_at_once() -> None:
    """Each stand-in, each key made by itself and each plain http address has its line."""
    found = problems({"ZT_MODE": "production"})
    for name in PRODUCTION.keys() - {"ZT_MODE", "ZT_DATABASE_URL"}:
        assert sum(name in problem for problem in found) == 1, name


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"ZT_MODE", "ZT_DATABASE_URL"}))
def test_production_refuses_to_start_without(missing: str) -> None:
    (problem,) = problems({name: value for name, value in PRODUCTION.items() if name != missing})
    assert missing in problem


@pytest.mark.parametrize("name", [name for name, value in PRODUCTION.items() if value.startswith("https://")])
def test_production_refuses_plain_http(name: str) -> None:
    (problem,) = problems({**PRODUCTION, name: PRODUCTION[name].replace("https", "http")})
    assert name in problem and "https" in problem


def test_production_does_not_hand_out_demo_logins() -> None:
    (problem,) = problems({**PRODUCTION, "ZT_DEV_LOGIN_REMOTE": "1"})
    assert "ZT_DEV_LOGIN_REMOTE" in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZT_MODE", "live"),
        ("ZT_PORT", "70000"),
        ("ZT_PORT", "http"),
        ("ZT_LOG_LEVEL", "LOUD"),
        ("ZT_DATABASE_URL", "mysql://x"),
        ("ZT_STORAGE_URL", "/a/folder"),
        ("ZT_REDIS_URL", "localhost:6379"),
        ("ZT_DATA_ALGORITHM", "rot13"),
        ("ZT_DATA_KEYS", KEY),
        ("ZT_DATA_KEYS", "k1:short"),
        ("ZT_DATA_KEYS", "k1:" + base64.b64encode(bytes(16)).decode()),
        ("ZT_DATA_KEYS", f":{KEY}"),
        ("ZT_INDEX_KEY", "not base64!"),
    ],
)
def test_a_wrong_value_is_named_and_a_secret_not_repeated(name: str, value: str) -> None:
    (problem,) = problems({name: value})
    assert name in problem
    if name.endswith(("KEYS", "KEY")):
        assert value not in problem and KEY not in problem


def test_a_misspelt_name_is_found() -> None:
    assert problems({"ZT_DATABSE_URL": "x", "ZT_PORT": "x"}) == [
        "ZT_PORT is wrong: invalid literal for int() with base 10: 'x'",
        "ZT_DATABSE_URL is not a setting of this product",
    ]
    assert load_settings({"ZT_TEST_DATABASE_URL": "x", "ZT_SANDBOX_PORT": "1", "PATH": "/bin"}).server.port == 8000


def test_problems_of_several_packages_come_together() -> None:
    found = problems({**PRODUCTION, "ZT_WECHAT_SECRET": "sandbox-wechat-secret", "ZT_NOBODY": "1", "ZT_INDEX_KEY": ""})
    assert len(found) == 3


def test_no_secret_shows_in_a_repr() -> None:
    shown = repr(
        load_settings({**PRODUCTION, "ZT_DATABASE_URL": "postgresql://user:hunter2@db.example/z", "ZT_REDIS_URL": "redis://:hunter3@h"})
    )
    assert "hunter" not in shown and KEY not in shown and "BEGIN PRIVATE KEY" not in shown and "'real'" not in shown


def test_a_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "zerotrip.env"
    file.write_text("# 端口\n\nZT_PORT=9000\nZT_PUBLIC_URL = 'https://a.example/'\nZT_HOST=\"::1\"\nZT_EXPRESS_SENDER_NAME=a=b\n", "utf-8")
    settings = load_settings({"ZT_SETTINGS_FILE": str(file)})
    assert (settings.server.port, settings.public_url, settings.server.host) == (9000, "https://a.example", "::1")
    assert settings.express.sender_name == "a=b"
    assert load_settings({"ZT_SETTINGS_FILE": str(file), "ZT_PORT": "9001"}).server.port == 9001


@pytest.mark.parametrize("content", [b"ZT_PORT\n", b"ZT_TYPO=1\n", b"\xff\xfe\x00", b"ZT_PORT=abc"])
def test_a_bad_settings_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "zerotrip.env"
    file.write_bytes(content)
    assert len(problems({"ZT_SETTINGS_FILE": str(file)})) == 1
    assert problems({"ZT_SETTINGS_FILE": str(tmp_path)}) == ["ZT_SETTINGS_FILE names a file that does not exist"]


def test_a_line_of_the_file_is_named_by_number(tmp_path: Path) -> None:
    file = tmp_path / "zerotrip.env"
    file.write_text("ZT_PORT=1\nhunter2\n")
    with pytest.raises(SettingsError) as caught:
        read_settings_file(file)
    assert caught.value.problems == ["zerotrip.env line 2 is not NAME=value"]


def test_every_setting_has_a_name_of_its_own() -> None:
    names = [info.env for cls in SECTIONS.values() for info in describe(cls)]
    assert len(names) == len(set(names)) > 40 and all(name.startswith("ZT_") for name in names)
    assert set(SECTIONS) == set(Settings.__dataclass_fields__)
