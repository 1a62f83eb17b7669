"""An operator's own models in ONNX form: detector, landmarks, embedding and, if there is one, a presentation-attack detector.

What each model has to take and give is docs/howto/bring-your-own-face-models.md; `calibration.py` says when the result may accept anybody.
onnxruntime (`zerotrip[onnx]`) is imported when the engine is built, on the CPU, one thread a call.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from identity.liveness.calibration import described
from identity.liveness.engines.card import Card, Picture, doubts, read_card
from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.engines.onnx_session import Model, Values
from identity.liveness.engines.tensors import aligned, best, box_of, corners, cut, grown, letterbox, uncut
from identity.liveness.facts import Capabilities
from identity.liveness.ports import Box, Embedding, Gray, Points, Rgb

POINTS = 68
TILE = 0.6
"""With `small`, four tiles of this share of each side are looked at as well; neighbours overlap by a fifth of the picture."""


class OnnxEngine:
    """`match`: the policy's distance for this engine; the figures of the card count only when they were measured at just that one."""

    name = "onnx"

    def __init__(
        self, *, detector: str, landmarks: str, embedding: str, card: str, pad: str | None = None, match: float | None = None
    ) -> None:
        card_data = _read("model card", Path(card))
        try:
            self._card: Card = read_card(card_data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise EngineUnusable(f"model card {Path(card).name}: {error}") from None
        if (pad is None) != (self._card.pad is None):
            raise EngineUnusable("the attack detector needs both a model file and its part of the card")
        digest = hashlib.sha256()

        def opened(role: str, path: str, wanted: Picture) -> Model:
            data = _read(f"{role} model", Path(path))
            digest.update(hashlib.sha256(data).digest())
            return Model(role, Path(path), data, wanted)

        self._detector = opened("detector", detector, self._card.detector.input)
        self._landmarks = opened("landmarks", landmarks, self._card.landmarks.input)
        self._embedder = opened("embedding", embedding, self._card.embedding.input)
        self._pad = opened("pad", pad, self._card.pad.input) if pad is not None and self._card.pad is not None else None
        digest.update(hashlib.sha256(card_data).digest())
        self._check_outputs()
        self.version = f"{self._card.name}-{self._card.version}"
        self.model_sha256 = digest.hexdigest()
        doubt = doubts(self._card, match=match, today=datetime.now(UTC).date())
        self.capabilities = Capabilities(
            calibrated=not doubt,
            detects_attacks=self._pad is not None,
            licence=self._card.licence,
            population=described(self._card.calibration, doubt),
        )

    def _check_outputs(self) -> None:
        self._detected = self._detector.named(self._card.detector.boxes_output, self._card.detector.scores_output)
        boxes, scores = self._detector.tried(self._detected)
        if boxes.ndim != 3 or boxes.shape[0] != 1 or boxes.shape[2] != 4:
            raise self._detector.complain(f"gives boxes as {list(boxes.shape)}, [1, N, 4] is expected")
        fits = scores.ndim in (2, 3) and scores.shape[:2] == boxes.shape[:2] and scores.shape[2:] in {(), (1,), (2,)}
        if not fits:
            raise self._detector.complain(f"gives scores as {list(scores.shape)}, [1, N], [1, N, 1] or [1, N, 2] is expected")
        self._placed = self._landmarks.named("points")
        (points,) = self._landmarks.tried(self._placed)
        if points.shape not in {(1, POINTS, 2), (1, POINTS * 2), (POINTS, 2)}:
            raise self._landmarks.complain(f"gives points as {list(points.shape)}, [1, {POINTS}, 2] or [1, {POINTS * 2}] is expected")
        self._embedded = self._embedder.named("embedding")
        (vector,) = self._embedder.tried(self._embedded)
        if vector.ndim != 2 or vector.shape[0] != 1 or vector.shape[1] < 2:
            raise self._embedder.complain(f"gives an embedding as {list(vector.shape)}, [1, D] with D above 1 is expected")
        if self._pad is not None and self._card.pad is not None:
            self._scored = self._pad.named("score")
            (score,) = self._pad.tried(self._scored)
            if score.ndim > 2 or score.size <= self._card.pad.live_index:
                raise self._pad.complain(f"gives a score as {list(score.shape)}, [1, K] with K above live_index is expected")

    def detect(self, gray: Gray, *, small: bool = False, lenient: bool = False) -> tuple[Box, ...]:
        """The gray levels go into all three channels. Faces as small as the model finds them in the whole picture, and with `small` in
        four tiles of it. `lenient` halves the least score."""
        picture = np.repeat(np.ascontiguousarray(gray)[:, :, np.newaxis], 3, axis=2)
        least = self._card.detector.min_score * (0.5 if lenient else 1.0)
        found = [self._look(picture, 0, 0, least)]
        if small:
            rows, columns = gray.shape
            down, across = max(1, round(rows * TILE)), max(1, round(columns * TILE))
            for top in (0, rows - down):
                for left in (0, columns - across):
                    tile = (left, top, left + across, top + down)
                    seen, sure = self._look(picture[top : top + down, left : left + across], left, top, least)
                    whole = uncut(seen, tile, (columns, rows), 0.02 * across)
                    found.append((seen[whole], sure[whole]))
        boxes, scores = np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])
        return tuple(box_of(boxes[index]) for index in best(boxes, scores, self._card.detector.max_overlap))

    def _look(self, picture: Rgb, left: int, top: int, least: float) -> tuple[Values, Values]:
        """Boxes (pixels of the whole picture) of at least the score `least`, and their scores."""
        role = self._card.detector
        boxed, factor, across, down = letterbox(picture, role.input.width, role.input.height)
        boxes, scores = self._detector.run(boxed, self._detected)
        scores = scores[0] if scores.ndim == 2 else scores[0, :, -1]
        places = corners(boxes[0], role.boxes)
        if role.coordinates == "normalised":
            places = places * np.array([role.input.width, role.input.height] * 2)
        good = (scores >= least) & np.isfinite(places).all(axis=1)
        places = (places[good] - np.array([across, down] * 2)) / factor
        return places + np.array([left, top] * 2), scores[good]

    def landmarks(self, picture: Gray | Rgb, box: Box) -> Points:
        rgb = picture if picture.ndim == 3 else np.repeat(picture[:, :, np.newaxis], 3, axis=2)
        role = self._card.landmarks
        area = grown(box, role.margin)
        (points,) = self._landmarks.run(cut(rgb, area, role.input.width, role.input.height), self._placed)
        shares = points.reshape(POINTS, 2)
        if role.coordinates == "pixels":
            shares = shares / np.array([role.input.width, role.input.height])
        left, top, right, bottom = area
        return np.asarray(shares * np.array([right - left, bottom - top]) + np.array([left, top]), np.float64)

    def pad_score(self, rgb: Rgb, box: Box) -> float | None:
        """None without an attack detector. A score that is no number counts as an attack."""
        role = self._card.pad
        if self._pad is None or role is None:
            return None
        (values,) = self._pad.run(cut(rgb, grown(box, role.margin), role.input.width, role.input.height), self._scored)
        scores = values.reshape(-1)
        if role.scale == "softmax":
            with np.errstate(invalid="ignore", over="ignore"):
                powers = np.exp(scores - scores.max())
                scores = powers / powers.sum()
        score = float(scores[role.live_index])
        if role.scale == "sigmoid":
            score = float(1 / (1 + np.exp(-np.clip(score, -60, 60))))
        return min(1.0, max(0.0, score)) if np.isfinite(score) else 0.0

    def embed(self, rgb: Rgb, points: Points) -> Embedding:
        role = self._card.embedding
        width, height = role.input.width, role.input.height
        if role.alignment == "five_points" and role.template is not None:
            face = aligned(rgb, points, role.template, width, height)
        else:
            (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
            face = cut(rgb, grown((left, top, right, bottom), role.margin), width, height)
        (vector,) = self._embedder.run(face, self._embedded)
        return np.asarray(vector[0], np.float64)

    def compare(self, one: Embedding, other: Embedding) -> float:
        """Euclidean, or 1 − cosine written so that equal vectors are exactly 0 apart; nan, which matches nobody, for a zero one."""
        if self._card.embedding.distance == "euclidean":
            return float(np.linalg.norm(one - other))
        lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
        if min(lengths) == 0:
            return float("nan")
        return float(((one / lengths[0] - other / lengths[1]) ** 2).sum() / 2)


def _read(what: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineUnusable(f"{what} {path.name} cannot be read: {error.strerror}") from None
