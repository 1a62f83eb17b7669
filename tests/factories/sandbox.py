"""The stand-ins for WeChat, the carrier and the portrait authority, started for one test on a port of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from core.http.client import tls
from sandbox.app import RunningSandbox, start
from sandbox.config import SandboxConfig


@asynccontextmanager
async def running_sandbox(**settings: Any) -> AsyncIterator[RunningSandbox]:
    sandbox = await start(SandboxConfig(**settings))
    try:
        yield sandbox
    finally:
        await sandbox.stop()


async def lever(sandbox: RunningSandbox, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Pull one of the stand-in's levers, as a person would on its page."""
    async with httpx.AsyncClient(base_url=sandbox.base_url, verify=tls()) as client:
        answer = await client.post(f"/_sandbox/{path}", json=body or {})
        answer.raise_for_status()
        return dict(answer.json())


async def login_code(sandbox: RunningSandbox, person: str) -> str:
    return str((await lever(sandbox, "wechat/login_code", {"person": person}))["code"])


async def break_next(sandbox: RunningSandbox, path: str, kind: str, times: int = 1, **more: Any) -> None:
    await lever(sandbox, "faults", {"path": path, "kind": kind, "times": times, **more})
