"""Object storage as a port: bytes by key. Attributes are kept in our own rows (local stores refuse them)."""

from __future__ import annotations

from typing import Protocol


class ObjectStore(Protocol):
    async def put(self, key: str, data: bytes) -> None:
        """Create or replace; atomic for readers."""
        ...

    async def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        ...

    async def delete(self, key: str) -> None:
        """Deleting what is not there is fine."""
        ...

    async def keys(self, prefix: str = "") -> list[str]: ...

    async def ping(self) -> None: ...
