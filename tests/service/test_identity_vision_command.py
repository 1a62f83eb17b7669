"""`zerotrip vision` and `zerotrip doctor` with an operator's own models."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli
from api.doctor import examine
from api.settings import load_settings
from identity.liveness.vision_client import VisionClient
from tests.architecture.tree import ROOT
from tests.factories import onnx_models as squares

NAMES = {"detector": "DETECTOR", "landmarks": "LANDMARKS", "embedding": "EMBEDDING", "pad": "PAD", "card": "CARD"}


def environment(folder: Path) -> dict[str, str]:
    options = squares.write(folder)
    return {"ZT_IDENTITY_FACE_ENGINE": "onnx", **{f"ZT_IDENTITY_ONNX_{NAMES[role]}": path for role, path in options.items()}}


@pytest.mark.parametrize(
    ("env", "code", "told"),
    [
        ({"ZT_IDENTITY_FACE_ENGINE": "onnx"}, 64, "ZT_IDENTITY_ONNX_DETECTOR"),
        ({"ZT_IDENTITY_VISION_WORKERS": "many"}, 64, "ZT_IDENTITY_VISION_WORKERS"),
        ({"ZT_IDENTITY_FACE_ENGINE": "nobody"}, 1, "没有叫 nobody 的人脸引擎"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, env: dict[str, str], code: int, told: str) -> None:
    result = CliRunner().invoke(cli, ["vision", "--socket", str(tmp_path / "s")], env=env)
    assert result.exit_code == code and told in result.output


def test_a_missing_model_is_told_in_a_sentence(tmp_path: Path) -> None:
    env = environment(tmp_path) | {"ZT_IDENTITY_ONNX_PAD": str(tmp_path / "gone.onnx")}
    result = CliRunner().invoke(cli, ["vision", "--socket", str(tmp_path / "s")], env=env)
    assert result.exit_code == 1 and "pad model gone.onnx cannot be read" in result.output and "Traceback" not in result.output


async def test_the_command_serves_a_socket_until_it_is_told_to_stop(tmp_path: Path) -> None:
    env = {**os.environ, **environment(tmp_path), "ZT_DATA_KEYS": "not even read"}
    command = (sys.executable, "-m", "api", "vision", "--socket", str(tmp_path / "s"))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env)
    try:
        client = VisionClient(tmp_path / "s")
        async with asyncio.timeout(30):
            while not (tmp_path / "s").exists():
                await asyncio.sleep(0.05)
                assert process.returncode is None
            health = await client.health()
        assert (health.engine.name, health.engine.version, health.pid) == ("onnx", "tiny-squares-1", process.pid)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert not (tmp_path / "s").exists()


async def test_the_doctor_says_what_the_engine_may_decide(tmp_path: Path) -> None:
    env = {"ZT_DATA_DIR": str(tmp_path / "data"), "ZT_IDENTITY_VISION_PROCESSES": "2"}
    well = await examine(load_settings(env | environment(tmp_path / "models")))
    (faces,) = [line for line in well if line["part"] == "人脸引擎"]
    assert faces["ok"] and "onnx tiny-squares-1" in faces["detail"] and "进程 2 个" in faces["detail"] and "未经标定" in faces["detail"]
    (tmp_path / "models" / "card.json").write_text("{}")
    ill = await examine(load_settings(env | environment_of_broken(tmp_path / "models")))
    (faces,) = [line for line in ill if line["part"] == "人脸引擎"]
    assert not faces["ok"] and "onnx 没有启动" in faces["detail"]


def environment_of_broken(folder: Path) -> dict[str, str]:
    """The settings of `environment`, with the card as it lies there."""
    card = (folder / "card.json").read_bytes()
    env = environment(folder)
    (folder / "card.json").write_bytes(card)
    return env
