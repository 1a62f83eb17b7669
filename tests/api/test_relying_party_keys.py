"""R52: an enterprise registers, an admin decides, and its programs come in by keys that can do what they were made for and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import audit
from core.audit.log import links
from core.clock import ManualClock
from identity.relying_parties import routes_enterprise, routes_relying_party
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.keys import _LENGTH, KEY_PREFIX
from identity.relying_parties.models import ApiKey, UsageMonth, VerificationRequest
from identity.sessions.service import Sessions
from tests.factories.enterprises import API, CONSOLE, USCC, Enterprises, question
from tests.factories.http_hall import HttpHall, open_hall

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Enterprises]:
    async with open_hall(database_url, tmp_path / "data", clock, ZT_RELYING_PARTY_CALLS_PER_MINUTE="1000") as hall:
        yield Enterprises(hall)


@on_sqlite
async def test_from_registration_to_suspension(bank: Enterprises) -> None:
    hall = bank.hall
    party_id = await bank.registered()
    mine = await hall.done("bank", "GET", f"{CONSOLE}/relying-party")
    assert (mine["state"], mine["allowed_actions"]) == ("applied", [])
    again = {"name": "锦川银行", "uscc": USCC["bank"]}
    assert await hall.refused("bank", "POST", f"{CONSOLE}/relying-party", json=again) == (409, "relying_party.organisation_taken")
    await bank.staff("agency", "enterprise")
    assert await hall.refused("agency", "POST", f"{CONSOLE}/relying-party", json=again) == (409, "relying_party.organisation_taken")
    wrong = again | {"uscc": "91510100MA6A2B3C40"}
    assert await hall.refused("agency", "POST", f"{CONSOLE}/relying-party", json=wrong) == (422, "relying_party.organisation_invalid")
    assert await hall.refused("agency", "GET", f"{CONSOLE}/relying-party") == (409, "relying_party.not_registered")
    assert await hall.refused("bank", "POST", f"{CONSOLE}/verifications", json=question()) == (403, "relying_party.not_approved")
    await bank.staff("admin", "admin")
    place = f"/api/admin/relying-parties/{party_id}"
    for who in ("bank", "zhang"):
        assert await hall.refused(who, "POST", f"{place}/approve", json={}) == (403, "auth.forbidden")
    refused = await hall.done("admin", "POST", f"{place}/reject", json={"reason": "名称与代码不符"})
    assert (refused["state"], refused["reason"]) == ("rejected", "名称与代码不符")
    assert await hall.refused("admin", "POST", f"{place}/approve", json={}) == (409, "flow.illegal_move")
    await hall.done("agency", "POST", f"{CONSOLE}/relying-party", json=again)  # a refused one blocks nobody's code
    assert await hall.refused("bank", "POST", f"{CONSOLE}/relying-party", json=again) == (409, "relying_party.organisation_taken")
    await hall.done("bank", "POST", f"{CONSOLE}/relying-party", json=again | {"uscc": USCC["agency"]})
    assert [one["id"] for one in await hall.done("admin", "GET", "/api/admin/relying-parties?state=applied")][1] == party_id
    await hall.done("admin", "POST", f"{place}/approve", json={"monthly_quota": 3})
    await bank.key()
    assert (await hall.done("bank-key", "GET", f"{API}/usage"))["monthly_quota"] == 3
    await hall.done("admin", "POST", f"{place}/suspend", json={"reason": "投诉核查"})
    assert await hall.refused("bank-key", "GET", f"{API}/usage") == (401, "relying_party.key_invalid")
    assert await hall.refused("bank", "POST", f"{CONSOLE}/verifications", json=question()) == (403, "relying_party.not_approved")
    await hall.done("admin", "POST", f"{place}/resume")
    await hall.done("admin", "PUT", f"{place}/quota", json={"monthly_quota": 7})
    assert (await hall.done("bank-key", "GET", f"{API}/usage"))["remaining"] == 7
    done = [link.action.split(".")[1] for link in await links(f"relying_party:{party_id}")]
    ends = ["created", "suspend", "resume", "quota_set"]
    assert done == ["applied", "reject", "applied", "approve", *ends]
    assert (await audit.verify(f"relying_party:{party_id}")).is_intact


@on_sqlite
async def test_a_key_is_long_random_and_known_to_nobody(bank: Enterprises) -> None:
    await bank.with_key()
    secret = bank.hall.tokens["bank-key"]
    assert secret.startswith(KEY_PREFIX) and len(secret) == _LENGTH
    assert (len(secret) - 12) * 6 >= 256, "what the prefix does not show"
    (row,) = await ApiKey.all()
    assert row.prefix == secret[:12] and secret[12:] not in str(vars(row))
    (shown,) = await bank.hall.done("bank", "GET", f"{CONSOLE}/keys")
    assert shown["prefix"] == secret[:12] and secret not in str(shown) and shown["is_active"] and shown["last_used_at"] is None
    await bank.hall.done("bank-key", "GET", f"{API}/usage")
    (used,) = await bank.hall.done("bank", "GET", f"{CONSOLE}/keys")
    assert used["last_used_at"] is not None
    for wrong in (
        secret[:-1] + ("a" if secret[-1] != "a" else "b"),
        secret[:-1],
        secret + "a",
        KEY_PREFIX,
        KEY_PREFIX + secret[4:].swapcase(),
        KEY_PREFIX + "é" * 54,
    ):
        answer = await bank.hall.web.get(f"{API}/usage", headers=[(b"authorization", b"Bearer " + wrong.encode())])
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "relying_party.key_invalid")
        assert secret[4:] not in answer.text and answer.headers["www-authenticate"] == "Bearer"


@on_sqlite
async def test_a_key_does_what_its_scopes_say(bank: Enterprises) -> None:
    """Every route of the API names a scope; a key without it, a login and nobody are refused."""
    hall = bank.hall
    await bank.with_key()
    asked = await bank.asked()
    for scope in ("verifications.read", "verifications.write", "webhooks.manage"):
        await bank.key(scopes=[scope], called=scope)
    routes = routes_relying_party.routes

    ids = {"request_id": asked["request"]["id"], "batch_id": "batch_x", "webhook_id": "hook_x", "delivery_id": "whd_x"}
    bodies: dict[str, Any] = {
        "create_verification": question(),
        "create_batch": {"reference": "b", "company_name": "老巷餐饮", "purpose": "开户", "subjects": [question()]},
        "register_webhook": {"url": "http://127.0.0.1:9/hooks"},
    }
    assert len(routes.endpoints) >= 17
    for endpoint in routes.endpoints:
        assert endpoint.needs is not None, endpoint.path
        path = endpoint.path
        for name, value in ids.items():
            path = path.replace(f"<{name}:str>", value)
        content = {"json": bodies[endpoint.name]} if endpoint.body is not None else {}
        for scope in ("verifications.read", "verifications.write", "webhooks.manage"):
            if scope != endpoint.needs:
                assert await hall.refused(scope, endpoint.method, path, **content) == (403, "auth.forbidden"), path
        assert await hall.refused("bank", endpoint.method, path, **content) == (403, "auth.forbidden")
        assert await hall.refused(None, endpoint.method, path, **content) == (401, "auth.required")
    assert await hall.refused("bank-key", "GET", f"{CONSOLE}/keys") == (403, "auth.forbidden"), "no key makes keys"
    assert await hall.refused("bank-key", "GET", "/api/admin/relying-parties") == (403, "auth.forbidden")
    assert await hall.refused("bank-key", "GET", "/api/citizen/verification-requests") == (403, "auth.forbidden")


@on_sqlite
async def test_rotation_overlaps_and_then_ends(bank: Enterprises, clock: ManualClock) -> None:
    hall = bank.hall
    old = await bank.with_key()
    new = await hall.done("bank", "POST", f"{CONSOLE}/keys/{old}/rotate")
    hall.tokens["new"] = new["secret"]
    assert new["key"]["scopes"] == sorted(["verifications.read", "verifications.write", "webhooks.manage"])
    assert await hall.refused("bank", "POST", f"{CONSOLE}/keys/{old}/rotate") == (409, "relying_party.key_ended")
    clock.advance(hours=RelyingPartyConfig().key_overlap_hours - 1)
    hall.tokens["bank"] = await relogged(bank)
    for name in ("bank-key", "new"):
        await hall.done(name, "GET", f"{API}/usage")
    clock.advance(hours=1)
    assert await hall.refused("bank-key", "GET", f"{API}/usage") == (401, "relying_party.key_invalid")
    await hall.done("new", "GET", f"{API}/usage")
    hall.tokens["bank"] = await relogged(bank)
    shown = {one["id"]: one for one in await hall.done("bank", "GET", f"{CONSOLE}/keys")}
    assert not shown[old]["is_active"] and shown[old]["replaced_by"] == new["key"]["id"]
    clock.advance(days=365)
    assert await hall.refused("new", "GET", f"{API}/usage") == (401, "relying_party.key_invalid")


async def relogged(bank: Enterprises, name: str = "bank") -> str:
    actor = bank.hall.actors[name]
    return await bank.hall.house.hall.service(Sessions).open(actor.kind, actor.id)


@on_sqlite
async def test_a_revoked_key_ends_at_once_and_others_keys_are_not_there(bank: Enterprises) -> None:
    hall = bank.hall
    key_id = await bank.with_key()
    await bank.approved("agency")
    for action in ("rotate", "revoke"):
        assert await hall.refused("agency", "POST", f"{CONSOLE}/keys/{key_id}/{action}") == (404, "request.not_found")
    await hall.done("bank-key", "GET", f"{API}/usage")
    for _ in range(2):
        assert not (await hall.done("bank", "POST", f"{CONSOLE}/keys/{key_id}/revoke"))["is_active"]
    assert await hall.refused("bank-key", "GET", f"{API}/usage") == (401, "relying_party.key_invalid")
    assert await hall.refused("bank", "POST", f"{CONSOLE}/keys/{key_id}/rotate") == (409, "relying_party.key_ended")


@on_sqlite
async def test_keys_end_with_the_account_that_made_them(bank: Enterprises) -> None:
    hall = bank.hall
    await bank.with_key()
    await hall.done("bank-key", "GET", f"{API}/usage")
    await hall.done("admin", "POST", f"/api/admin/staff/{hall.actors['bank'].id}/deactivate")
    assert await hall.refused("bank-key", "GET", f"{API}/usage") == (401, "relying_party.key_invalid")


@on_sqlite
async def test_calls_and_months_have_their_limits(database_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock, ZT_RELYING_PARTY_CALLS_PER_MINUTE="5") as hall:
        bank = Enterprises(hall)
        await bank.with_key(quota=2)
        await bank.key(called="other")
        await bank.asked(reference="r-1")
        await bank.asked(reference="r-2")
        refused = await hall.send("bank-key", "POST", f"{API}/verifications", json=question(reference="r-3"))
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "relying_party.quota_exceeded")
        assert (await bank.asked(reference="r-2"))["invitation_url"] is None, "what was asked before costs nothing"
        await hall.done("bank-key", "GET", f"{API}/usage")
        over = await hall.send("bank-key", "GET", f"{API}/usage")
        assert (over.status_code, over.json()["error"]["code"]) == (429, "relying_party.rate_limited")
        assert int(over.headers["retry-after"]) > 0
        assert (await hall.done("other", "GET", f"{API}/usage"))["remaining"] == 0, "the limit is the key's, the quota the enterprise's"
        clock.advance(days=8)  # it is December
        assert (await hall.done("other", "GET", f"{API}/usage"))["remaining"] == 2
        await bank.asked(reference="r-3", who="other")


@on_postgres
async def test_fifty_at_once_get_what_the_quota_gives(bank: Enterprises) -> None:
    await bank.with_key(quota=20)
    calls = [bank.hall.send("bank-key", "POST", f"{API}/verifications", json=question(reference=f"r-{n}")) for n in range(50)]
    answers = await asyncio.gather(*calls)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 20 + [429] * 30
    assert {answer.json()["error"]["code"] for answer in answers if answer.status_code == 429} == {"relying_party.quota_exceeded"}
    assert await VerificationRequest.all().count() == (await UsageMonth.get()).created == 20
    assert (await audit.verify(f"relying_party:{bank.parties['bank']}")).is_intact


@on_postgres
async def test_one_reference_asked_at_once_is_asked_once(bank: Enterprises) -> None:
    await bank.with_key(quota=1)
    answers = await asyncio.gather(*(bank.hall.send("bank-key", "POST", f"{API}/verifications", json=question()) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    found = [answer.json()["data"] for answer in answers]
    assert len({one["request"]["id"] for one in found}) == 1 and sum(one["invitation_url"] is not None for one in found) == 1
    assert (await UsageMonth.get()).created == 1
    other = await bank.hall.refused("bank-key", "POST", f"{API}/verifications", json=question(purpose="别的事由"))
    assert other == (409, "relying_party.reference_reused")


@on_postgres
async def test_a_key_revoked_midway_creates_nothing_afterwards(bank: Enterprises) -> None:
    """Whatever was created has its line in the audit chain before the revocation; nothing has it after."""
    key_id = await bank.with_key()
    hall = bank.hall

    def create(number: int) -> asyncio.Task[httpx.Response]:
        return asyncio.create_task(hall.send("bank-key", "POST", f"{API}/verifications", json=question(reference=f"r-{number}")))

    first = create(0)
    calls = [first, *map(create, range(1, 40))]
    await first
    await hall.done("bank", "POST", f"{CONSOLE}/keys/{key_id}/revoke")
    codes = [(await call).status_code for call in calls]
    assert set(codes) == {201, 401}, codes
    done = [link.action for link in await links(f"relying_party:{bank.parties['bank']}")]
    assert done[-1] == "api_key.revoked" and done.count("verification_request.created") == codes.count(201)
    assert await VerificationRequest.all().count() == (await UsageMonth.get()).created == codes.count(201)


@on_sqlite
async def test_another_s_questions_are_not_there(bank: Enterprises) -> None:
    """Foreign and unknown ids answer alike, from the console and from programs."""
    hall: HttpHall = bank.hall
    await bank.with_key()
    await bank.with_key("agency")
    hook = await hall.done("bank-key", "POST", f"{API}/webhooks", json={"url": "http://127.0.0.1:9/hooks"})
    asked = await bank.asked()
    body = {"reference": "b-1", "company_name": "老巷餐饮", "purpose": "开户核实", "subjects": [question("zhang_wei", "b-1-1")]}
    batch = await hall.done("bank-key", "POST", f"{API}/batches", json=body)

    ids = {"request_id": asked["request"]["id"], "batch_id": batch["batch"]["id"], "webhook_id": hook["webhook"]["id"]}
    ids |= {"delivery_id": "whd_x", "key_id": bank.keys["bank-key"]}
    for who, routes in (("agency", routes_enterprise.routes), ("agency-key", routes_relying_party.routes)):
        walked = [endpoint for endpoint in routes.endpoints if "<" in endpoint.path]
        assert len(walked) >= 10
        for endpoint in walked:
            path = endpoint.path
            for name, value in ids.items():
                path = path.replace(f"<{name}:str>", value)
            assert await hall.refused(who, endpoint.method, path) == (404, "request.not_found"), path
    assert (await hall.done("agency-key", "GET", f"{API}/verifications"))["items"] == []
    assert await hall.done("agency-key", "GET", f"{API}/batches") == await hall.done("agency-key", "GET", f"{API}/webhooks") == []
    assert (await hall.done("agency-key", "GET", f"{API}/usage"))["months"] == []
