"""Smooth picture warps in numpy: a thin-plate spline through point pairs, and bilinear sampling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]


def sample(picture: Picture, xs: Floats, ys: Floats) -> Picture:
    """Bilinear values of `picture` (h×w×3) at the coordinates `xs`, `ys`; outside, the nearest edge pixel."""
    height, width = picture.shape[:2]
    x = np.clip(xs, 0, width - 1.001)
    y = np.clip(ys, 0, height - 1.001)
    left, top = x.astype(np.intp), y.astype(np.intp)
    fx, fy = (x - left)[..., None], (y - top)[..., None]
    upper = picture[top, left] * (1 - fx) + picture[top, left + 1] * fx
    lower = picture[top + 1, left] * (1 - fx) + picture[top + 1, left + 1] * fx
    return np.asarray(np.clip(upper * (1 - fy) + lower * fy + 0.5, 0, 255), dtype=np.uint8)


def affine(picture: Picture, size: tuple[int, int], inverse: Floats) -> Picture:
    """A (width, height) picture whose pixel (x, y) shows `picture` at `inverse` (2×3) · (x, y, 1)."""
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float64)
    return sample(
        picture,
        inverse[0, 0] * xs + inverse[0, 1] * ys + inverse[0, 2],
        inverse[1, 0] * xs + inverse[1, 1] * ys + inverse[1, 2],
    )


def _kernel(squared: Floats) -> Floats:
    return np.asarray(squared * np.log(np.maximum(squared, 1e-9)))


class Spline:
    """A thin-plate spline, solved backwards: where does each place of the new picture come from. `scale` in pixels keeps it well posed."""

    def __init__(self, from_points: Floats, to_points: Floats, scale: float) -> None:
        source, self._target, self._scale = from_points / scale, to_points / scale, scale
        count = len(self._target)
        system = np.zeros((count + 3, count + 3))
        between = ((self._target[:, None, :] - self._target[None, :, :]) ** 2).sum(-1)
        system[:count, :count] = _kernel(between) + np.eye(count) * 1e-4
        system[:count, count] = 1
        system[:count, count + 1 :] = self._target
        system[count, :count] = 1
        system[count + 1 :, :count] = self._target.T
        self._weights = np.linalg.solve(system, np.vstack([source, np.zeros((3, 2))]))

    def at(self, places: Floats) -> Floats:
        """Where the pixels at `places` (n×2) come from, n×2."""
        here, count = places / self._scale, len(self._target)
        distances = ((here[:, None, :] - self._target[None, :, :]) ** 2).sum(-1)
        return np.asarray(
            (_kernel(distances) @ self._weights[:count] + self._weights[count] + here @ self._weights[count + 1 :]) * self._scale
        )


def thin_plate(picture: Picture, from_points: Floats, to_points: Floats, grid: int = 8) -> Picture:
    """Move `from_points` (n×2 pixels) to `to_points`, bending the rest of the picture as little as possible.

    The spline is evaluated on every `grid`-th pixel.
    """
    height, width = picture.shape[:2]
    spline = Spline(from_points, to_points, float(max(height, width)))
    gy, gx = np.mgrid[0 : height + grid : grid, 0 : width + grid : grid].astype(np.float64)
    coarse = spline.at(np.stack([gx.ravel(), gy.ravel()], axis=1)).reshape(*gx.shape, 2)
    return sample(picture, refine(coarse[..., 0], grid, height, width), refine(coarse[..., 1], grid, height, width))


def refine(coarse: Floats, grid: int, height: int, width: int) -> Floats:
    """Linear interpolation of a field known on every `grid`-th pixel to all pixels."""
    y, x = np.arange(height) / grid, np.arange(width) / grid
    top, left = y.astype(np.intp), x.astype(np.intp)
    fy, fx = (y - top)[:, None], (x - left)[None, :]
    a, b = coarse[np.ix_(top, left)], coarse[np.ix_(top, left + 1)]
    c, d = coarse[np.ix_(top + 1, left)], coarse[np.ix_(top + 1, left + 1)]
    return np.asarray((a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy)
