"""Issue 4, must show 6: a bank asks a company's people, over HTTP from end to end, with a real receiver of its webhooks (R51, R52).

Five people: one passes by face before the camera, one at the counter, one fails, one says no, one never answers. The receiver is down for
a while. What the bank then holds is checked with nothing but the published JWK set.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any, cast

from joserfc import jwt
from joserfc.jwk import KeySet

from core import audit
from core.actor import Actor
from core.clock import ManualClock
from identity.accounts.service import Accounts
from identity.liveness.consent import VERSION as FACE_VERSION
from identity.liveness.models import Verification
from identity.liveness.service import FaceConsents, Verifications
from identity.relying_parties.models import ApiKey, VerificationRequest, WebhookEndpoint
from identity.relying_parties.rules import verify_webhook
from identity.relying_parties.service import Requests
from identity.sessions.service import Sessions
from tests.factories.before_camera import Person
from tests.factories.enterprises import API, Enterprises, Receiver, receiver, subject
from tests.factories.http_hall import HttpHall, open_hall

PURPOSE = "开立对公账户前核实股东身份"
PEOPLE = {"li": "li_na", "wang": "wang_jianguo", "zhang": "zhang_wei", "ji": "ji_xiangyun", "zhao": "zhao_shifu"}


async def before_the_camera(hall: HttpHall, clock: ManualClock, who: str, request_id: str) -> None:
    """Consents to the face check, and does before the camera what is asked."""
    house, actor = hall.house.hall, hall.actors[who]
    await house.service(FaceConsents).grant(actor, FACE_VERSION)
    checks = house.service(Verifications)
    view = await checks.create(actor, purpose="enterprise", application_id=request_id, document_sha256=None, consent_version=FACE_VERSION)
    person = Person(clock, urlsafe_b64decode((view.key or "") + "="), view.nonce or "")
    done = await checks.stream(actor, view.id, nonce=view.nonce or "", mirrored=False, receive=person.receive, send=person.send)
    assert done.outcome == "accept"


async def logged_in(hall: HttpHall, name: str) -> None:
    actor: Actor = await hall.house.login(PEOPLE[name])
    hall.actors[name], hall.tokens[name] = actor, await hall.house.hall.service(Sessions).open(actor.kind, actor.id)


def checked(token: str, jwks: dict[str, Any], *, party_id: str) -> dict[str, Any]:
    """As the bank does it: the key set, the algorithm, the kind of token, and that it is meant for the bank."""
    parsed = jwt.decode(token, KeySet.import_key_set(cast(Any, jwks)), algorithms=["ES256"])
    assert parsed.header["typ"] == "verification-result+jwt" and parsed.claims["aud"] == party_id
    return dict(parsed.claims)


async def wait_out(enterprises: Enterprises, clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds=seconds)
    await enterprises.worker()


def received(hooks: Receiver, secret: str, clock: ManualClock) -> list[dict[str, Any]]:
    """Everything that came, checked; a repeat is dropped by its id, as a receiver must."""
    seen = {verify_webhook(secret, one.headers, one.body, now=clock.now()): one.event for one in hooks.received}
    return list(seen.values())


async def test_a_bank_verifies_a_company_s_people(database_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with open_hall(database_url, tmp_path / "data", clock, staff=("front",)) as hall, receiver() as hooks:
        bank = Enterprises(hall)
        party_id = await bank.registered()
        assert await hall.refused("bank", "POST", "/api/enterprise/keys", json={"name": "x", "scopes": ["verifications.read"]}) == (
            403,
            "relying_party.not_approved",
        )
        await bank.staff("admin", "admin")
        await hall.done("admin", "POST", f"/api/admin/relying-parties/{party_id}/approve", json={"monthly_quota": 10})
        await bank.key()
        secret = (await hall.done("bank-key", "POST", f"{API}/webhooks", json={"url": hooks.url}))["secret"]
        for name in ("ji", "zhao"):
            await logged_in(hall, name)

        subjects = [subject(person, f"gq-{name}", "legal_person" if name == "li" else "shareholder") for name, person in PEOPLE.items()]
        body = {"reference": "company-7", "company_name": "老巷餐饮有限公司", "purpose": PURPOSE, "subjects": subjects}
        made = await hall.done("bank-key", "POST", f"{API}/batches", json=body)
        asked = dict(zip(PEOPLE, made["requests"], strict=True))
        ids = {name: one["request"]["id"] for name, one in asked.items()}
        again = await hall.done("bank-key", "POST", f"{API}/batches", json=body)
        assert again["batch"]["id"] == made["batch"]["id"] and all(one["invitation_url"] is None for one in again["requests"])

        for name in ("li", "wang", "zhang", "ji"):
            seen = await bank.opened(name, asked[name]["invitation_url"])
            assert "锦川银行" in seen["organisation"] and seen["purpose"] == PURPOSE and seen["company_name"] == "老巷餐饮有限公司"
        for name in ("li", "wang", "zhang"):
            await bank.agreed(name, ids[name])
        await before_the_camera(hall, clock, "li", ids["li"])
        await bank.at_the_counter("wang", ids["wang"])
        await hall.done("ji", "POST", f"/api/citizen/verification-requests/{ids['ji']}/decline")
        hooks.status = 503
        await bank.worker()
        down = len(hooks.received)
        assert down and await bank.state_of(ids["li"]) == "verified"
        hall.house.vision.script = "other"
        for _ in range(3):
            assert (await bank.face_check("zhang", ids["zhang"]))["outcome"] == "reject"
        hooks.status = 204
        for seconds in (1, 2, 5):
            await wait_out(bank, clock, seconds)
        batch = await hall.done("bank-key", "GET", f"{API}/batches/{made['batch']['id']}")
        assert batch["counts"] == {"verified": 2, "failed": 1, "declined": 1, "invited": 1} and not batch["is_done"]
        clock.advance(days=8)
        await hall.house.hall.service(Requests).expire_due()
        await bank.worker()
        batch = await hall.done("bank-key", "GET", f"{API}/batches/{made['batch']['id']}")
        assert batch["counts"] == {"verified": 2, "failed": 1, "declined": 1, "expired": 1} and batch["is_done"]

        recent = Receiver()
        recent.received = [one for one in hooks.received if int(one.headers["webhook-timestamp"]) > clock.now().timestamp() - 300]
        assert {event["type"] for event in received(recent, secret, clock)} == {"verification.expired", "batch.completed"}
        told: dict[str, dict[str, Any]] = {one.headers["webhook-id"]: one.event for one in hooks.received[down:]}
        # Messages that were late come in any order: the set of them is complete, and the API says what is true now.
        news = [event["data"] for event in told.values()]
        states = {name: {data["state"] for data in news if data["reference"] == f"gq-{name}"} for name in PEOPLE}
        assert states == {
            "li": {"consented", "verified"},
            "wang": {"consented", "verified"},
            "zhang": {"consented", "failed"},
            "ji": {"declined"},
            "zhao": {"expired"},
        }
        assert len(told) == 9, "each once, and the end of the batch"

        jwks = await keys_of(hall)
        results = {name: await hall.done("bank-key", "GET", f"{API}/verifications/{ids[name]}/result") for name in ("li", "wang", "zhang")}
        claims = {name: checked(result["token"], jwks, party_id=party_id) for name, result in results.items()}
        assert [claims[name]["verdict"] for name in ("li", "wang", "zhang")] == ["verified", "verified", "not_verified"]
        assert set(claims["li"]) == set(claims["wang"]), "nobody can tell the face from the counter"
        assert claims["li"]["assurance"] == claims["wang"]["assurance"] == "L3" and claims["li"]["sub"] != claims["wang"]["sub"]
        assert claims["li"]["jti"] == ids["li"] and claims["li"]["role"] == "legal_person" and claims["zhang"].get("sub") is None
        assert await hall.refused("bank-key", "GET", f"{API}/verifications/{ids['ji']}/result") == (409, "relying_party.result_pending")

        await nothing_more_is_known(hall, hooks, results)
        usage = await hall.done("bank-key", "GET", f"{API}/usage")
        assert usage["months"] == [{"month": "2026-11", "created": 5, "verified": 2}]
        assert usage["remaining"] == 10, "it is December by now"
        assert (await audit.verify(f"relying_party:{party_id}")).is_intact


async def keys_of(hall: HttpHall) -> dict[str, Any]:
    answer = await hall.web.get("/api/open/identity/jwks.json")
    found: dict[str, Any] = answer.json()
    return found


async def nothing_more_is_known(hall: HttpHall, hooks: Receiver, results: dict[str, Any]) -> None:
    """No name, number, phone, face or score reaches the bank beyond what it said itself, and no secret lies in the database."""
    answers = [await hall.send("bank-key", "GET", f"{API}/{what}") for what in ("verifications", "batches", "usage", "webhooks")]
    texts = [answer.text for answer in answers] + [str(results)] + [one.body.decode() for one in hooks.received]
    for text in texts:
        for word in ("李娜", "王建国", "张伟", "500103199807220025", "1990000", "openid", "score", "distance", "engine", "account_"):
            assert word not in text, word
    key = hall.tokens["bank-key"]
    rows = [*await ApiKey.all().values(), *await VerificationRequest.all().values(), *await WebhookEndpoint.all().values()]
    assert key[12:] not in str(rows) and "李娜" not in str(rows) and "500103199807220025" not in str(rows) and "whsec_" not in str(rows)
    assert (await Verification.filter(method="face").first()) is not None
    assert await hall.house.hall.service(Accounts).find_by_id_number("500103199807220025")
