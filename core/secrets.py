"""Keys that an installation makes for itself in development, in files only their owner can read; production takes them from settings."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import structlog

log = structlog.get_logger("secrets")


class LocalSecrets:
    """Named secrets in a folder; each is made once, atomically, so that two starting processes agree."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, name: str, length: int = 32) -> bytes:
        """The secret called `name`, created when absent."""
        return self.file(name, lambda: secrets.token_bytes(length))

    def file(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The content of a secret file; `make` gives its first content."""
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
                handle.write(make())
            try:
                os.link(draft, path)
                log.warning("development_secret_created", name=name, hint="set this by settings in production")
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_bytes()
