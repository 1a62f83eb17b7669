"""Signs of a recording in the thumbnails of a capture: loops, and traces by which a recording is known when it is played again.

A trace is a difference hash of what moved: the frame's thumbnail less the mean of the capture. Room, light and clothes, which are the same
when an honest person tries again, fall out of it; the same movement, pixel for pixel, is the same film.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from identity.liveness.facts import Loop

Thumbnail = NDArray[np.uint8]
SAME = 0.4
"""Mean gray difference at 32×24 below which two frames show the same."""
MOVED = 1.0
_LEAST_LAG, _LEAST_RUN = 0.5, 0.4
_TRACED = 1.5
_HASH = (8, 9)
_LEAST_SEEN = 5


def find_loops(t: Sequence[float], thumbnails: Sequence[Thumbnail]) -> tuple[Loop, ...]:
    """Stretches of at least 0.4 s that repeat earlier ones with something else between; the longest for each lag."""
    if len(thumbnails) < 4:
        return ()
    times = np.asarray(t, dtype=np.float64)
    flat = np.stack([thumbnail.ravel() for thumbnail in thumbnails]).astype(np.float32)
    apart = np.stack([np.abs(flat - one).mean(1) for one in flat])
    step = float(np.median(np.diff(times)))
    loops = []
    for lag in range(max(1, round(_LEAST_LAG / step)), len(times)):
        best: tuple[int, int] | None = None
        same = np.diagonal(apart, lag) < SAME
        edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            last = int(end) - 1
            has_moved = apart[first, first : first + lag + 1].max() >= MOVED
            if times[last] - times[first] >= _LEAST_RUN and has_moved and (best is None or last - first > best[1] - best[0]):
                best = (int(first), last)
        if best is not None:
            loops.append(Loop(float(times[best[0] + lag]), float(times[best[1] + lag]), float(times[best[0] + lag] - times[best[0]])))
    return tuple(loops[:8])


def traces(thumbnails: Sequence[Thumbnail]) -> tuple[str, ...]:
    """One hash for every frame in which enough moved, 16 hexadecimal digits each."""
    if len(thumbnails) < 4:
        return ()
    stack = np.stack(thumbnails).astype(np.float32)
    moved = stack - stack.mean(0)
    rows, columns = _HASH
    height, width = stack.shape[1:]
    high, wide = height // rows * rows, width // columns * columns
    made = []
    for frame in moved:
        if float(np.abs(frame).mean()) < _TRACED:
            continue
        coarse = frame[:high, :wide].reshape(rows, high // rows, columns, wide // columns).mean((1, 3))
        bits = (coarse[:, 1:] > coarse[:, :-1]).ravel()
        made.append(np.packbits(bits).tobytes().hex())
    return tuple(made)


def share_seen(new: Sequence[str], earlier: Sequence[str], *, bits: int = 5) -> float:
    """Which share of the traces `new` is within `bits` of one of `earlier`; 0 for fewer than five, which chance may make alike."""
    if not new or not earlier:
        return 0.0
    one = np.array([int(value, 16) for value in new], dtype=np.uint64)
    other = np.array([int(value, 16) for value in earlier], dtype=np.uint64)
    distance = np.bitwise_count(one[:, None] ^ other[None, :])
    seen = distance.min(1) <= bits
    return float(seen.mean()) if seen.sum() >= _LEAST_SEEN else 0.0
