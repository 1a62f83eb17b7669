"""The whole hall behind its real HTTP server on a free port, with people who are logged in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api.runtime import listen, serving
from core.actor import SYSTEM, Actor, Role
from core.clock import ManualClock
from core.http.client import tls
from identity.accounts.service import NewStaff, Staff
from identity.sessions.service import Sessions
from tests.factories.cases import BACK, FRONT, CaseWorld, case_world
from tests.factories.hall import OFFICE, OTHER_OFFICE

WECHAT_TOKEN = "token-of-the-message-pushes"
STAFF: dict[str, tuple[str, Sequence[str], str]] = {
    "front": ("chen.jing", FRONT, OFFICE),
    "back": ("liu.yang", BACK, OFFICE),
    "elsewhere": ("far.away", (*FRONT, *BACK), OTHER_OFFICE),
    "trainee": ("trainee", (), OFFICE),
}
ID_NUMBERS = {"chen.jing": "510104199001010027", "far.away": "510104199001010019"}


@dataclass
class HttpHall:
    house: CaseWorld
    web: httpx.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    async def send(
        self, who: str | None, method: str, path: str, *, headers: dict[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        """`who` is a name in `tokens`, or None for nobody."""
        authorization = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return await self.web.request(method, path, headers={**authorization, **(headers or {})}, **content)

    async def refused(self, who: str | None, method: str, path: str, **content: Any) -> tuple[int, str]:
        """Status and code of an error answer, which always has the one shape."""
        answer = await self.send(who, method, path, **content)
        body = answer.json()
        assert set(body) == {"error"} and {"code", "message", "fields", "request_id"} == set(body["error"]), body
        assert body["error"]["request_id"] == answer.headers["x-request-id"]
        return answer.status_code, body["error"]["code"]

    async def done(self, who: str | None, method: str, path: str, **content: Any) -> Any:
        answer = await self.send(who, method, path, **content)
        assert answer.status_code < 300, answer.text
        return answer.json()["data"] if answer.headers["content-type"].startswith("application/json") else answer.content


async def _staff(house: CaseWorld, username: str, permissions: Sequence[str], office_id: str) -> Actor:
    new = NewStaff(
        username=username,
        password="correct horse battery",
        role="clerk",
        name="陈静",
        department="锦川市政务服务中心",
        office_id=office_id,
        permissions=list(permissions),
        id_number=ID_NUMBERS.get(username),
    )
    profile = (await house.hall.service(Staff).create(SYSTEM, new)).profile
    return Actor(Role.CLERK, profile.staff_id, frozenset(profile.permissions), profile.office_id)


@asynccontextmanager
async def open_hall(
    database_url: str, data_dir: Path, clock: ManualClock, *, staff: Sequence[str] = (), **env: str
) -> AsyncIterator[HttpHall]:
    """`staff` names the clerks of STAFF that the test needs: each costs a password hash."""
    sock = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{sock.getsockname()[1]}"
    env = {"ZT_WECHAT_TOKEN": WECHAT_TOKEN, **env}
    async with case_world(database_url, data_dir, clock, callback_url=address, **env) as house:
        opened = HttpHall(house, httpx.AsyncClient(base_url=address, timeout=30, verify=tls(), limits=httpx.Limits(max_connections=250)))
        opened.actors = {"zhang": house.zhang, "li": house.li, "wang": house.wang}
        for name in staff:
            opened.actors[name] = await _staff(house, *STAFF[name])
        for name, actor in opened.actors.items():
            opened.tokens[name] = await house.hall.service(Sessions).open(actor.kind, actor.id)
        house.front, house.back = opened.actors.get("front", house.front), opened.actors.get("back", house.back)
        async with serving(house.hall, sock), opened.web:
            yield opened
