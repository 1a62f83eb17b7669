"""Publishing: a place in a status list for each credential, changes of status, and the signed lists themselves."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from tortoise.expressions import F

from core.clock import Clock
from core.db import IntegrityError, transaction
from core.errors import NotFound
from esign.authority import Purpose, fingerprint
from esign.credentials import status_list, trust_list
from esign.credentials.cwt import StatusReference
from esign.credentials.status_list import Status
from esign.keys import KeyStore
from esign.publication.models import PublishedTrustList, StatusEntry, StatusListHead

LIST_SIZE = 1 << 17
_DRAWS = 64


class Publication:
    """`base_url` is where the lists are served; it is printed into credentials and must not change afterwards."""

    def __init__(self, *, clock: Clock, keys: KeyStore, base_url: str, status_life: timedelta, trust_life: timedelta) -> None:
        self._clock, self._keys, self._base = clock, keys, base_url.rstrip("/")
        self._status_life, self._trust_life = status_life, trust_life

    def _uri(self, list_id: str) -> str:
        return f"{self._base}/api/open/status-lists/{list_id}"

    async def allocate(self, credential_id: str, issuer: str) -> StatusReference:
        """The place of `credential_id` in its issuer's list; the same place when asked again. Call it inside a transaction."""
        held = await StatusEntry.get_or_none(id=credential_id)
        if held is not None:
            return StatusReference(self._uri(held.list_id), held.idx)
        list_id = f"{issuer}-1"
        if not await StatusListHead.exists(id=list_id):
            try:
                async with transaction():
                    await StatusListHead.create(id=list_id, issuer=issuer)
            except IntegrityError:
                pass
        for _ in range(_DRAWS):
            index = status_list.random_index(LIST_SIZE)
            try:
                async with transaction():
                    await StatusEntry.create(id=credential_id, list_id=list_id, idx=index, changed_at=self._clock.now())
            except IntegrityError:
                continue
            return StatusReference(self._uri(list_id), index)
        raise RuntimeError("the status list is full")

    async def set_status(self, credential_id: str, status: Status) -> None:
        """Change a credential's status inside the caller's transaction; the next fetch of the list shows it."""
        entry = await StatusEntry.get_or_none(id=credential_id)
        if entry is None:
            raise NotFound()
        if await StatusEntry.filter(id=entry.id).exclude(status=int(status)).update(status=int(status), changed_at=self._clock.now()):
            await StatusListHead.filter(id=entry.list_id).update(revision=F("revision") + 1)

    async def status_list(self, list_id: str) -> bytes:
        """The signed Token Status List (CWT), made anew after a change and at half of its life. NotFound for an unknown list."""
        head = await StatusListHead.get_or_none(id=list_id)
        if head is None:
            raise NotFound()
        now = self._clock.now()
        is_current = head.content is not None and head.content_revision == head.revision
        if is_current and head.issued_at is not None and now < head.issued_at + self._status_life / 2:
            return bytes(head.content or b"")
        changed = await StatusEntry.filter(list_id=list_id).exclude(status=0)
        content = status_list.build(
            {entry.idx: Status(entry.status) for entry in changed},
            await self._keys.identity(Purpose.STATUS, head.issuer),
            uri=self._uri(list_id),
            issuer=head.issuer,
            size=LIST_SIZE,
            now=now,
            ttl=self._status_life,
        )
        # Only a list made for the revision that is still current is kept; a change in between makes the next caller build again.
        await StatusListHead.filter(id=list_id, revision=head.revision).update(
            content=content, content_revision=head.revision, issued_at=now
        )
        return content

    async def list_ids(self) -> list[str]:
        return [head.id for head in await StatusListHead.all().order_by("id")]

    async def trust_list(self) -> bytes:
        """The signed trust list: a new version when a key changed, or at half of the last one's life."""
        entries, roots = await self._keys.certificates(), await self._keys.roots()
        now = self._clock.now()
        mark = hashlib.sha256()
        for entry in entries:
            mark.update(fingerprint(entry.certificate) + entry.state.encode() + str(entry.compromised_at).encode())
        latest = await PublishedTrustList.all().order_by("-id").first()
        if latest is not None and latest.fingerprint == mark.hexdigest() and now < latest.issued_at + self._trust_life / 2:
            return bytes(latest.content)
        version = latest.id + 1 if latest else 1
        content = trust_list.build(
            entries, roots, await self._keys.identity(Purpose.TRUST), version=version, now=now, life=self._trust_life
        )
        try:
            async with transaction():
                await PublishedTrustList.create(id=version, fingerprint=mark.hexdigest(), content=content, issued_at=now)
        except IntegrityError:
            return bytes((await PublishedTrustList.get(id=version)).content)
        return content
