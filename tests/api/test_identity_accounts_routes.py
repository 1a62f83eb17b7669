"""Logins and accounts over HTTP, with real tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from core.actor import SYSTEM, Actor
from core.clock import ManualClock
from core.crypto import FieldCipher
from core.db import Database
from core.http.idempotency import Idempotency
from identity.accounts import routes_admin, routes_citizen, routes_clerk, routes_courier, routes_open
from identity.accounts.couriers import NewCourier
from identity.accounts.service import Accounts, Couriers, Staff
from identity.liveness import routes_citizen as verification_citizen
from identity.liveness import routes_clerk as verification_clerk
from identity.liveness import routes_open as verification_open
from identity.liveness.consent import VERSION
from identity.liveness.service import FaceConsents, Verifications
from identity.parity import routes_supervisor as verification_supervisor
from identity.parity.service import Parity
from identity.sessions.service import Sessions
from tests.factories.identity import LI, ZHANG, IdentityWorld
from tests.factories.moving import Shown, clip
from tests.factories.served import served

PASSWORD = "correct horse battery"
FILES = (
    *(routes_admin, routes_citizen, routes_clerk, routes_courier, routes_open),
    *(verification_citizen, verification_clerk, verification_open, verification_supervisor),
)


@dataclass
class Web:
    identity: IdentityWorld
    client: httpx.AsyncClient
    actors: dict[str, Actor] = field(default_factory=dict)

    async def call(self, token: str, method: str, path: str, body: Any = None, *, status: int = 200, **extra: Any) -> Any:
        """As whoever `token` resolves to at this moment."""
        self.actors.clear()
        actor = await self.identity.sessions.resolve(token)
        if actor is not None:
            self.actors["me"] = actor
        answer = await self.client.request(method, path, json=body, headers={"x-test-actor": "me"}, **extra)
        assert answer.status_code == status, answer.text
        return answer.json()["error"]["code"] if status >= 400 else answer.json()["data"]

    async def citizen(self, openid: str, person: tuple[str, str] | None = None) -> str:
        login = await self.call("", "POST", "/api/open/login/wechat", {"code": self.identity.wechat.code_for(openid)})
        if person:
            await self.call(login["token"], "PUT", "/api/citizen/me/identity", {"name": person[0], "id_number": person[1]})
        return str(login["token"])

    async def staff(self, username: str, role: str = "clerk", **more: Any) -> str:
        _, secret = await self.identity.hire(username, role=role, **more)
        credentials = {"username": username, "password": PASSWORD, "totp": self.identity.totp(secret)}
        return str((await self.call("", "POST", "/api/open/login/staff", credentials))["token"])


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def web(database: Database, clock: ManualClock) -> AsyncIterator[Web]:
    identity = IdentityWorld(clock)
    services: dict[type, Any] = {
        Accounts: identity.accounts,
        Couriers: identity.couriers,
        FaceConsents: identity.consents,
        Idempotency: Idempotency(FieldCipher({"k1": b"c" * 32}, "k1"), clock),
        Sessions: identity.sessions,
        Staff: identity.staff,
        Verifications: identity.verifications,
        Parity: Parity(clock=identity.clock),
    }
    actors: dict[str, Actor] = {}
    async with served([file.routes for file in FILES], services, actors) as address, httpx.AsyncClient(base_url=address) as client:
        yield Web(identity, client, actors)


async def test_a_citizen_logs_in_declares_and_logs_out(web: Web) -> None:
    token = await web.citizen("o1", ZHANG)
    me = await web.call(token, "GET", "/api/citizen/me")
    assert me["name"] == "张*" and me["id_number"] == "5101**********001X" and me["level"] == "L2"
    levels = await web.call(token, "GET", "/api/citizen/me/levels")
    assert [one["level"] for one in levels if one["step"] is None] == ["L0", "L2"]
    await web.call(token, "POST", "/api/citizen/logout")
    assert await web.call(token, "GET", "/api/citizen/me", status=401) == "auth.required"


async def test_bad_logins_and_declarations_have_their_codes(web: Web) -> None:
    code = web.identity.wechat.code_for("o1")
    token = (await web.call("", "POST", "/api/open/login/wechat", {"code": code}))["token"]
    assert await web.call("", "POST", "/api/open/login/wechat", {"code": code}, status=422) == "wechat.code_used"
    assert await web.call("", "POST", "/api/open/login/wechat", {"code": ""}, status=422) == "request.invalid"
    assert await web.call("", "POST", "/api/open/login/wechat", {}, status=422) == "request.invalid"
    place = "/api/citizen/me/identity"
    assert (
        await web.call(token, "PUT", place, {"name": "张伟", "id_number": "510104199203150011"}, status=422) == "identity.id_number_invalid"
    )
    assert await web.call(token, "PUT", place, {"name": "张", "id_number": ZHANG[1]}, status=422) == "identity.name_invalid"
    assert await web.call(token, "PUT", place, {"name": "张伟", "id_number": LI[1]}, status=422) == "identity.not_matched"
    await web.citizen("o2", ZHANG)
    assert (
        await web.call(token, "PUT", place, dict(zip(("name", "id_number"), ZHANG, strict=True)), status=409) == "identity.id_number_taken"
    )
    wrong = {"username": "nobody", "password": "x", "totp": "000000"}
    assert await web.call("", "POST", "/api/open/login/staff", wrong, status=401) == "auth.credentials_wrong"
    assert await web.call("", "POST", "/api/open/login/staff", {**wrong, "totp": "abcdef"}, status=422) == "request.invalid"


async def test_an_admin_makes_staff_and_couriers_and_ends_their_sessions(web: Web) -> None:
    admin = await web.staff("root", "admin")
    new = {"username": "lilei", "password": PASSWORD, "role": "clerk", "name": "李雷", "department": "窗口"}
    created = await web.call(admin, "POST", "/api/admin/staff", new, status=201)
    assert created["provisioning_uri"].startswith("otpauth://totp/")
    listed = await web.call(admin, "GET", "/api/admin/staff?role=clerk")
    assert [person["username"] for person in listed] == ["lilei"] and "provisioning_uri" not in str(listed)
    clerk = await web.staff("hanmei")
    assert (await web.call(clerk, "GET", "/api/clerk/me"))["username"] == "hanmei"
    assert await web.call(clerk, "POST", "/api/admin/staff", new, status=403) == "auth.forbidden"
    citizen = await web.citizen("o1")
    account = (await web.call(citizen, "GET", "/api/citizen/me"))["account_id"]
    assert (await web.call(admin, "POST", f"/api/admin/accounts/{account}/revoke-sessions"))["sessions"] == 1
    assert await web.call(citizen, "GET", "/api/citizen/me", status=401) == "auth.required"
    await web.call(admin, "POST", f"/api/admin/staff/{created['profile']['staff_id']}/deactivate")
    assert await web.call(admin, "POST", "/api/admin/staff/staff_none/deactivate", status=404) == "request.not_found"
    courier = await web.call(admin, "POST", "/api/admin/couriers", {"carrier": "ems", "employee_no": "17", "name": "赵师傅"}, status=201)
    login = {"code": web.identity.wechat.code_for("o1"), "activation_code": courier["activation_code"]}
    token = (await web.call("", "POST", "/api/open/login/courier", login))["token"]
    assert (await web.call(token, "GET", "/api/courier/me"))["carrier"] == "ems"
    assert await web.call(token, "GET", "/api/citizen/me", status=403) == "auth.forbidden"


async def test_a_citizen_who_is_no_courier_cannot_log_in_as_one(web: Web) -> None:
    await web.citizen("o1")
    await web.identity.couriers.register(SYSTEM, NewCourier("ems", "17", "赵师傅"))
    login = {"code": web.identity.wechat.code_for("o1")}
    assert await web.call("", "POST", "/api/open/login/courier", login, status=401) == "auth.courier_unknown"


async def test_a_face_check_over_http(web: Web) -> None:
    token = await web.citizen("o1", ZHANG)
    start = {"purpose": "sign", "application_id": "case_1", "consent_version": VERSION, "document_sha256": "d" * 64}
    assert await web.call(token, "POST", "/api/citizen/verifications", start, status=409) == "identity.consent_needed"
    text = await web.call(token, "GET", "/api/citizen/face-consent")
    assert not text["is_given"] and "book_counter" in [route["code"] for route in text["other_routes"]]
    await web.call(token, "PUT", "/api/citizen/face-consent", {"version": text["version"]})
    view = await web.call(token, "POST", "/api/citizen/verifications", start, status=201)
    place = f"/api/citizen/verifications/{view['id']}/clip"
    files = [("clip", ("1.mp4", clip([Shown()]), "video/mp4"))]
    challenge = await web.call(token, "POST", f"{place}-challenge")
    assert await web.call(token, "POST", place, status=422, files=files, data={"nonce": "x"}) == "identity.nonce_wrong"
    assert await web.call(token, "POST", place, status=422, data={"nonce": challenge["nonce"]}) == "upload.missing"
    other = await web.citizen("o2")
    assert await web.call(other, "POST", place, status=404, files=files, data={"nonce": challenge["nonce"]}) == "request.not_found"
    actor = await web.identity.sessions.resolve(token)
    assert actor is not None
    await web.identity.filmed(actor, await web.identity.verifications.get(actor, view["id"]))
    done = await web.call(token, "GET", f"/api/citizen/verifications/{view['id']}")
    assert done["outcome"] == "accept" and "threshold" not in str(done) and "0.45" not in str(done)
    issued = await web.call(token, "POST", f"/api/citizen/verifications/{view['id']}/assertion")
    assert issued["assertion"].count(".") == 2
    listed = await web.call(token, "GET", "/api/citizen/verifications?application_id=case_1")
    assert [item["id"] for item in listed] == [view["id"]]
    assert not (await web.call(token, "DELETE", "/api/citizen/face-consent"))["is_given"]
    keys = await web.client.get("/api/open/identity/jwks.json")
    assert keys.headers["content-type"] == "application/jwk-set+json" and keys.json()["keys"][0]["alg"] == "ES256"


async def test_the_counter_over_http(web: Web) -> None:
    citizen = await web.citizen("o1", ZHANG)
    account = (await web.call(citizen, "GET", "/api/citizen/me"))["account_id"]
    clerk = await web.staff("wangli", permissions=["identity.counter"], id_number="510104199001010019")
    trainee = await web.staff("trainee")
    body = {
        "account_id": account,
        "application_id": "case_1",
        "evidence": {
            "document_kind": "resident_id_card",
            "checked": ["document_genuine", "holder_matches_photo", "number_matches_account"],
            "id_number": ZHANG[1],
        },
    }
    assert await web.call(trainee, "POST", "/api/clerk/identity/counter", body, status=403) == "auth.forbidden"
    assert (await web.call(clerk, "GET", f"/api/clerk/identity/holders/{account}"))["name"] == "张伟"
    bad = {**body, "evidence": {**body["evidence"], "document_kind": "library_card"}}
    assert await web.call(clerk, "POST", "/api/clerk/identity/counter", bad, status=422) == "request.invalid"
    done = await web.call(clerk, "POST", "/api/clerk/identity/counter", body, status=201)
    assert (await web.call(citizen, "POST", f"/api/citizen/verifications/{done['verification_id']}/assertion"))["assertion"]
    supervisor = await web.staff("inspector", "supervisor")
    reports = await web.call(supervisor, "GET", "/api/supervisor/identity/routes?days=7")
    assert [(report["method"], report["accepted"]) for report in reports] == [("face", 0), ("counter", 1), ("video", 0), ("ukey", 0)]
