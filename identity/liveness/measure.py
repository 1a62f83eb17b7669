"""Measure one capture with an engine, frame by frame while it runs, and compare chosen frames at its end.

A `Capture` lives in the vision process for as long as one person is before the camera. It keeps the compressed frames (or, of a decoded
clip, the part around the face) in memory, so that the few that matter can be compared once they are known, and is then thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from core.errors import DomainError
from identity.liveness import pictures
from identity.liveness.clips import RawFrame
from identity.liveness.facts import Comparison, EngineFacts, FrameMotion
from identity.liveness.motion.following import Follower
from identity.liveness.motion.traces import find_loops, traces
from identity.liveness.ports import Box, Embedding, FaceEngine, Points, Rgb

MAX_COMPARED = 8


class PictureRefused(Exception):
    """A picture was refused with `code`; `index` is the frame's place, None for the portrait."""

    def __init__(self, code: str, index: int | None) -> None:
        super().__init__(code)
        self.code = code
        self.index = index


class _Kept(Protocol):
    def view(self) -> tuple[Rgb, tuple[int, int]]:
        """The picture, and where its upper left corner (x, y) lies in the frame."""
        ...


class _Jpeg:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def view(self) -> tuple[Rgb, tuple[int, int]]:
        return pictures.decode(self._data), (0, 0)


class _Part:
    """The surroundings of the face in a decoded frame, as planes: a tenth of the whole."""

    def __init__(self, frame: RawFrame, points: Points) -> None:
        low, high = points.min(0), points.max(0)
        margin = 0.6 * (high - low).max()
        left, top = (max(0, int(edge) // 2 * 2) for edge in low - margin)
        right, bottom = (int(edge) for edge in high + margin)
        self._corner = (left, top)
        self._planes = pictures.cut_planes(frame.i420, (frame.width, frame.height), (left, top, right, bottom))

    def view(self) -> tuple[Rgb, tuple[int, int]]:
        return pictures.planes_to_rgb(*self._planes), self._corner


def engine_facts(engine: FaceEngine) -> EngineFacts:
    return EngineFacts(engine.name, engine.version, engine.model_sha256, engine.capabilities)


class Capture:
    """`portrait`: the document portrait (JPEG or PNG) that faces are compared with, if any. PictureRefused if it is no picture."""

    def __init__(self, engine: FaceEngine, portrait: bytes | None) -> None:
        self._engine, self._follower = engine, Follower(engine)
        self._frames: list[FrameMotion] = []
        self._kept: list[_Kept | None] = []
        self._cpu = 0.0
        started = time.thread_time()
        self._reference: Embedding | None = None
        self.portrait_faces: int | None = None
        if portrait is not None:
            self._reference, self.portrait_faces = self._look_at(portrait)
        self._cpu += time.thread_time() - started

    def see(self, t: float, data: bytes) -> FrameMotion:
        """One JPEG or PNG frame taken at `t` seconds. PictureRefused."""
        started = time.thread_time()
        try:
            light = pictures.decode_gray(data)
        except DomainError as refusal:
            raise PictureRefused(refusal.code, len(self._frames)) from None
        motion = self._follower.see(t, light, data)
        return self._keep(motion, None if motion.geometry is None else _Jpeg(data), started)

    def see_raw(self, frame: RawFrame) -> FrameMotion:
        """One decoded frame of a clip."""
        started = time.thread_time()
        motion = self._follower.see(frame.t, frame.light, frame.i420)
        points = self._follower.points[-1]
        return self._keep(motion, None if points is None else _Part(frame, points), started)

    def compare(self, places: Iterable[int]) -> Comparison:
        """Compare the frames at `places` (at most 8; those without a face are left out) with the portrait and with each other."""
        started = time.thread_time()
        chosen, embeddings, scores = [], [], []
        for place in list(dict.fromkeys(places))[:MAX_COMPARED]:
            kept = self._kept[place] if 0 <= place < len(self._kept) else None
            points = self._follower.points[place] if kept is not None else None
            if kept is None or points is None:
                continue
            picture, corner = kept.view()
            here = points - np.array(corner)
            chosen.append(place)
            embeddings.append(self._engine.embed(picture, here))
            scores.append(self._engine.pad_score(picture, _box(here)))
        loops = find_loops([frame.t for frame in self._frames], self._follower.thumbnails)
        moved = traces(self._follower.thumbnails)
        self._cpu += time.thread_time() - started
        return Comparison(
            compared=tuple(chosen),
            to_portrait=tuple(None if self._reference is None else self._engine.compare(one, self._reference) for one in embeddings),
            to_others=tuple(tuple(self._engine.compare(one, other) for other in embeddings) for one in embeddings),
            attack_scores=tuple(scores),
            loops=loops,
            traces=moved,
            cpu_ms=round(self._cpu * 1000),
        )

    def _keep(self, motion: FrameMotion, kept: _Kept | None, started: float) -> FrameMotion:
        self._frames.append(motion)
        self._kept.append(kept)
        self._cpu += time.thread_time() - started
        return motion

    def _look_at(self, portrait: bytes) -> tuple[Embedding | None, int]:
        try:
            return embedding_of(self._engine, portrait)
        except DomainError as refusal:
            raise PictureRefused(refusal.code, None) from None


def embedding_of(engine: FaceEngine, data: bytes) -> tuple[Embedding | None, int]:
    """The face in a picture, and how many there are; None unless there is exactly one. The errors of `pictures.decode`."""
    picture = pictures.decode(data, enlarge=True)
    light = pictures.gray(picture)
    boxes = engine.detect(light) or engine.detect(light, small=True)
    if len(boxes) != 1:
        return None, len(boxes)
    return engine.embed(picture, engine.landmarks(picture, boxes[0])), 1


def _box(points: Points) -> Box:
    low, high = points.min(0), points.max(0)
    return Box(*(round(float(edge)) for edge in (*low, *high)))
