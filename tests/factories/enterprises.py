"""Enterprises before the served hall: registered, approved, with a key, and a receiver of webhooks on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from api.wiring import Hall
from core.actor import SYSTEM, Actor, Role
from identity.accounts.service import NewStaff, Staff
from identity.liveness.consent import VERSION as FACE_VERSION
from identity.liveness.service import Verifications
from identity.relying_parties.consent import VERSION
from identity.relying_parties.service import NewParty, NewRequest, RelyingParties, Requests
from identity.relying_parties.views import CreatedRequest
from identity.sessions.service import Sessions
from sandbox.persons import find_person
from tests.factories.before_camera import filmed
from tests.factories.http_hall import HttpHall

CONSOLE, API = "/api/enterprise", "/api/relying_party"
ALL_SCOPES = ["verifications.read", "verifications.write", "webhooks.manage"]
USCC = {"bank": "91510100MA6A2B3C49", "agency": "91350100M000100Y43"}
CHECKED = ["document_genuine", "holder_matches_photo", "number_matches_account"]


def subject(person: str, reference: str, role: str = "shareholder") -> dict[str, Any]:
    known = find_person(person)
    assert known is not None
    return {"reference": reference, "name": known.name, "document_number": known.id_number, "role": role}


def question(person: str = "li_na", reference: str = "r-1", **other: Any) -> dict[str, Any]:
    return {**subject(person, reference), "purpose": "开立对公账户前核实股东身份", **other}


async def asked_by_an_enterprise(hall: Hall, person: str) -> CreatedRequest:
    """One question to a person, by an enterprise that nobody logs in for."""
    owner, known = Actor(Role.ENTERPRISE, "staff_of_a_bank"), find_person(person)
    assert known is not None
    party = await hall.service(RelyingParties).register(owner, NewParty("锦川银行", USCC["bank"]))
    await hall.service(RelyingParties).decide(Actor(Role.ADMIN, "staff_admin"), party.id, "approve")
    new = NewRequest(reference="r-1", name=known.name, document_number=known.id_number, role="shareholder", purpose="开立对公账户")
    return await hall.service(Requests).create(owner, new)


@dataclass
class Enterprises:
    """`hall.tokens` gets one more name for each enterprise, for the admin, and for each key (`bank-key`)."""

    hall: HttpHall
    parties: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    async def staff(self, name: str, role: str) -> None:
        services = self.hall.house.hall
        new = NewStaff(
            username=f"{name}.person",
            password="correct horse battery",
            role=role,  # type: ignore[arg-type]
            name="赵敏",
            department="企业服务部",
        )
        profile = (await services.service(Staff).create(SYSTEM, new)).profile
        actor = Actor(Role(role), profile.staff_id, frozenset(profile.permissions), profile.office_id)
        self.hall.actors[name] = actor
        self.hall.tokens[name] = await services.service(Sessions).open(actor.kind, actor.id)

    async def registered(self, name: str = "bank") -> str:
        await self.staff(name, "enterprise")
        party = await self.hall.done(name, "POST", f"{CONSOLE}/relying-party", json={"name": f"{name} 锦川银行", "uscc": USCC[name]})
        self.parties[name] = party["id"]
        return str(party["id"])

    async def approved(self, name: str = "bank", *, quota: int | None = None) -> str:
        party_id = await self.registered(name)
        if "admin" not in self.hall.tokens:
            await self.staff("admin", "admin")
        body = {} if quota is None else {"monthly_quota": quota}
        await self.hall.done("admin", "POST", f"/api/admin/relying-parties/{party_id}/approve", json=body)
        return party_id

    async def with_key(self, name: str = "bank", *, scopes: list[str] | None = None, quota: int | None = None) -> str:
        """Approved, and with a key that is logged in as `bank-key`; returns the key's id."""
        await self.approved(name, quota=quota)
        return await self.key(name, scopes=scopes)

    async def key(self, name: str = "bank", *, scopes: list[str] | None = None, called: str | None = None) -> str:
        made = await self.hall.done(name, "POST", f"{CONSOLE}/keys", json={"name": "主系统", "scopes": scopes or ALL_SCOPES})
        called = called or f"{name}-key"
        self.hall.tokens[called], self.keys[called] = made["secret"], made["key"]["id"]
        return str(made["key"]["id"])

    async def asked(self, person: str = "li_na", reference: str = "r-1", *, who: str = "bank-key", **other: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self.hall.done(who, "POST", f"{API}/verifications", json=question(person, reference, **other))
        return made

    async def opened(self, who: str, url: str) -> dict[str, Any]:
        token = url.split("token=")[1]
        seen: dict[str, Any] = await self.hall.done(who, "POST", "/api/citizen/verification-invitations", json={"token": token})
        return seen

    async def agreed(self, who: str, request_id: str) -> dict[str, Any]:
        path = f"/api/citizen/verification-requests/{request_id}/consent"
        seen: dict[str, Any] = await self.hall.done(who, "POST", path, json={"version": VERSION})
        return seen

    async def face_check(self, who: str, request_id: str) -> dict[str, Any]:
        """A face check for the request; what is seen is `house.vision.script`."""
        await self.hall.done(who, "PUT", "/api/citizen/face-consent", json={"version": FACE_VERSION})
        body = {"purpose": "enterprise", "application_id": request_id, "consent_version": FACE_VERSION}
        check = await self.hall.done(who, "POST", "/api/citizen/verifications", json=body)
        house = self.hall.house
        verifications, actor = house.hall.service(Verifications), await house.hall.service(Sessions).resolve(self.hall.tokens[who])
        assert actor is not None
        await filmed(verifications, house.clock, actor, await verifications.get(actor, check["id"]))
        done: dict[str, Any] = await self.hall.done(who, "GET", f"/api/citizen/verifications/{check['id']}")
        return done

    async def at_the_counter(self, who: str, request_id: str) -> None:
        body = {
            "account_id": self.hall.actors[who].id,
            "application_id": request_id,
            "evidence": {"document_kind": "resident_id_card", "checked": CHECKED},
        }
        await self.hall.done("front", "POST", "/api/clerk/identity/counter", json=body)

    async def state_of(self, request_id: str, who: str = "bank-key") -> str:
        return str((await self.hall.done(who, "GET", f"{API}/verifications/{request_id}"))["state"])

    async def worker(self) -> None:
        await self.hall.house.relay.drain()


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


class Receiver:
    """A real HTTP server that keeps what it gets and answers `status` (0: it hangs up), after `wait` seconds, with `more` headers."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.status, self.wait, self.more, self.answer = 204, 0.0, "", b""
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
            headers = {name.strip().lower(): value.strip() for name, _, value in lines}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(headers, body))
            await asyncio.sleep(self.wait)
            if self.status:
                writer.write(f"HTTP/1.1 {self.status} X\r\n{self.more}Content-Length: {len(self.answer)}\r\n\r\n".encode() + self.answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def types(self) -> list[str]:
        return [one.event["type"] for one in self.received]


@asynccontextmanager
async def receiver(port: int = 0) -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", port)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks?of=bank"
    async with server:
        yield made


def port_of(url: str) -> int:
    return urlsplit(url).port or 0
