"""Somebody before a camera now: the films of `films`, played when a movement is asked for; no two frames are alike."""

from __future__ import annotations

import io
import math
from functools import lru_cache

import numpy as np
from PIL import Image

from sandbox import faces
from sandbox.faces.films import FPS, film_of

REACTION_SECONDS = 0.6
_PAUSE_SECONDS = 0.3
_SIZE = (640, 480)
_GRAIN = 3.0


class Performance:
    """`person` "a" or "b"; "nobody" and "couple" only stand there, and so does "photo", the portrait of "a" held up and moved about.

    Times are seconds of whatever clock the caller films by.
    """

    def __init__(self, person: str) -> None:
        self._person = person
        self._acts: list[tuple[float, str]] = []
        self._random = np.random.default_rng()
        self._phases = self._random.uniform(0, 2 * math.pi, 6)

    def asked(self, movements: list[str], t: float) -> None:
        """From `t` on the person does these, one after the other, after the time that it takes to read a prompt."""
        start = t + REACTION_SECONDS
        self._acts = []
        for movement in movements if self._person in {"a", "b"} else []:
            self._acts.append((start, movement))
            start += len(film_of(self._person, movement)) / FPS + _PAUSE_SECONDS

    def frame(self, t: float) -> bytes:
        """JPEG, 640×480."""
        picture = _picture(self._person, *self._place(t))
        sway = [math.sin(speed * t + phase) for speed, phase in zip((0.8, 0.7, 1.1, 2.1, 3.7), self._phases, strict=False)]
        zoom, across, down = 1.02 + 0.012 * sway[0], 5 * sway[1], 4 * sway[2]
        left, top = 320 - (320 + across) / zoom, 240 - (240 + down) / zoom
        moved = picture.transform(_SIZE, Image.Transform.AFFINE, (1 / zoom, 0, left, 0, 1 / zoom, top), Image.Resampling.BILINEAR)
        light = 255 * (0.02 * sway[3] + 0.015 * sway[4])
        row, column = self._random.integers(0, 80, 2)
        noisy = np.asarray(moved, np.float32) + _grain()[row : row + 480, column : column + 640, None] + light
        out = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=88)
        return out.getvalue()

    def _place(self, t: float) -> tuple[str, int]:
        for start, movement in self._acts:
            number = math.floor((t - start) * FPS)
            if 0 <= number < len(film_of(self._person, movement)):
                return movement, number
        return "neutral", 0


@lru_cache(maxsize=256)
def _picture(person: str, movement: str, number: int) -> Image.Image:
    stills = {"nobody": faces.no_face, "couple": faces.two_faces}
    if person == "photo":
        data = faces.portrait("a")
    else:
        data = stills[person]() if person in stills else film_of(person, movement)[number]
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    if picture.size == _SIZE:
        return picture
    picture.thumbnail(_SIZE)
    sheet = Image.new("RGB", _SIZE, (150, 150, 150))
    sheet.paste(picture, ((_SIZE[0] - picture.width) // 2, (_SIZE[1] - picture.height) // 2))
    return sheet


@lru_cache(maxsize=1)
def _grain() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(7).normal(0, _GRAIN, (560, 720)).astype(np.float32)
