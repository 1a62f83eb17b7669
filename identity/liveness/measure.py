"""Measure a set of frames with an engine: faces, quality, change, and distances to the portrait and to each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import DomainError
from identity.liveness import pictures
from identity.liveness.facts import EngineFacts, FrameAnalysis, FrameFacts
from identity.liveness.ports import Box, Embedding, FaceEngine, Gray, Points, Rgb

CROP = 128
THUMBNAIL = (32, 24)


class Abandoned(Exception):
    """Nobody waits for the answer any more."""


class PictureRefused(Exception):
    """A picture was refused with `code`; `index` is its place, None for the portrait."""

    def __init__(self, code: str, index: int | None) -> None:
        super().__init__(code)
        self.code = code
        self.index = index


@dataclass(frozen=True)
class _Seen:
    thumbnail: Gray
    faces: int
    inter_eye_px: float | None = None
    brightness: float | None = None
    sharpness: float | None = None
    attack_score: float | None = None
    embedding: Embedding | None = None


def engine_facts(engine: FaceEngine) -> EngineFacts:
    return EngineFacts(engine.name, engine.version, engine.model_sha256, engine.capabilities)


def analyse(
    engine: FaceEngine, frames: Sequence[bytes], portrait: bytes | None, *, is_abandoned: Callable[[], bool] = lambda: False
) -> FrameAnalysis:
    """Measure `frames` (JPEG or PNG), comparing them with `portrait` if given.

    PictureRefused for bytes that are no acceptable picture; Abandoned when `is_abandoned` turns true between two pictures.
    """
    started = time.thread_time()
    if is_abandoned():
        raise Abandoned
    reference, portrait_faces = (None, None) if portrait is None else _reference(engine, portrait)
    seen = []
    for index, frame in enumerate(frames):
        if is_abandoned():
            raise Abandoned
        seen.append(_look(engine, _decoded(frame, index)))
    facts = tuple(_facts(engine, seen, index, reference) for index in range(len(seen)))
    return FrameAnalysis(facts, portrait_faces, engine_facts(engine), round((time.thread_time() - started) * 1000))


def _decoded(data: bytes, index: int | None) -> Rgb:
    try:
        return pictures.decode(data, enlarge=index is None)
    except DomainError as refusal:
        raise PictureRefused(refusal.code, index) from None


def _reference(engine: FaceEngine, portrait: bytes) -> tuple[Embedding | None, int]:
    picture = _decoded(portrait, None)
    boxes = _faces(engine, pictures.gray(picture))
    if len(boxes) != 1:
        return None, len(boxes)
    return engine.embed(picture, engine.landmarks(picture, boxes[0])), 1


def _faces(engine: FaceEngine, gray: Gray) -> tuple[Box, ...]:
    return engine.detect(gray) or engine.detect(gray, small=True)


def _look(engine: FaceEngine, picture: Rgb) -> _Seen:
    gray = pictures.gray(picture)
    thumbnail = pictures.scaled(gray, *THUMBNAIL)
    boxes = _faces(engine, gray)
    if len(boxes) != 1:
        return _Seen(thumbnail, len(boxes))
    points = engine.landmarks(picture, boxes[0])
    face = _crop(gray, boxes[0])
    return _Seen(
        thumbnail,
        faces=1,
        inter_eye_px=_inter_eye(points),
        brightness=float(face.mean()),
        sharpness=_laplacian_variance(pictures.scaled(face, CROP, CROP)),
        attack_score=engine.pad_score(picture, boxes[0]),
        embedding=engine.embed(picture, points),
    )


def _facts(engine: FaceEngine, seen: Sequence[_Seen], index: int, reference: Embedding | None) -> FrameFacts:
    one = seen[index]
    before = seen[index - 1].thumbnail if index else None
    mine = one.embedding
    return FrameFacts(
        faces=one.faces,
        change=None if before is None else float(np.abs(one.thumbnail.astype(np.int16) - before).mean()),
        inter_eye_px=one.inter_eye_px,
        brightness=one.brightness,
        sharpness=one.sharpness,
        attack_score=one.attack_score,
        to_portrait=None if mine is None or reference is None else engine.compare(mine, reference),
        to_frames=() if mine is None else tuple(None if o.embedding is None else engine.compare(mine, o.embedding) for o in seen),
    )


def _crop(gray: Gray, box: Box) -> Gray:
    height, width = gray.shape
    top, left = min(max(box.top, 0), height - 1), min(max(box.left, 0), width - 1)
    return gray[top : max(box.bottom, top + 1), left : max(box.right, left + 1)]


def _inter_eye(points: Points) -> float:
    return float(np.linalg.norm(points[36:42].mean(axis=0) - points[42:48].mean(axis=0)))


def _laplacian_variance(face: Gray) -> float:
    """Variance of the 4-neighbour Laplacian, the usual measure of focus."""
    value = face.astype(np.float64)
    middle = value[1:-1, 1:-1]
    return float((4 * middle - value[:-2, 1:-1] - value[2:, 1:-1] - value[1:-1, :-2] - value[1:-1, 2:]).var())
