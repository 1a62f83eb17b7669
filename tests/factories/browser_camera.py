"""What the browsers' camera sees: a person who does what the prompts on the screen say (`browser_actor`), or else a Y4M film that Chromium
plays in a loop instead of a camera (640×480 rooms, 1280×960 codes).

Chromium reads the film when a page opens the camera, so the next picture may be put before it while the browser runs, as long as no page
holds the camera open.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import segno
from PIL import Image, ImageFilter

from sandbox import faces
from tests.factories.browser_actor import Actor, Does, obediently

FRAMES_A_SECOND = 15
CODE_SIZE = (1280, 960)


class Camera:
    def __init__(self, folder: Path) -> None:
        self.film = folder / "camera.y4m"
        self.actor = Actor()
        self.show_room()

    def show_face(self, person: str, *, does: Does = obediently) -> None:
        """Person "a" or "b", who sees the prompts on the screen and does `does(prompt)`. No two takes have a frame in common."""
        self.actor.person, self.actor.does = person, does

    def show_code(self, text: str) -> None:
        """A QR code on a sheet of paper on a desk."""
        self.show_pictures(drawn_code(text))

    def show_pictures(self, *pictures: bytes) -> None:
        """Pictures of codes (a label, a screenshot of somebody's screen) held before the camera in turn, two seconds each."""
        sheets = [_on_desk(picture) for picture in pictures]
        self._put(sheet for sheet in sheets for _ in range(2 * FRAMES_A_SECOND if len(sheets) > 1 else 3))

    def show_room(self) -> None:
        """Nobody there."""
        with Image.open(io.BytesIO(faces.no_face())) as room:
            self._put([room.convert("RGB")] * 3)

    def show_two_faces(self) -> None:
        with Image.open(io.BytesIO(faces.two_faces())) as both:
            self._put([both.convert("RGB")] * 3)

    def show_darkness(self, person: str) -> None:
        with Image.open(io.BytesIO(faces.dark(person))) as dark:
            self._put([dark.convert("RGB")] * 3)

    def _put(self, frames: Iterable[Image.Image]) -> None:
        self.actor.person = None
        draft = self.film.with_suffix(".draft")
        with draft.open("wb") as film:
            for number, frame in enumerate(frames):
                if number == 0:
                    film.write(f"YUV4MPEG2 W{frame.width} H{frame.height} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
                light, blue, red = frame.convert("YCbCr").split()
                half = (frame.width // 2, frame.height // 2)
                colours = (part.resize(half, Image.Resampling.BOX).tobytes() for part in (blue, red))
                film.write(b"FRAME\n" + light.tobytes() + b"".join(colours))
        draft.replace(self.film)


def drawn_code(text: str) -> bytes:
    """A QR code as large as the camera can see it whole, as PNG."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="png", border=4, scale=max(1, CODE_SIZE[1] * 9 // 10 // code.symbol_size(border=4)[0]))
    return drawn.getvalue()


def _on_desk(picture: bytes) -> Image.Image:
    with Image.open(io.BytesIO(picture)) as opened:
        sheet = opened.convert("RGB")
    room = max(sheet.width / CODE_SIZE[0], sheet.height / (CODE_SIZE[1] * 0.95))
    if room > 1:
        sheet = sheet.resize((int(sheet.width / room), int(sheet.height / room)), Image.Resampling.LANCZOS)
    desk = Image.fromarray(_wood())
    desk.paste(sheet, ((desk.width - sheet.width) // 2, (desk.height - sheet.height) // 2))
    return desk


def _wood() -> np.ndarray:
    grain = np.random.default_rng(5).normal(0, 26, (CODE_SIZE[1] // 6, CODE_SIZE[0] // 40))
    stretched = Image.fromarray(np.clip(grain + 128, 0, 255).astype(np.uint8)).resize(CODE_SIZE).filter(ImageFilter.GaussianBlur(2))
    tone = (np.asarray(stretched, dtype=np.float64) - 128)[..., None] * 0.5 + np.array([142.0, 108.0, 78.0])
    return np.clip(tone, 0, 255).astype(np.uint8)
