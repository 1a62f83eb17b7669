"""Where the 68 points of the packaged face are, and where they go for the second, invented person.

Points are in iBUG order (0–16 jaw, 17–26 brows, 27–35 nose, 36–47 eyes, 48–67 mouth), in pixels of the photograph at working size.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sandbox.faces.warp import Floats

HERE = Path(__file__).parent
WORKING_SIZE = (920, 660)
"""The photograph's crop is worked on at twice its own size (width, height)."""

JAW, NOSE, NOSTRILS, MOUTH = slice(0, 17), slice(27, 36), slice(31, 36), slice(48, 68)
BROWS = (slice(17, 22), slice(22, 27))
EYES = (slice(36, 42), slice(42, 48))
UPPER_LIDS = {37: 41, 38: 40, 43: 47, 44: 46}
"""Upper lid point → the lower lid point it closes onto."""

MIRRORED = [
    *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1),
]  # fmt: skip
"""Point i of a flipped face is point MIRRORED[i] of the original."""

_HEAD = [(325, 150), (305, 90), (400, 60), (445, 30), (520, 45), (590, 100), (595, 180)]


def anchors() -> Floats:
    """Points that stay where they are in every warp: the picture's border and the outline of the hair."""
    width, height = WORKING_SIZE
    top_and_bottom = [(x, y) for x in np.linspace(0, width, 7) for y in (0, height)]
    sides = [(x, y) for y in np.linspace(0, height, 5)[1:-1] for x in (0, width)]
    return np.array([*top_and_bottom, *sides, *_HEAD], dtype=np.float64)


def photographed() -> Floats:
    """The 68 points of the person in the photograph (person a), 68×2."""
    return np.array(json.loads((HERE / "landmarks.json").read_text()), dtype=np.float64)


def invented(points: Floats) -> Floats:
    """Move the points to another person's proportions (person b, before the flip)."""
    moved = points.copy()
    centre, eyes, chin = points[27:31, 0].mean(), points[36:48, 1].mean(), points[8, 1]
    moved[JAW, 0] = centre + (points[JAW, 0] - centre) * 0.99
    moved[JAW, 1] = eyes + (points[JAW, 1] - eyes) * 1.05
    moved[NOSE, 1] = eyes + (points[NOSE, 1] - eyes) * 0.96
    moved[NOSTRILS, 0] = centre + (points[NOSTRILS, 0] - centre) * 1.30
    middle = points[MOUTH].mean(0)
    moved[MOUTH] = middle + (points[MOUTH] - middle) * np.array([1.14, 0.75]) + np.array([0.0, 0.02 * (chin - eyes)])
    for eye, brow in zip(EYES, BROWS, strict=True):
        corner = points[eye].mean(0)
        inward = np.array([(corner[0] - centre) * -0.04, 0.0])
        moved[eye] = corner + (points[eye] - corner) * np.array([1.10, 0.75]) + inward
        arch = points[brow].mean(0)
        moved[brow] = arch + (points[brow] - arch) * np.array([1.0, 0.45]) + inward + np.array([0.0, 0.02 * (chin - eyes)])
    return moved


def flipped(points: Floats) -> Floats:
    """The points of the mirror image."""
    mirrored = points[MIRRORED].copy()
    mirrored[:, 0] = WORKING_SIZE[0] - 1 - mirrored[:, 0]
    return mirrored
