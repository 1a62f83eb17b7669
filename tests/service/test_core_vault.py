"""Files at rest: encrypted, one object for one content, unreadable once altered, owners kept apart."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.crypto import BlindIndex, FieldCipher, Unsealable
from core.errors import NotFound
from core.models import StoredObject
from core.storage import ObjectStore, Vault, open_store

pytestmark = pytest.mark.usefixtures("database")
DATA = "营业执照 13912345678".encode() * 100
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store(f"file://{tmp_path}/objects")


@pytest.fixture
def vault(store: ObjectStore, clock: ManualClock) -> Vault:
    return made(store, clock)


def made(store: ObjectStore, clock: ManualClock, keys: dict[str, bytes] | None = None) -> Vault:
    keys = keys or {"k1": b"a" * 32}
    return Vault(store, FieldCipher(keys, next(iter(keys))), BlindIndex(b"i" * 32), clock)


async def test_what_is_put_comes_back_and_is_encrypted_at_rest(vault: Vault, store: ObjectStore) -> None:
    stored = await vault.put(DATA, "image/png")
    assert (stored.sha256, stored.size, stored.media_type) == (SHA, len(DATA), "image/png")
    assert await vault.get(SHA) == DATA
    (key,) = await store.keys()
    sealed = await store.get(key)
    assert b"13912345678" not in sealed and DATA[:32] not in sealed
    assert SHA not in key and SHA[:8] not in key


async def test_the_same_content_is_one_object(vault: Vault, store: ObjectStore) -> None:
    answers = [await vault.put(DATA, "image/png"), await vault.put(DATA, "application/pdf")]
    assert answers[0] == answers[1] and len(await store.keys()) == 1


async def test_many_at_once(vault: Vault, store: ObjectStore) -> None:
    await asyncio.gather(*(vault.put(DATA, "image/png") for _ in range(20)))
    assert await vault.get(SHA) == DATA and len(await store.keys()) == 1 and await StoredObject.all().count() == 1


async def test_owners_are_kept_apart(vault: Vault, store: ObjectStore) -> None:
    await vault.put(DATA, "image/png", scope="case_1")
    with pytest.raises(NotFound):
        await vault.get(SHA)
    with pytest.raises(NotFound):
        await vault.get(SHA, scope="case_2")
    await vault.put(DATA, "image/png", scope="case_2")
    assert len(await store.keys()) == 2
    await vault.delete(SHA, scope="case_1")
    await vault.delete(SHA, scope="case_1")
    with pytest.raises(NotFound):
        await vault.get(SHA, scope="case_1")
    assert await vault.get(SHA, scope="case_2") == DATA and len(await store.keys()) == 1


async def test_an_altered_object_is_refused(vault: Vault, store: ObjectStore) -> None:
    await vault.put(DATA, "image/png")
    (key,) = await store.keys()
    sealed = bytearray(await store.get(key))
    sealed[-40] ^= 1
    await store.put(key, bytes(sealed))
    with pytest.raises(Unsealable):
        await vault.get(SHA)


async def test_objects_that_swapped_places_are_refused(vault: Vault, store: ObjectStore) -> None:
    await vault.put(DATA, "image/png")
    await vault.put(b"other", "image/png")
    one, two = await store.keys()
    contents = await store.get(one), await store.get(two)
    await store.put(one, contents[1])
    with pytest.raises(Unsealable):
        await asyncio.gather(vault.get(SHA), vault.get(hashlib.sha256(b"other").hexdigest()))


async def test_a_lost_object_and_an_unknown_one(vault: Vault, store: ObjectStore) -> None:
    await vault.put(DATA, "image/png")
    for key in await store.keys():
        await store.delete(key)
    for sha256 in (SHA, "0" * 64, "", "../../etc/passwd"):
        with pytest.raises(NotFound):
            await vault.get(sha256)


async def test_a_row_without_its_object_is_mended_by_the_same_upload(vault: Vault, store: ObjectStore) -> None:
    """A restored bucket is older than the database: sending the file again must not be a no-op."""
    await vault.put(DATA, "image/png")
    for key in await store.keys():
        await store.delete(key)
    await vault.put(DATA, "image/png")
    assert await vault.get(SHA) == DATA


async def test_a_store_that_fails_leaves_no_row(clock: ManualClock) -> None:
    class Full:
        async def put(self, key: str, data: bytes) -> None:
            raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        await made(Full(), clock).put(DATA, "image/png")  # type: ignore[arg-type]
    assert await StoredObject.all().count() == 0


async def test_a_crash_between_object_and_row_is_healed_by_the_same_upload(vault: Vault, store: ObjectStore) -> None:
    await vault.put(DATA, "image/png")
    await StoredObject.all().delete()
    await vault.put(DATA, "image/png")
    assert await vault.get(SHA) == DATA and len(await store.keys()) == 1


async def test_files_stay_readable_after_a_key_rotation(store: ObjectStore, clock: ManualClock) -> None:
    await made(store, clock).put(DATA, "image/png")
    rotated = made(store, clock, {"k2": b"b" * 32, "k1": b"a" * 32})
    assert await rotated.get(SHA) == DATA
    with pytest.raises(Unsealable):
        await made(store, clock, {"k2": b"b" * 32}).get(SHA)
