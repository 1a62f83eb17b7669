"""One contract for every object store: memory, a local folder and S3 (moto's server, over HTTP)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from core.storage import ObjectStore, open_store
from tests.conftest import note_use

BUCKET = "zerotrip-files"


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["memory", "folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "memory":
        return open_store("memory://")
    if request.param == "folder":
        return open_store(f"file://{tmp_path}/a/b")
    note_use(request, "S3 (moto server)")
    return s3(request.getfixturevalue("s3_address"), f"run-{os.urandom(4).hex()}")


def s3(address: str, prefix: str) -> ObjectStore:
    import httpx

    httpx.put(f"{address}/{BUCKET}", headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/s3/aws4_request"})
    return open_store(f"s3://{BUCKET}/{prefix}?endpoint={address}&region=us-east-1", access_key="test", secret_key="test")


@pytest.fixture
async def filled(store: ObjectStore) -> AsyncIterator[ObjectStore]:
    await store.put("objects/ab/abc", b"one")
    await store.put("objects/cd/cde", b"two")
    yield store


@pytest.mark.parametrize("data", [b"", b"\x00", os.urandom(300_000)])
async def test_what_is_put_comes_back(store: ObjectStore, data: bytes) -> None:
    await store.put("objects/ab/abc", data)
    assert await store.get("objects/ab/abc") == data


async def test_putting_again_replaces(filled: ObjectStore) -> None:
    await filled.put("objects/ab/abc", b"new")
    assert await filled.get("objects/ab/abc") == b"new" and await filled.get("objects/cd/cde") == b"two"


async def test_what_is_not_there(filled: ObjectStore) -> None:
    for key in ("objects/ab/nothing", "objects", "x"):
        with pytest.raises(FileNotFoundError):
            await filled.get(key)


async def test_deleting_twice_is_fine(filled: ObjectStore) -> None:
    await filled.delete("objects/ab/abc")
    await filled.delete("objects/ab/abc")
    await filled.delete("never/there")
    with pytest.raises(FileNotFoundError):
        await filled.get("objects/ab/abc")
    assert await filled.keys() == ["objects/cd/cde"]


async def test_listing_by_prefix(filled: ObjectStore) -> None:
    assert await filled.keys() == ["objects/ab/abc", "objects/cd/cde"]
    assert await filled.keys("objects/cd") == ["objects/cd/cde"]
    assert await filled.keys("elsewhere") == []


async def test_ping_of_a_working_store(store: ObjectStore) -> None:
    await store.ping()


async def test_ping_of_a_store_that_is_gone() -> None:
    import obstore.exceptions

    gone = open_store("s3://bucket/p?endpoint=http://127.0.0.1:1&region=us-east-1", access_key="a", secret_key="b")
    with pytest.raises(obstore.exceptions.BaseError):
        await gone.ping()


async def test_a_local_store_keeps_to_its_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"secret")
    inside = open_store(f"file://{tmp_path}/inside")
    for key in ("../outside", "a/../../outside"):
        with pytest.raises(Exception, match=r"(?i)path|not found|invalid|relative"):
            await inside.get(key)
    assert outside.read_bytes() == b"secret"


@pytest.mark.parametrize("url", ["ftp://x/y", "http://host.example", "/just/a/path", ""])
def test_an_unknown_scheme_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="unsupported storage scheme"):
        open_store(url)


def test_a_folder_made_here_is_private(tmp_path: Path) -> None:
    open_store(f"file://{tmp_path}/data/objects")
    assert (tmp_path / "data" / "objects").stat().st_mode & 0o777 == 0o700
