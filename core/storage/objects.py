"""obstore behind the port: `memory://`, `file:///folder`, `s3://bucket/prefix?endpoint=…&region=…`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.store import LocalStore, MemoryStore, S3Store


class Objects:
    """Uses obstore's synchronous calls in threads: its asynchronous ones sometimes abort the interpreter at exit."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def put(self, key: str, data: bytes) -> None:
        await asyncio.to_thread(obstore.put, self._store, key, data)

    async def get(self, key: str) -> bytes:
        result = await asyncio.to_thread(lambda: obstore.get(self._store, key).bytes())
        return bytes(result)

    async def delete(self, key: str) -> None:
        try:
            await asyncio.to_thread(obstore.delete, self._store, key)
        except FileNotFoundError:
            return

    async def keys(self, prefix: str = "") -> list[str]:
        def collect() -> list[str]:
            return sorted(item["path"] for batch in obstore.list(self._store, prefix or None) for item in batch)

        return await asyncio.to_thread(collect)

    async def ping(self) -> None:
        await self.keys("health-check-prefix-without-objects")


def open_store(url: str, *, access_key: str = "", secret_key: str = "") -> Objects:
    """Open a store by URL; raises ValueError for a scheme that is not known. Credentials come from settings, never from the URL."""
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return Objects(MemoryStore())
    if parts.scheme == "file":
        folder = Path(parts.path)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Objects(LocalStore(folder))
    if parts.scheme == "s3":
        options = dict(parse_qsl(parts.query))
        endpoint = options.get("endpoint", "")
        # obstore takes no None: what is not given is left out, and without keys the machine's own role is used.
        given = {"endpoint": endpoint, "access_key_id": access_key, "secret_access_key": secret_key}
        more: Any = {name: value for name, value in given.items() if value}
        return Objects(
            S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                region=options.get("region", "us-east-1"),
                virtual_hosted_style_request=False,
                client_options={"allow_http": endpoint.startswith("http:")},
                **more,
            )
        )
    raise ValueError(f"unsupported storage scheme {parts.scheme!r}: use file:///folder, s3://bucket or memory://")
