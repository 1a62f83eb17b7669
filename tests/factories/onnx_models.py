"""Tiny ONNX models that find bright squares for faces, and pictures with such faces: enough to see the whole way through an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from identity.liveness.ports import Points, Rgb

WIDTH, HEIGHT, FACE, RING = 160, 120, 40, 8
"""The detector's input, the side of a face in it (160 pixels in a picture of 640), and the width of the ring that must be darker."""
SIDE = 32
GROUND, BRIGHT, MIDDLE = 40, 220, 140
PEOPLE = {"a": ((BRIGHT, BRIGHT), (MIDDLE, MIDDLE)), "b": ((BRIGHT, MIDDLE), (BRIGHT, MIDDLE))}
"""Four quarters of a face tell two people apart."""
PLACES = ((240, 160), (244, 160), (240, 164), (236, 160), (240, 156), (248, 168))


def _template() -> Points:
    """68 points as shares of the face, roughly where a face has them."""
    points = np.full((68, 2), 0.5)
    turn = np.linspace(0.95 * np.pi, 0.05 * np.pi, 17)
    points[:17] = np.stack([0.5 + 0.48 * np.cos(turn), 0.45 + 0.5 * np.sin(turn)], axis=1)
    points[17:27] = np.stack([np.linspace(0.15, 0.85, 10), np.full(10, 0.25)], axis=1)
    points[27:36] = np.stack([np.full(9, 0.5), np.linspace(0.35, 0.6, 9)], axis=1)
    circle = np.linspace(0, 2 * np.pi, 7)[:6]
    for first, middle in ((36, 0.3), (42, 0.7)):
        points[first : first + 6] = np.stack([middle + 0.08 * np.cos(circle), 0.36 + 0.04 * np.sin(circle)], axis=1)
    points[48:68] = np.stack([np.linspace(0.35, 0.65, 20), np.full(20, 0.78)], axis=1)
    points[48], points[54] = (0.35, 0.78), (0.65, 0.78)
    return points


TEMPLATE = _template()
FIVE = [
    [float(value) * SIDE for value in point]
    for point in (TEMPLATE[36:42].mean(axis=0), TEMPLATE[42:48].mean(axis=0), TEMPLATE[30], TEMPLATE[48], TEMPLATE[54])
]


def face(person: str, side: int) -> Rgb:
    quarters = np.array(PEOPLE[person], np.uint8).repeat(side // 2, axis=0).repeat(side // 2, axis=1)
    return np.repeat(quarters[:, :, np.newaxis], 3, axis=2)


def scene(*faces: tuple[str, int, int, int]) -> Rgb:
    """480×640 with (person, left, top, side) in it."""
    picture = np.full((480, 640, 3), GROUND, np.uint8)
    for person, left, top, side in faces:
        picture[top : top + side, left : left + side] = face(person, side)
    return picture


def _model(nodes: Sequence[Any], constants: dict[str, Any], outputs: dict[str, tuple[Any, ...]], size: tuple[Any, ...]) -> ModelProto:
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, size)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(made)
    return made


def detector(boxes: str = "boxes", columns: int = 4) -> ModelProto:
    """Every place of a face's square: how much brighter it is than the ring around it."""
    whole = FACE + 2 * RING
    kernel = np.full((whole, whole), -1 / (whole**2 - FACE**2), np.float32)
    kernel[RING:-RING, RING:-RING] = 1 / FACE**2
    down, across = HEIGHT - 1, WIDTH - 1
    tops, lefts = np.meshgrid(np.arange(down) - FACE / 2 + 0.5, np.arange(across) - FACE / 2 + 0.5, indexing="ij")
    places = np.stack([lefts, tops, lefts + FACE, tops + FACE], axis=-1).reshape(1, -1, 4).astype(np.float32)[:, :, :columns]
    half = whole // 2 - 1
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["gray"], axes=[1], keepdims=1),
        helper.make_node("Conv", ["gray", "kernel"], ["contrast"], pads=[half] * 4),
        helper.make_node("Reshape", ["contrast", "row"], ["scores"]),
        helper.make_node("Identity", ["places"], [boxes]),
    ]
    constants = {"kernel": kernel[np.newaxis, np.newaxis], "row": np.array([1, -1], np.int64), "places": places}
    count = down * across
    return _model(nodes, constants, {boxes: (1, count, columns), "scores": (1, count)}, (1, 3, HEIGHT, WIDTH))


def _nothing_of_it() -> list[Any]:
    """A zero that depends on the picture, so that a constant answer is still a model of one."""
    return [
        helper.make_node("ReduceMean", ["picture"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]


def landmarks(points: int = 68) -> ModelProto:
    template = np.resize(TEMPLATE, (1, points, 2)).astype(np.float32)
    nodes = [*_nothing_of_it(), helper.make_node("Add", ["template", "nothing"], ["points"])]
    constants = {"zero": np.float32(0), "template": template}
    return _model(nodes, constants, {"points": (1, points, 2)}, (1, 3, SIDE, SIDE))


def embedding(size: tuple[Any, ...] = (1, 3, SIDE, SIDE)) -> ModelProto:
    nodes = [
        helper.make_node("AveragePool", ["picture"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Reshape", ["pooled", "row"], ["flat"]),
        helper.make_node("ReduceMean", ["flat"], ["level"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["flat", "level"], ["embedding"]),
    ]
    return _model(nodes, {"row": np.array([1, -1], np.int64)}, {"embedding": (1, 48)}, size)


def pad() -> ModelProto:
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["mean"], keepdims=0),
        helper.make_node("Reshape", ["mean", "one"], ["score"]),
    ]
    return _model(nodes, {"one": np.array([1, 1], np.int64)}, {"score": (1, 1)}, (1, 3, SIDE, SIDE))


CALIBRATION = {
    "population": "squares of two kinds, drawn by a program",
    "source": "invented for a test, worth nothing",
    "measured_on": "2026-05-01",
    "fmr": 0.00005,
    "fnmr": 0.005,
    "impostor_pairs": 200_000,
    "genuine_pairs": 2_000,
    "threshold": 0.5,
}


def card(**differs: Any) -> dict[str, Any]:
    small = {"width": SIDE, "height": SIDE}
    return {
        "name": "tiny-squares",
        "version": "1",
        "licence": "made by a test",
        "detector": {"input": {"width": WIDTH, "height": HEIGHT}, "min_score": 0.3},
        "landmarks": {"input": small},
        "embedding": {"input": small, "distance": "cosine", "template": FIVE},
        "pad": {"input": small},
        **differs,
    }


def write(folder: Path, *, described: Any = None, **models: ModelProto | None) -> dict[str, str]:
    """Model files and card in `folder`; the options of the engine. `models` replaces one (None leaves it out)."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen: dict[str, Callable[[], ModelProto]] = {"detector": detector, "landmarks": landmarks, "embedding": embedding, "pad": pad}
    options = {}
    for role, make in chosen.items():
        made = models[role] if role in models else make()
        if made is not None:
            (folder / f"{role}.onnx").write_bytes(made.SerializeToString())
            options[role] = str(folder / f"{role}.onnx")
    (folder / "card.json").write_bytes(msgspec.json.encode(described if described is not None else card()))
    return {**options, "card": str(folder / "card.json")}
