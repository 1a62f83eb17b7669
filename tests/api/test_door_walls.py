"""Who may not enter: no token, a bad one, a revoked one, and every route called as every role that it is not for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.rooms import all_routes
from core.actor import Role
from core.http.routes import Audience, Endpoint
from identity.sessions.service import Sessions
from tests.factories.door import ROLES, Door

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LEAVES = re.compile(r"/(logout|revoke-sessions|deactivate)$")


def guarded(door: Door) -> Iterator[tuple[Endpoint, str]]:
    """Every route behind a wall, with its path filled with ids of nothing."""
    for routes in all_routes(door.world.hall.settings):
        for endpoint in routes.endpoints:
            # Who speaks over a WebSocket says so in the first message: tests/api/test_capture_stream.py.
            if endpoint.audience not in {Audience.OPEN, Audience.CALLBACK} and endpoint.hello is None:
                yield endpoint, re.sub(r"<(\w+)(:\w+)?>", "nothing_01m82bxdregk7s0nhnxgqzqa4y", endpoint.path)


async def test_every_route_refuses_every_other_role(house_door: Door) -> None:
    wrong: list[str] = []
    asked = 0
    for role in (None, *ROLES):
        async with house_door.client(role) as web:
            for endpoint, path in guarded(house_door):
                if role == endpoint.audience.value:
                    continue
                answer = await web.request(endpoint.method, path)
                asked += 1
                expected = (401, "auth.required") if role is None else (403, "auth.forbidden")
                if (answer.status_code, answer.json()["error"]["code"]) != expected:
                    wrong.append(f"{role} {endpoint.method} {path}: {answer.status_code}")
    assert wrong == [] and asked > 300


async def test_its_own_role_passes_the_wall(house_door: Door) -> None:
    """Otherwise the test above would be content with a door that nobody can open."""
    wrong: list[str] = []
    for role in ROLES:
        async with house_door.client(role) as web:
            for endpoint, path in guarded(house_door):
                if role == endpoint.audience.value and not LEAVES.search(path):
                    answer = await web.request(endpoint.method, path)
                    if answer.status_code in {401, 403} or answer.status_code >= 500:
                        wrong.append(f"{role} {endpoint.method} {path}: {answer.status_code}")
    assert wrong == []


async def test_a_clerk_without_the_permission_is_refused(house_door: Door) -> None:
    needing = [(endpoint, path) for endpoint, path in guarded(house_door) if endpoint.needs]
    async with house_door.client("trainee") as web:
        refused = {(await web.request(endpoint.method, path)).status_code for endpoint, path in needing}
    assert refused == {403} and len(needing) > 15


NO_TOKENS = (
    "Bearer", "Bearer x", "Basic dXNlcjpwYXNz", "bearer " + "A" * 43, "Bearer " + "A" * 5_000, "Bearer " + "令" * 14, "Token abc",
    "Bearer a b c", "Bearer ' OR '1'='1",
)  # fmt: skip


async def test_a_token_that_is_none(house_door: Door) -> None:
    """Also on open routes: whoever offers a token wants to be somebody."""
    async with house_door.client() as web:
        for value in NO_TOKENS:
            for path in ("/api/citizen/me", "/api/open/catalog/items"):
                answer = await web.get(path, headers=[(b"authorization", value.encode())])
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "auth.required"), value
                assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends_at_once(house_door: Door) -> None:
    sessions = house_door.world.hall.service(Sessions)
    token = await sessions.open(Role.CITIZEN, house_door.accounts["citizen"])
    async with house_door.client() as web:
        headers = {"authorization": f"Bearer {token}"}
        assert (await web.get("/api/citizen/me", headers=headers)).status_code == 200
        assert (await web.post("/api/citizen/logout", headers=headers)).status_code == 200
        assert (await web.get("/api/citizen/me", headers=headers)).status_code == 401
    async with house_door.client("citizen") as other:
        assert (await other.get("/api/citizen/me")).status_code == 200


async def test_an_admin_ends_every_session_of_an_account(house_door: Door) -> None:
    async with house_door.client("admin") as admin, house_door.client("supervisor") as supervisor:
        assert (await supervisor.get("/api/supervisor/me")).status_code == 200
        await admin.post(f"/api/admin/accounts/{house_door.accounts['supervisor']}/revoke-sessions")
        assert (await supervisor.get("/api/supervisor/me")).status_code == 401
        assert (await admin.post(f"/api/admin/staff/{house_door.accounts['clerk']}/deactivate")).status_code == 200
    async with house_door.client("clerk") as clerk:
        assert (await clerk.get("/api/clerk/me")).status_code == 401


async def test_a_session_grows_old(house_door: Door) -> None:
    async with house_door.client("clerk") as clerk:
        house_door.world.clock.advance(minutes=29)
        assert (await clerk.get("/api/clerk/me")).status_code == 200
        house_door.world.clock.advance(minutes=31)
        assert (await clerk.get("/api/clerk/me")).status_code == 401


async def test_a_token_of_one_kind_opens_no_door_of_another(house_door: Door) -> None:
    """The session is bound to its kind: a citizen's account id in a clerk's session is nobody."""
    token = await house_door.world.hall.service(Sessions).open(Role.CLERK, house_door.accounts["citizen"])
    async with house_door.client() as web:
        assert (await web.get("/api/clerk/me", headers={"authorization": f"Bearer {token}"})).status_code == 401
