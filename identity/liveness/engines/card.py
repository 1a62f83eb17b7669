"""The model card of an ONNX engine: how each model wants its pictures, what its answers mean, its terms and its measured error rates.

The contract of the four roles is documented in docs/howto/bring-your-own-face-models.md.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from identity.liveness.calibration import Calibration, shortcomings

Side = Annotated[int, msgspec.Meta(ge=16, le=2048)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Margin = Annotated[float, msgspec.Meta(ge=0, le=2)]
Label = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,23}\Z")]
Point = tuple[float, float]


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An input: value = (level − mean) / std for levels 0–255, in `colour` order, as 1×3×height×width (nchw) or 1×height×width×3 (nhwc)."""

    width: Side
    height: Side
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (255.0, 255.0, 255.0)
    colour: Literal["rgb", "bgr"] = "rgb"
    layout: Literal["nchw", "nhwc"] = "nchw"

    def __post_init__(self) -> None:
        if any(value <= 0 for value in self.std):
            raise ValueError("std must be above 0")


class Detector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`coordinates`: pixels of the input, or shares of its width and height. Overlap is intersection over union."""

    input: Picture
    boxes: Literal["xyxy", "xywh", "cxcywh"] = "xyxy"
    coordinates: Literal["pixels", "normalised"] = "pixels"
    min_score: Share = 0.6
    max_overlap: Share = 0.4
    boxes_output: str = "boxes"
    scores_output: str = "scores"


class Landmarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`margin`: how much of the box's size is added on each side before cropping."""

    input: Picture
    margin: Margin = 0.0
    coordinates: Literal["pixels", "normalised"] = "normalised"


class Embedder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`five_points` turns the face so that eyes, nose tip and mouth corners lie on `template` (pixels of the input); `crop` cuts out the
    landmarks' rectangle with `margin`.
    """

    input: Picture
    distance: Literal["cosine", "euclidean"]
    alignment: Literal["five_points", "crop"] = "five_points"
    template: tuple[Point, Point, Point, Point, Point] | None = None
    margin: Margin = 0.2

    def __post_init__(self) -> None:
        if self.alignment == "five_points" and self.template is None:
            raise ValueError("alignment by five_points needs a template")


class AttackDetector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`live_index`: which of several outputs stands for a living face. `scale`: logits become shares by softmax or sigmoid."""

    input: Picture
    margin: Margin = 0.0
    live_index: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0
    scale: Literal["share", "softmax", "sigmoid"] = "share"


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Label
    version: Label
    licence: Annotated[str, msgspec.Meta(min_length=3, max_length=400)]
    detector: Detector
    landmarks: Landmarks
    embedding: Embedder
    pad: AttackDetector | None = None
    calibration: Calibration | None = None


def read_card(data: bytes) -> Card:
    """msgspec.ValidationError or DecodeError for anything else; the first names the field."""
    return msgspec.json.decode(data, type=Card)


def doubts(card: Card, *, match: float | None, today: date) -> list[str]:
    """Why the engine of this card is not calibrated at the policy's `match` distance; nothing when it is."""
    measured = card.calibration
    if measured is None:
        return ["the card states no measured error rates"]
    found = shortcomings(measured, today=today)
    if measured.threshold is None or match != measured.threshold:
        found.append(f"measured at {measured.threshold}, used at {match}")
    return found
