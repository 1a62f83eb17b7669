"""From pictures to tensors and back: letterbox, crops, the five-point alignment, and choosing among overlapping boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from identity.liveness.engines.card import Picture, Point
from identity.liveness.ports import Box, Points, Rgb

Tensor = NDArray[np.float32]
Values = NDArray[np.float64]
GROUND = 127
"""Gray of what lies outside a picture."""
FIVE_POINTS = (tuple(range(36, 42)), tuple(range(42, 48)), (30,), (48,), (54,))
"""Eyes, nose tip and mouth corners in iBUG order."""


def tensor(picture: Rgb, wanted: Picture) -> Tensor:
    """`picture` already has the wanted size; the result has a batch dimension of 1."""
    levels = picture.astype(np.float32)
    if wanted.colour == "bgr":
        levels = levels[:, :, ::-1]
    values = (levels - np.array(wanted.mean, np.float32)) / np.array(wanted.std, np.float32)
    if wanted.layout == "nchw":
        values = values.transpose(2, 0, 1)
    return np.ascontiguousarray(values[np.newaxis], np.float32)


def letterbox(picture: Rgb, width: int, height: int) -> tuple[Rgb, float, int, int]:
    """Fit the whole picture into width × height on gray. Also gives factor, left and top: x there = x here · factor + left."""
    rows, columns = picture.shape[:2]
    factor = min(width / columns, height / rows)
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    whole = Image.new("RGB", (width, height), (GROUND, GROUND, GROUND))
    whole.paste(Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.BILINEAR), (left, top))
    return np.asarray(whole), factor, left, top


def grown(box: tuple[float, float, float, float], margin: float) -> tuple[float, float, float, float]:
    """The rectangle with `margin` of its size added on each side."""
    left, top, right, bottom = box
    across, down = (right - left) * margin, (bottom - top) * margin
    return left - across, top - down, right + across, bottom + down


def cut(picture: Rgb, area: tuple[float, float, float, float], width: int, height: int) -> Rgb:
    """`area` (may reach over the edge, where gray stands in) stretched to width × height."""
    left, top, right, bottom = area
    return _warped(picture, width, height, (max(right - left, 1) / width, 0.0, left, 0.0, max(bottom - top, 1) / height, top))


def aligned(picture: Rgb, points: Points, template: tuple[Point, ...], width: int, height: int) -> Rgb:
    """The face turned, scaled and moved so that its five points come closest to `template` (least squares, Umeyama 1991)."""
    seen = np.array([points[list(index)].mean(axis=0) for index in FIVE_POINTS])
    return _warped(picture, width, height, _similarity(np.array(template, np.float64), seen))


def _similarity(source: Values, target: Values) -> tuple[float, float, float, float, float, float]:
    """The six numbers of the similarity that takes `source` points to `target`: what PIL asks of an output-to-input map."""
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    moved, wanted = source - source_mean, target - target_mean
    spread = max(float((moved**2).sum()), 1e-9)
    cosine = float((moved * wanted).sum()) / spread
    sine = float((moved[:, 0] * wanted[:, 1] - moved[:, 1] * wanted[:, 0]).sum()) / spread
    x = target_mean[0] - cosine * source_mean[0] + sine * source_mean[1]
    y = target_mean[1] - sine * source_mean[0] - cosine * source_mean[1]
    return cosine, -sine, float(x), sine, cosine, float(y)


def _warped(picture: Rgb, width: int, height: int, numbers: tuple[float, float, float, float, float, float]) -> Rgb:
    whole = Image.fromarray(np.ascontiguousarray(picture))
    ground = (GROUND, GROUND, GROUND)
    return np.asarray(whole.transform((width, height), Image.Transform.AFFINE, numbers, Image.Resampling.BILINEAR, fillcolor=ground))


def corners(boxes: Values, form: str) -> Values:
    """Boxes as left, top, right, bottom, whatever `form` they came in."""
    first, second, third, fourth = boxes.T
    if form == "xywh":
        return np.stack([first, second, first + third, second + fourth], axis=1)
    if form == "cxcywh":
        return np.stack([first - third / 2, second - fourth / 2, first + third / 2, second + fourth / 2], axis=1)
    return boxes


def best(boxes: Values, scores: Values, max_overlap: float, most: int = 50) -> list[int]:
    """Indices of the boxes that stay, the best first: none overlaps a better one by more than `max_overlap` (IoU)."""
    area = np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)
    waiting = [int(index) for index in np.argsort(-scores, kind="stable") if area[index] > 0]
    kept: list[int] = []
    while waiting and len(kept) < most:
        one = waiting.pop(0)
        kept.append(one)
        rest = np.array(waiting, np.int64)
        if not len(rest):
            break
        across = np.minimum(boxes[rest, 2], boxes[one, 2]) - np.maximum(boxes[rest, 0], boxes[one, 0])
        down = np.minimum(boxes[rest, 3], boxes[one, 3]) - np.maximum(boxes[rest, 1], boxes[one, 1])
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        overlap = shared / (area[rest] + area[one] - shared)
        waiting = [int(index) for index, clear in zip(rest, overlap <= max_overlap, strict=True) if clear]
    return kept


def uncut(boxes: Values, tile: tuple[int, int, int, int], size: tuple[int, int], edge: float) -> Values:
    """Which boxes keep `edge` pixels from the sides of a tile (left, top, right, bottom) that are not sides of the picture as well.

    What touches one of those is part of a face that another tile or the whole picture shows.
    """
    columns, rows = size
    left, top, right, bottom = tile
    return np.asarray(
        ((boxes[:, 0] >= left + edge) | (left == 0))
        & ((boxes[:, 1] >= top + edge) | (top == 0))
        & ((boxes[:, 2] <= right - edge) | (right == columns))
        & ((boxes[:, 3] <= bottom - edge) | (bottom == rows))
    )


def box_of(values: Values) -> Box:
    left, top, right, bottom = (round(float(value)) for value in values)
    return Box(left, top, right, bottom)
