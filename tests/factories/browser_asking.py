"""An enterprise that asks people, through its API: what its console does is looked at elsewhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.persons import find_person
from tests.factories.browser_server import RunningHall

USCC = "91510100MA6A2B3C49"
PURPOSE = "开立对公账户前核实股东身份"


@dataclass
class Question:
    """`link` as the person gets it, at this hall's own address."""

    id: str
    link: str


class Asker:
    """The demo enterprise: registered and let in, whoever did that."""

    def __init__(self, hall: RunningHall) -> None:
        self.hall = hall
        self._web = {username: self._signed_in(username) for username in ("enterprise", "admin")}
        party = self._registered()
        for action in {"approve", "resume"} & set(self._allowed(party["id"])):
            self.call("admin", "POST", f"/api/admin/relying-parties/{party['id']}/{action}", {})
        self.name = str(party["name"])

    def asks(self, person: str) -> Question:
        known = find_person(person)
        assert known is not None
        new = {"reference": f"r-{secrets.token_hex(6)}", "name": known.name, "document_number": known.id_number}
        made = self.call("enterprise", "POST", "/api/enterprise/verifications", {**new, "role": "shareholder", "purpose": PURPOSE})
        token = made["invitation_url"].partition("token=")[2]
        return Question(made["request"]["id"], f"{self.hall.base_url}/m/#/packages/identity/asked?token={token}")

    def cancels(self, question: Question) -> None:
        self.call("enterprise", "POST", f"/api/enterprise/verifications/{question.id}/cancel", {})

    def state_of(self, question: Question) -> str:
        return str(self.call("enterprise", "GET", f"/api/enterprise/verifications/{question.id}")["state"])

    def call(self, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._web[who].request(method, path, json=body, headers={"Idempotency-Key": secrets.token_hex(16)})
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    def close(self) -> None:
        for web in self._web.values():
            web.close()

    def _registered(self) -> Any:
        held = self._web["enterprise"].get("/api/enterprise/relying-party")
        if held.is_success:
            return held.json()["data"]
        return self.call("enterprise", "POST", "/api/enterprise/relying-party", {"name": "锦川银行", "uscc": USCC})

    def _allowed(self, party: str) -> list[str]:
        listed = self.call("admin", "GET", "/api/admin/relying-parties")
        rows = listed["items"] if isinstance(listed, dict) else listed
        return next(list(row["allowed_actions"]) for row in rows if row["id"] == party)

    def _signed_in(self, username: str) -> httpx.Client:
        web = httpx.Client(base_url=self.hall.base_url, timeout=20, trust_env=False)
        given = {"username": username, "password": self.hall.accounts()["staff"][username]["password"]}
        answer = web.post("/api/open/login/staff", json={**given, "totp": self.hall.authenticator(username)})
        assert answer.is_success, answer.text
        web.headers["authorization"] = f"Bearer {answer.json()['data']['token']}"
        return web
