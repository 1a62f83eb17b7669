"""People who act before the browsers' camera: films of each movement, drawn once and kept, and a script that plays them by the prompts."""

from __future__ import annotations

import fcntl
import hashlib
import json
import tempfile
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from identity.liveness.reasons import ACTION_WORDS
from sandbox import faces
from sandbox.faces.films import MOVEMENTS, film_of

SCRIPT = Path(__file__).with_name("browser_actor.js")
REACTION = 0.6
Does = Callable[[str], list[str]]


def obediently(action: str) -> list[str]:
    return [action]


class Actor:
    """Who stands before the camera and what they do for a prompt; `person` None: nobody, the browser's film is shown."""

    def __init__(self) -> None:
        self.person: str | None = None
        self.does: Does = obediently

    def role(self) -> dict[str, Any]:
        does = {action: self.does(action) for action in ACTION_WORDS}
        words = {f"请{words}": action for action, words in ACTION_WORDS.items()}
        return {"person": self.person, "does": does, "words": words, "reaction": REACTION}

    def plays_in(self, context: BrowserContext) -> None:
        """Every page of the context has this person before its camera."""

        # Not by routes: they would turn the browser's cache off.
        context.expose_function("askActor", lambda name: json.dumps(self.role()) if name == "role" else films(name))
        context.add_init_script(path=SCRIPT)


@cache
def films(person: str) -> str:
    """JSON of the person's movements, each a list of JPEG frames in base64. Drawing takes seconds, so that they are kept between runs."""
    sources = b"".join(path.read_bytes() for path in sorted(Path(faces.__file__).parent.iterdir()) if path.is_file())
    folder = Path(tempfile.gettempdir()) / f"zerotrip-acting-{hashlib.sha256(sources).hexdigest()[:16]}"
    folder.mkdir(exist_ok=True)
    kept = folder / f"{person}.json"
    with (folder / f"{person}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            drawn = {name: [b64encode(frame).decode() for frame in film_of(person, name)] for name in ("neutral", *MOVEMENTS)}
            draft = kept.with_suffix(".draft")
            draft.write_text(json.dumps(drawn), "ascii")
            draft.replace(kept)
    return kept.read_text("ascii")
