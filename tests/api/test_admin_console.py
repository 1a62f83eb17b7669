"""What an admin and a supervisor do in the console: items, couriers, new passwords, audit chains; and everybody's log-out."""

from __future__ import annotations

import pyotp
import pytest

from core import audit
from core.ids import new_id
from hall.catalog.models import ServiceItem
from tests.factories.catalog import CATERING_CODE
from tests.factories.door import ROLES, Door


async def test_items_are_listed_with_what_is_wrong_and_taken_off_the_list(house_door: Door) -> None:
    """R13, R17, R19, R21: also drafts and withdrawn items, each with the findings of the same checks as at the import."""
    stored = await ServiceItem.get(code=CATERING_CODE)
    worse = stored.document.replace('"promised_days":3', '"promised_days":999')
    await ServiceItem.create(
        id=new_id("item"),
        **{name: getattr(stored, name) for name in ("code", "basic_code", "department_id", "audiences", "search_text", "imported_at")},
        name="小餐饮备案（拟修订）",
        version=stored.version + 1,
        status="draft",
        digest="0" * 64,
        document=worse,
    )
    async with house_door.client("admin") as admin, house_door.client() as open_web:
        listed = {item["code"]: item for item in (await admin.get("/api/admin/catalog/items")).json()["data"]}
        draft = listed.pop(CATERING_CODE)
        assert (draft["version"], draft["status"], draft["promised_days"]) == (stored.version + 1, "draft", 999)
        assert {finding["code"] for finding in draft["findings"]} >= {"promised_days"} and all(one["text"] for one in draft["findings"])
        assert len(listed) == 4 and all(item["status"] == "published" and item["findings"] == [] for item in listed.values())
        assert all(item["materials"] > 0 and item["withdrawn_at"] is None for item in listed.values())
        other = next(iter(listed))
        assert (await open_web.get(f"/api/open/catalog/items/{other}")).status_code == 200
        assert (await admin.post(f"/api/admin/catalog/items/{other}/withdraw")).status_code == 200
        assert (await admin.post(f"/api/admin/catalog/items/{other}/withdraw")).status_code == 403
        assert (await open_web.get(f"/api/open/catalog/items/{other}")).status_code == 403
        again = {item["code"]: item for item in (await admin.get("/api/admin/catalog/items")).json()["data"]}
        assert again[other]["status"] == "withdrawn" and again[other]["withdrawn_at"]
    assert (await audit.links("catalog"))[-1].actor_id == house_door.accounts["admin"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_clerk_gets_a_new_password_and_a_new_authenticator(house_door: Door) -> None:
    clerk = house_door.accounts["clerk"]
    async with house_door.client("admin") as admin, house_door.client("clerk") as desk, house_door.client() as web:
        assert (await desk.get("/api/clerk/me")).status_code == 200
        password = (await admin.post(f"/api/admin/staff/{clerk}/reset-password")).json()["data"]["password"]
        assert (await desk.get("/api/clerk/me")).status_code == 401
        uri = (await admin.post(f"/api/admin/staff/{clerk}/reset-totp")).json()["data"]["provisioning_uri"]
        totp = pyotp.TOTP(uri.split("secret=")[1].split("&")[0]).at(house_door.world.clock.now())
        body = {"username": "clerk.elsewhere", "password": password, "totp": totp}
        assert (await web.post("/api/open/login/staff", json=body)).status_code == 200
        own = house_door.accounts["admin"]
        for what in ("reset-password", "reset-totp"):
            answer = await admin.post(f"/api/admin/staff/{own}/{what}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "staff.own_account")
            assert (await admin.post(f"/api/admin/staff/staff_nobody/{what}")).status_code == 404
        couriers = (await admin.get("/api/admin/couriers")).json()["data"]
        assert [(one["courier_id"], one["employee_no"]) for one in couriers] == [(house_door.accounts["courier"], "EMS0009")]


ADMIN_ACTIONS = {
    "reset_password": "/api/admin/staff/{}/reset-password", "reset_totp": "/api/admin/staff/{}/reset-totp",
    "deactivate": "/api/admin/staff/{}/deactivate", "revoke_sessions": "/api/admin/accounts/{}/revoke-sessions",
}  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_is_offered_to_lock_himself_out(house_door: Door) -> None:
    """The list says which row is the reader's own and what may be done to each; what is not offered to oneself is refused as well."""
    async with house_door.client("admin") as admin:

        async def listed() -> dict[str, dict[str, object]]:
            return {row["staff_id"]: row for row in (await admin.get("/api/admin/staff")).json()["data"]}

        own, clerk = house_door.accounts["admin"], house_door.accounts["clerk"]
        rows = await listed()
        assert [key for key, row in rows.items() if row["is_own"]] == [own] and len(rows) == 4
        assert rows[own]["allowed_actions"] == ["revoke_sessions"]
        assert all(set(row["allowed_actions"]) == set(ADMIN_ACTIONS) for key, row in rows.items() if key != own)  # type: ignore[call-overload]
        for action in set(ADMIN_ACTIONS) - {"revoke_sessions"}:
            answer = await admin.post(ADMIN_ACTIONS[action].format(own))
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "staff.own_account"), action
            assert (await admin.post(ADMIN_ACTIONS[action].format(clerk))).status_code == 200, action
        assert (await listed())[clerk]["allowed_actions"] == []
        assert (await admin.post(ADMIN_ACTIONS["revoke_sessions"].format(own))).status_code == 200
        assert (await admin.get("/api/admin/me")).status_code == 401


async def test_a_supervisor_finds_the_chains(house_door: Door) -> None:
    """R69: every chain there is, the last written first, found by kind, name, and a case's number."""
    case = await house_door.world.waved_through("prereview")
    async with house_door.client("supervisor") as web:

        async def found(**query: str | int) -> list[str]:
            rows = (await web.get("/api/supervisor/chains", params=query)).json()["data"]
            assert all(row["length"] >= 1 and len(row["head"]) == 64 and row["title"] and row["last_at"] for row in rows)
            return [row["chain"] for row in rows]

        everything = await found(limit=200)
        assert everything[0] == f"case:{case.id}" and "catalog" in everything and len(set(everything)) == len(everything)
        assert await found(kind="case") == [f"case:{case.id}"] and await found(kind="catalog") == ["catalog"]
        staff = await found(kind="staff")
        assert len(staff) == 4 and staff == [name for name in everything if name.startswith("staff:")]
        assert await found(limit=2, offset=1) == everything[1:3]
        assert await found(q=(case.number or "")[-10:]) == await found(q=case.title[:4]) == [f"case:{case.id}"]
        assert await found(q=staff[0][-9:].upper()) == [staff[0]]
        assert await found(q="%") == await found(q="st_ff") == await found(kind="catalo") == await found(q="没有的事") == []
        (row,) = (await web.get("/api/supervisor/chains", params={"kind": "case"})).json()["data"]
        report = (await web.get("/api/supervisor/audit", params={"chain": row["chain"]})).json()["data"]
        assert (row["length"], row["head"]) == (report["length"], report["head"])
        assert case.number in row["title"] and "张" not in row["title"]
        for bad in ({"limit": 0}, {"limit": 201}, {"offset": -1}, {"kind": "Case"}, {"kind": "a' OR 1=1"}, {"q": "x" * 65}):
            assert (await web.get("/api/supervisor/chains", params=bad)).status_code == 422


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_logging_out_ends_the_session_of_everybody(house_door: Door, role: str) -> None:
    async with house_door.client(role) as web:
        assert (await web.get(f"/api/{role}/me")).status_code == 200
        assert (await web.post(f"/api/{role}/logout")).status_code == 200
        for method, path in (("GET", f"/api/{role}/me"), ("POST", f"/api/{role}/logout")):
            answer = await web.request(method, path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "auth.required")
