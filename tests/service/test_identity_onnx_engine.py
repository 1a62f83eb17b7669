"""The ONNX engine: what of a card, a file or a measurement it accepts, and that it runs in the vision process like the other one."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper
from PIL import Image

from identity.liveness.engines import build_engine
from identity.liveness.engines.card import doubts, read_card
from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.engines.tensors import aligned, best, corners, letterbox, uncut
from identity.liveness.pictures import gray
from identity.liveness.ports import Box, FaceEngine, Rgb
from identity.liveness.vision_supervisor import VisionNotStarted, VisionSupervisor
from tests.architecture.tree import ROOT
from tests.factories import onnx_models as squares

ONE = squares.scene(("a", 240, 160, 160))


def engine(folder: Path, match: float | None = 0.5, **described: Any) -> FaceEngine:
    return build_engine(
        "onnx", {**squares.write(folder, described=squares.card(**described)), **({} if match is None else {"match": match})}
    )


def changed(role: str, **differs: Any) -> dict[str, Any]:
    card = squares.card()
    return {**card, role: {**card[role], **differs}}


WRONG_CARDS: dict[str, tuple[Any, str]] = {
    "not JSON": ([], "object"),
    "an unknown field": (squares.card(thresholds=1), "thresholds"),
    "no licence": ({name: value for name, value in squares.card().items() if name != "licence"}, "licence"),
    "a distance nobody knows": (changed("embedding", distance="manhattan"), "distance"),
    "alignment without its template": (changed("embedding", template=None), "template"),
    "a division by nothing": (changed("pad", input={"width": 32, "height": 32, "std": [0, 1, 1]}), "std"),
    "a version that is no word": (squares.card(version="1 beta; rm -rf"), "version"),
    "a giant input": (changed("detector", input={"width": 99_999, "height": 120}), "width"),
    "no attack detector's part": (squares.card(pad=None), "attack detector"),
    "another input size": (changed("landmarks", input={"width": 64, "height": 64}), r"landmarks model .* takes \[1, 3, 32, 32\]"),
    "another layout": (changed("detector", input={"width": 160, "height": 120, "layout": "nhwc"}), "detector model"),
    "an output that is not there": (changed("detector", boxes_output="bboxes"), "not bboxes"),
    "a live index beyond the scores": (changed("pad", live_index=3), "live_index"),
}


@pytest.mark.parametrize("name", WRONG_CARDS)
def test_a_wrong_card_is_named(tmp_path: Path, name: str) -> None:
    described, complaint = WRONG_CARDS[name]
    with pytest.raises(EngineUnusable, match=complaint):
        build_engine("onnx", squares.write(tmp_path, described=described))


def whole_numbers() -> ModelProto:
    graph = helper.make_graph(
        [helper.make_node("Cast", ["picture"], ["embedding"], to=TensorProto.FLOAT)],
        "whole",
        [helper.make_tensor_value_info("picture", TensorProto.INT32, (1, 3, 32, 32))],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, (1, 3, 32, 32))],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


WRONG_MODELS: dict[str, tuple[dict[str, Callable[[], ModelProto]], str]] = {
    "boxes of three numbers": ({"detector": lambda: squares.detector(columns=3)}, r"boxes as \[1, \d+, 3\]"),
    "five points instead of 68": ({"landmarks": lambda: squares.landmarks(points=5)}, r"points as \[1, 5, 2\]"),
    "whole numbers": ({"embedding": whole_numbers}, r"takes tensor\(int32\)"),
    "one model in the other's place": ({"embedding": squares.landmarks}, r"embedding as \[1, 68, 2\]"),
}


@pytest.mark.parametrize("name", WRONG_MODELS)
def test_a_model_that_does_not_keep_the_contract_is_named(tmp_path: Path, name: str) -> None:
    models, complaint = WRONG_MODELS[name]
    with pytest.raises(EngineUnusable, match=complaint):
        build_engine("onnx", squares.write(tmp_path, **{role: make() for role, make in models.items()}))


def test_broken_and_missing_files_are_named_without_their_folder(tmp_path: Path) -> None:
    options = squares.write(tmp_path)
    Path(options["landmarks"]).write_bytes(b"no model")
    with pytest.raises(EngineUnusable, match=r"landmarks model landmarks\.onnx does not load") as broken:
        build_engine("onnx", options)
    Path(options["landmarks"]).unlink()
    with pytest.raises(EngineUnusable, match=r"landmarks\.onnx cannot be read") as missing:
        build_engine("onnx", options)
    assert str(tmp_path) not in str(missing.value) + str(broken.value)


def test_without_onnxruntime_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineUnusable, match=r"zerotrip\[onnx\]"):
        engine(tmp_path)


def test_models_with_free_sizes_are_taken(tmp_path: Path) -> None:
    built = build_engine("onnx", squares.write(tmp_path, embedding=squares.embedding(("batch", 3, "h", "w"))))
    (box,) = built.detect(gray(ONE))
    assert built.embed(ONE, built.landmarks(ONE, box)).shape == (48,)


def test_the_digest_covers_every_file_and_the_card(tmp_path: Path) -> None:
    digests = {
        engine(tmp_path / "1").model_sha256,
        engine(tmp_path / "2", licence="other terms").model_sha256,
        build_engine("onnx", squares.write(tmp_path / "3", embedding=squares.embedding(("batch", 3, "h", "w")))).model_sha256,
    }
    assert len(digests) == 3 and engine(tmp_path / "1").model_sha256 in digests


CALIBRATIONS: dict[str, tuple[dict[str, Any] | None, float | None, str]] = {
    "nothing measured": (None, 0.5, "no measured"),
    "too many false matches": ({"fmr": 0.001}, 0.5, "false match rate"),
    "too many false non-matches": ({"fnmr": 0.02}, 0.5, "non-match"),
    "too few people": ({"impostor_pairs": 190}, 0.5, "impostor pairs"),
    "too few pairs of one person": ({"genuine_pairs": 20}, 0.5, "genuine pairs"),
    "measured in the future": ({"measured_on": "2999-01-01"}, 0.5, "future"),
    "measured at another threshold": ({}, 0.55, "used at 0.55"),
    "no limit in the policy": ({}, None, "used at None"),
    "measured without a threshold": ({"threshold": None}, None, "used at None"),
}


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_what_is_not_proven_is_not_calibrated(tmp_path: Path, name: str) -> None:
    """R51: NIST SP 800-63A-4 asks for a false match rate of at most 1 in 10,000 and a false non-match rate of at most 1 in 100."""
    differs, match, doubt = CALIBRATIONS[name]
    stated = {} if differs is None else {"calibration": {**squares.CALIBRATION, **differs}}
    capabilities = engine(tmp_path, match, **stated).capabilities
    assert not capabilities.calibrated
    assert capabilities.population.startswith("not calibrated") and doubt in capabilities.population


def test_figures_at_both_limits_measured_where_they_are_used_count(tmp_path: Path) -> None:
    figures = {**squares.CALIBRATION, "fmr": 0.0001, "fnmr": 0.01}
    capabilities = engine(tmp_path, 0.5, calibration=figures).capabilities
    assert capabilities.calibrated and "squares of two kinds" in capabilities.population


def test_a_calibration_without_people_or_date_is_no_calibration() -> None:
    for name in ("population", "measured_on", "source"):
        stated = {key: value for key, value in squares.CALIBRATION.items() if key != name}
        with pytest.raises(msgspec.ValidationError, match=name):
            read_card(msgspec.json.encode(squares.card(calibration=stated)))


def test_the_card_in_the_manual_is_a_good_one() -> None:
    text = (ROOT / "docs" / "howto" / "bring-your-own-face-models.md").read_text("utf-8")
    card = read_card(text.split("```json\n")[1].split("```")[0].encode())
    assert doubts(card, match=0.38, today=date(2026, 11, 23)) == []


def test_without_an_attack_detector_there_is_no_score(tmp_path: Path) -> None:
    built = build_engine("onnx", squares.write(tmp_path, pad=None, described=squares.card(pad=None)))
    assert built.pad_score(ONE, Box(240, 160, 400, 320)) is None and not built.capabilities.detects_attacks


@pytest.mark.parametrize(("scale", "low", "high"), [("share", 0.6, 0.8), ("sigmoid", 0.6, 0.7), ("softmax", 1.0, 1.0)])
def test_the_attack_score_is_a_share(tmp_path: Path, scale: str, low: float, high: float) -> None:
    score = engine(tmp_path, pad=squares.card()["pad"] | {"scale": scale}).pad_score(ONE, Box(240, 160, 400, 320))
    assert score is not None and low <= score <= high


def test_an_attack_score_that_is_no_number_is_an_attack(tmp_path: Path) -> None:
    pixel = {"width": 32, "height": 32, "mean": [3e38] * 3, "std": [1] * 3}
    score = engine(tmp_path, pad=squares.card()["pad"] | {"input": pixel, "scale": "softmax"}).pad_score(ONE, Box(240, 160, 400, 320))
    assert score == 0.0


def test_a_zero_vector_matches_nobody(tmp_path: Path) -> None:
    built = engine(tmp_path)
    assert np.isnan(built.compare(np.zeros(48), np.zeros(48)))
    assert engine(tmp_path, embedding=squares.card()["embedding"] | {"distance": "euclidean"}).compare(np.zeros(2), np.array([3, 4])) == 5


@pytest.mark.parametrize(("form", "given"), [("xyxy", [10, 20, 40, 80]), ("xywh", [10, 20, 30, 60]), ("cxcywh", [25, 50, 30, 60])])
def test_the_three_forms_of_a_box(form: str, given: list[float]) -> None:
    assert corners(np.array([given], float), form).tolist() == [[10, 20, 40, 80]]


def test_of_overlapping_boxes_the_best_stays_and_a_neighbour_too() -> None:
    boxes = np.array([[0, 0, 100, 100], [5, 5, 105, 105], [200, 0, 300, 100], [10, 10, 40, 40], [0, 0, 0, 0]], float)
    # A small face before a large one is a second face, not a part of it.
    assert best(boxes, np.array([0.8, 0.9, 0.7, 0.95, 1.0]), 0.4) == [3, 1, 2]
    assert best(boxes[:0], np.zeros(0), 0.4) == []


def test_a_box_cut_by_a_tile_is_left_to_whoever_sees_it_whole() -> None:
    boxes = np.array([[100, 50, 192, 120], [100, 50, 150, 120], [0, 0, 60, 60], [100, 50, 150, 144]], float)
    assert uncut(boxes, (0, 0, 192, 144), (320, 240), 4).tolist() == [False, True, True, False]
    assert uncut(boxes, (0, 0, 192, 144), (192, 144), 4).tolist() == [True] * 4


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (100, 500), (80, 80)])
def test_a_letterbox_keeps_proportions_and_can_be_undone(size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    picture[size[0] // 2 :, size[1] // 2 :] = 255
    boxed, factor, left, top = letterbox(picture, 160, 120)
    assert boxed.shape == (120, 160, 3)
    bright = np.argwhere(boxed[:, :, 0] > 200)
    corner = (bright.min(axis=0)[::-1] - np.array([left, top])) / factor
    assert np.abs(corner - np.array([size[1] // 2, size[0] // 2])).max() <= 2 / factor


def test_the_five_points_turn_a_face_upright() -> None:
    upright = np.asarray(squares.TEMPLATE * 160 + np.array([240, 160]))
    middle = np.array([320, 240])
    turn = np.deg2rad(30)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    tilted = np.asarray(Image.fromarray(ONE).rotate(-30, Image.Resampling.BILINEAR, center=(320, 240)))
    template = tuple((x, y) for x, y in squares.FIVE)
    straight = aligned(ONE, upright, template, 32, 32).astype(int)
    again = aligned(tilted, (upright - middle) @ rotation + middle, template, 32, 32).astype(int)
    assert np.abs(straight[4:-4, 4:-4] - again[4:-4, 4:-4]).mean() < 6


def jpeg(picture: Rgb) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=95)
    return stream.getvalue()


async def test_the_vision_process_runs_it_with_its_options(tmp_path: Path) -> None:
    options = {**squares.write(tmp_path / "models", described=squares.card(calibration=squares.CALIBRATION)), "match": 0.5}
    supervisor = VisionSupervisor(tmp_path / "s", engine="onnx", engine_options=options)
    await supervisor.start()
    try:
        people = [squares.scene((person, left, top, 160)) for person, (left, top) in zip("aab", squares.PLACES[:3], strict=True)]
        async with supervisor.client.capture(jpeg(squares.scene(("a", 232, 152, 176)))) as capture:
            for number, picture in enumerate(people):
                await capture.see(number / 15, jpeg(picture))
            compared, engine = await capture.compare(range(3)), capture.engine
    finally:
        await supervisor.stop()
    assert (engine.name, engine.version, engine.capabilities.calibrated) == ("onnx", "tiny-squares-1", True)
    assert [distance is not None and distance <= 0.5 for distance in compared.to_portrait] == [True, True, False]
    assert all(score is not None for score in compared.attack_scores)


async def test_a_process_without_its_models_does_not_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = squares.write(tmp_path / "models") | {"landmarks": str(tmp_path / "gone.onnx")}
    with pytest.raises(VisionNotStarted, match="code 1"):
        await VisionSupervisor(tmp_path / "s", engine="onnx", engine_options=options).start()
    assert "landmarks model gone.onnx cannot be read" in capfd.readouterr().err
