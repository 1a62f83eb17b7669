"""The packaged people's movements, each drawn once as a short film that can be played whenever it is asked for, never twice the same."""

from __future__ import annotations

from functools import lru_cache

from sandbox.faces.acting import Act, doing, draw, jpegs

FPS = 15
MOVEMENTS = ("blink", "mouth", "nod", "turn_left", "turn_right")
_ACTS = {
    # As short as a blink is: longer ones shift the points of the whole face.
    "blink": Act("blink", 0.0, 0.2),
    "mouth": Act("mouth", 0.0, 0.9),
    "nod": Act("nod", 0.0, 1.1),
    "turn_left": Act("turn_left", 0.0, 1.3),
    "turn_right": Act("turn_right", 0.0, 1.3),
}


@lru_cache(maxsize=12)
def film_of(person: str, movement: str) -> tuple[bytes, ...]:
    """JPEG frames (640×480, 15 a second) of person "a" or "b" who makes one of MOVEMENTS, or is "neutral": one frame.

    Drawing takes about 0.1 s a frame. What goes comes back the same way, so that half of the frames are drawn.
    """
    if movement == "neutral":
        return tuple(jpegs([draw(person, doing(_ACTS["nod"], 0.0), 1)], quality=92))
    act = _ACTS[movement]
    count = round(act.seconds * FPS)
    course = [doing(act, act.seconds * (number + 0.5) / count) for number in range((count + 1) // 2)]
    there = jpegs((draw(person, at, number) for number, at in enumerate(course)), quality=92)
    return (*there, *reversed(there[: count // 2]))
