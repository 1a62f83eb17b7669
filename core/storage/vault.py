"""Files at rest: encrypted, addressed by content, stored once however often they are sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from core.clock import Clock
from core.crypto import BlindIndex, Cipher
from core.db import IntegrityError, transaction
from core.errors import NotFound
from core.models import StoredObject
from core.storage.ports import ObjectStore


@dataclass(frozen=True)
class StoredFile:
    sha256: str
    size: int
    media_type: str


class Vault:
    """The object key is a keyed digest, so that a leaked bucket listing does not tell which known file is held.

    `scope` (a case, "documents") separates owners: the same content in two scopes is two objects, and deleting one leaves the other.
    """

    def __init__(self, store: ObjectStore, cipher: Cipher, index: BlindIndex, clock: Clock) -> None:
        self._store, self._cipher, self._index, self._clock = store, cipher, index, clock

    def _key(self, scope: str, sha256: str) -> str:
        digest = self._index.of(f"{scope}:{sha256}", context="storage.key")
        return f"objects/{digest[:2]}/{digest}"

    async def put(self, data: bytes, media_type: str, *, scope: str = "documents") -> StoredFile:
        """Store `data` (idempotent). The object is written first: a crash leaves at most an unreferenced, unreadable object that the
        same upload reuses. It is written again where its row exists: a store restored from an older copy is mended by the next upload."""
        sha256 = hashlib.sha256(data).hexdigest()
        key = self._key(scope, sha256)
        await self._store.put(key, self._cipher.seal(data, context=f"object:{scope}:{sha256}"))
        row = await StoredObject.get_or_none(id=f"{scope}:{sha256}")
        if row is None:
            try:
                async with transaction():
                    row = await StoredObject.create(
                        id=f"{scope}:{sha256}", sha256=sha256, key=key, size=len(data), media_type=media_type, created_at=self._clock.now()
                    )
            except IntegrityError:
                row = await StoredObject.get(id=f"{scope}:{sha256}")
        return StoredFile(row.sha256, row.size, row.media_type)

    async def get(self, sha256: str, *, scope: str = "documents") -> bytes:
        """The file's bytes; NotFound when it was never stored or is gone, Unsealable when it was altered."""
        row = await StoredObject.get_or_none(id=f"{scope}:{sha256}")
        if row is None:
            raise NotFound()
        try:
            sealed = await self._store.get(row.key)
        except FileNotFoundError:
            raise NotFound() from None
        return self._cipher.open(sealed, context=f"object:{scope}:{sha256}")

    async def delete(self, sha256: str, *, scope: str = "documents") -> None:
        """Forget the file: the row first, then the object."""
        row = await StoredObject.get_or_none(id=f"{scope}:{sha256}")
        if row is not None:
            await row.delete()
            await self._store.delete(row.key)
