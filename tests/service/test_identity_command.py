"""`zerotrip identity` at the edges: wrong lines end with 64 and files with a code, as JSON where JSON was asked for (R51)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from api.cli import cli
from sandbox.faces import acting
from tests.factories.clips import clip


def run(*line: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, ["identity", *map(str, line)], env=env)


def refused(result: Result, code: int) -> dict[str, Any]:
    """The error that was printed as JSON."""
    assert result.exit_code == code, result.output
    told: dict[str, Any] = json.loads(result.stdout)["error"]
    return told


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "clip.mp4"
    path.write_bytes(clip(list(acting.film("a", (), 1.0, 15, seed=3))))
    return path


def test_wrong_lines_are_told_in_chinese_and_in_json(film: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for line, said in (
        (("analyse", tmp_path / "none.mp4"), "没有这个文件"),
        (("analyse", tmp_path), "这不是一个文件"),
        (("analyse", tmp_path / "pipe"), "这不是一个文件"),
        (("analyse", "/dev/zero"), "这不是一个文件"),
        (("analyse", film, "--portrait", tmp_path), "这不是一个文件"),
        (("analyse", film, "--challenge", "mouth,xx"), "没有“xx”这个动作"),
        (("analyse", film, "--challenge", ",,"), "没有写动作"),
        (("analyse", film, "--sideways"), "没有这个选项：--sideways"),
        (("compare", film), "缺少"),
        (("parity", "--days", "0"), "--days 写得不对"),
    ):
        told = refused(run(*line, "--json"), 64)
        assert told["code"] == "request.invalid" and said in told["message"], line
        plain = run(*line)
        assert (plain.exit_code, plain.stdout) == (64, "") and said in plain.stderr and "Usage" not in plain.stderr


def test_files_that_are_too_large_are_not_read_to_their_end(film: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.mp4"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    assert refused(run("analyse", huge, "--json"), 1)["code"] == "liveness.clip_too_large"
    assert refused(run("compare", huge, huge, "--json"), 1)["code"] == "liveness.frame_too_large"
    assert refused(run("analyse", film, "--portrait", huge, "--json"), 1)["code"] == "liveness.frame_too_large"


def test_a_portrait_that_is_none(film: Path, tmp_path: Path) -> None:
    text, bomb = tmp_path / "p.jpg", tmp_path / "p.png"
    text.write_text("not a picture")
    Image.new("1", (20_000, 20_000)).save(bomb)
    assert refused(run("analyse", film, "--portrait", text, "--json"), 1)["code"] == "liveness.frame_type_unsupported"
    assert refused(run("analyse", film, "--portrait", bomb, "--json"), 1)["code"] == "liveness.frame_too_many_pixels"


def test_a_database_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    result = CliRunner().invoke(cli, ["migrate"], env={"ZT_DATA_DIR": str(tmp_path / "a file" / "data")})
    assert result.exit_code == 1 and "数据库连接不上" in result.output


@pytest.mark.parametrize("command", [("identity", "parity"), ("migrate", "--check")])
def test_a_question_makes_no_database(tmp_path: Path, command: tuple[str, ...]) -> None:
    env = {"ZT_DATA_DIR": str(tmp_path / "data")}
    result = CliRunner().invoke(cli, [*command, "--json"], env=env)
    assert result.exit_code == 1 and "Traceback" not in result.output
    assert "zerotrip migrate" in result.output if command[0] == "identity" else len(json.loads(result.stdout)["pending"]) > 7
    assert not list(tmp_path.rglob("*.sqlite3"))
