"""What others do while an enterprise waits, over HTTP: the admin lets it in, and a person agrees and is verified at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from api.demo.applying import sign_in
from api.demo.stage import Stage
from api.demo.world import World
from identity.relying_parties.consent import VERSION
from tests.factories.browser_server import RunningHall
from tests.factories.enterprises import CHECKED, USCC, question
from tests.services.running import run


@dataclass(frozen=True)
class Verified:
    party_id: str
    request_id: str


def verified_at_the_counter(hall: RunningHall, person: str = "li_na", clerk: str = "chen.jing") -> Verified:
    """The demo's enterprise is let in and asks one person, who comes to the counter."""

    async def play() -> Verified:
        world = World(cast(Stage, hall), None)
        try:
            bank, admin = await world.staff("enterprise"), await world.staff("admin")
            party = await bank.post("/api/enterprise/relying-party", {"name": "锦川银行股份有限公司", "uscc": USCC["bank"]})
            await admin.post(f"/api/admin/relying-parties/{party['id']}/approve", {"monthly_quota": 20})
            made = await bank.post("/api/enterprise/verifications", question(person))
            phone, desk = await sign_in(world, person), await world.staff(clerk)
            token = made["invitation_url"].split("token=")[1]
            await phone.post("/api/citizen/verification-invitations", {"token": token})
            request_id = made["request"]["id"]
            await phone.post(f"/api/citizen/verification-requests/{request_id}/consent", {"version": VERSION})
            me = await phone.get("/api/citizen/me")
            evidence = {"document_kind": "resident_id_card", "checked": CHECKED}
            body = {"account_id": me["account_id"], "application_id": request_id, "evidence": evidence}
            await desk.post("/api/clerk/identity/counter", body)
            return Verified(party["id"], request_id)
        finally:
            await world.close()

    return run(play())
