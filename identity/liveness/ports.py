"""The port every face engine satisfies. Only the vision process calls it; pictures are numpy arrays of 8-bit values."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from identity.liveness.facts import Capabilities

Gray = NDArray[np.uint8]
"""Height × width."""
Rgb = NDArray[np.uint8]
"""Height × width × 3."""
Points = NDArray[np.float64]
"""68 × 2 pixel coordinates (x, y) in iBUG order: 0–16 jaw, 17–26 brows, 27–35 nose, 36–47 eyes, 48–67 mouth."""
Embedding = NDArray[np.float64]


class Box(NamedTuple):
    """A face's place in pixels; may reach over the picture's edge."""

    left: int
    top: int
    right: int
    bottom: int


class FaceEngine(Protocol):
    name: str
    version: str
    model_sha256: str
    capabilities: Capabilities

    def detect(self, gray: Gray, *, small: bool = False, lenient: bool = False) -> tuple[Box, ...]:
        """Every face in the picture. `small` also looks for faces half the usual smallest size, at about four times the cost.

        `lenient` also takes what looks only somewhat like a face: for asking whether one that was there a moment ago still is.
        """
        ...

    def landmarks(self, picture: Gray | Rgb, box: Box) -> Points:
        """The 68 points of the face in `box`."""
        ...

    def pad_score(self, rgb: Rgb, box: Box) -> float | None:
        """0 (a picture, a mask) to 1 (a living face); None if the engine has no presentation-attack detector."""
        ...

    def embed(self, rgb: Rgb, points: Points) -> Embedding:
        """The face as a vector; the same picture always gives the same one."""
        ...

    def compare(self, one: Embedding, other: Embedding) -> float:
        """Distance of two faces: 0 for the same vector, symmetric, larger for less alike. The threshold belongs to the policy."""
        ...
