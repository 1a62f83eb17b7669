"""For each engine of the registry: how a test builds it, and pictures on which it can show what it owes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from identity.liveness.engines import build_engine
from identity.liveness.pictures import decode
from identity.liveness.policy import load_policy
from identity.liveness.ports import FaceEngine, Points, Rgb
from sandbox import faces
from sandbox.faces import shape
from tests.factories import onnx_models as squares


@dataclass(frozen=True)
class Subject:
    """An engine, the distance up to which it takes two faces for one, and people "a" and "b"; pictures are 480×640."""

    engine: FaceEngine
    match: float
    frames: dict[str, list[Rgb]]
    portraits: dict[str, Rgb]
    nobody: Rgb
    couple: Rgb
    far_away: Rgb
    measured: tuple[Rgb, Points]
    """A face, and where its 68 points are."""


def dlib_subject(_folder: Path) -> Subject:
    with Image.open(shape.HERE / "collins.jpg") as stored:
        measured = np.asarray(stored.convert("RGB").resize(shape.WORKING_SIZE, Image.Resampling.LANCZOS))
    return Subject(
        engine=build_engine("dlib"),
        match=load_policy().engines["dlib"].match,
        frames={person: [decode(frame) for frame in faces.frames(person)] for person in "ab"},
        portraits={person: decode(faces.portrait(person)) for person in "ab"},
        nobody=decode(faces.no_face()),
        couple=decode(faces.two_faces()),
        far_away=decode(faces.far_away("a")),
        measured=(measured, shape.photographed()),
    )


def onnx_subject(folder: Path) -> Subject:
    left, top = squares.PLACES[0]
    return Subject(
        engine=build_engine("onnx", squares.write(folder)),
        match=0.5,
        frames={person: [squares.scene((person, left, top, 160)) for left, top in squares.PLACES] for person in "ab"},
        portraits={person: squares.scene((person, 232, 152, 176)) for person in "ab"},
        nobody=squares.scene(),
        couple=squares.scene(("a", 80, 160, 160), ("b", 400, 160, 160)),
        far_away=squares.scene(("a", 280, 200, 80)),
        measured=(squares.scene(("b", left, top, 160)), squares.TEMPLATE * 160 + np.array([left, top])),
    )


SUBJECTS: dict[str, Callable[[Path], Subject]] = {"dlib": dlib_subject, "onnx": onnx_subject}
