"""Generated requests against a served hall, as nobody and as each role: no 5xx, every answer as described, nobody reads 张伟's data.

Every operation is tried with values of any kind, with values that break its schema, and with the ids of 张伟's case, licence, parcel and
appointment wherever it takes an id, so that a missing check of ownership would show.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from core.clock import BEIJING, ManualClock
from tests.factories.door import SECRETS, Door, Elsewhere, door_elsewhere, open_sessions
from tests.services.running import run

POSITIVE, NEGATIVE, TEMPTED = 10, 5, 5
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BY_DESIGN = {
    "GET /api/clerk/identity/holders/{account_id}": "a counter clerk compares a paper with name and number; each look is recorded",
    "GET /api/open/dev/persons": "the invented people one may play; not there in production",
}
SAMPLES = {"staff_id": "supervisor", "courier_id": "courier"}
"""Whose accounts an admin may end in these tests: not those that other tests need."""
Operation = Any


@dataclass
class Tried:
    answers: list[tuple[str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Door, Elsewhere]]:
    from api.wiring import MODELS
    from core.db import Database

    folder: Path = tmp_path_factory.mktemp("schemathesis")
    url = f"sqlite://{folder}/zerotrip.sqlite3"
    run(Database(url, MODELS).migrate())
    with door_elsewhere(url, folder / "data", ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING))) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(place: tuple[Door, Elsewhere]) -> dict[str, Any]:
    answer = httpx.get(f"{place[0].base_url}/openapi.json", trust_env=False)
    described: dict[str, Any] = answer.json()
    return described


def tempted(document: dict[str, Any], his: dict[str, str]) -> dict[str, Any]:
    """The document with 张伟's ids as the only values of every parameter and field of that name (so fit for making requests only)."""
    found = copy.deepcopy(document)

    def tempt(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": "string", "enum": [his[name]]} if name in his else schema

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("name"), str) and isinstance(node.get("schema"), dict):
                node["schema"] = tempt(node["name"], node["schema"])
            if isinstance(node.get("properties"), dict):
                node["properties"] = {name: tempt(name, kind) for name, kind in node["properties"].items()}
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(found)
    return found


def operations(document: dict[str, Any]) -> list[Operation]:
    results: list[Any] = list(schemathesis.openapi.from_dict(document).get_all_operations())
    return [found.ok() for found in results]


def is_for(role: str | None) -> Callable[[Operation], bool]:
    def chosen(operation: Operation) -> bool:
        path: str = operation.path
        if role is None:
            return not path.startswith(("/api/citizen", "/api/courier", "/api/clerk", "/api/supervisor", "/api/admin"))
        return path.startswith((f"/api/{role}/", "/api/open/catalog", "/api/open/feedback"))

    return chosen


def attempt(
    operation: Operation,
    examples: int,
    door: Door,
    headers: dict[str, str],
    tried: Tried,
    *,
    checks: Sequence[Any] = CHECKS,
    is_wrong: bool = False,
) -> None:
    web = requests.Session()
    web.trust_env = False
    mode = GenerationMode.NEGATIVE if is_wrong else GenerationMode.POSITIVE

    @seed(20261123)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Any) -> None:
        response = case.call(base_url=door.base_url, headers=headers, session=web, timeout=20)
        tried.answers.append((operation.label, response.status_code))
        text = response.content.decode("utf-8", "replace")
        leaked = [secret for secret in SECRETS if secret in text and secret not in sent(case)]
        if leaked and operation.label not in BY_DESIGN:
            tried.faults.append(f"{operation.label}: answer holds {leaked}")
        try:
            case.validate_response(response, checks=list(checks))
        except (Failure, FailureGroup) as failure:
            reasons = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            tried.faults.append(
                f"{operation.label}: {[str(reason)[:400] for reason in reasons]} {response.status_code} {case.body!r}"[:1500]
            )

    try:
        once()
    except Unsatisfiable:  # there is no way to be wrong here, for instance with a free text in the path
        assert is_wrong


def sent(case: Any) -> str:
    return f"{case.body!r}{case.query!r}{case.path_parameters!r}{case.headers!r}"


def test_the_secrets_are_there_to_leak(place: tuple[Door, Elsewhere]) -> None:
    """张伟 himself sees his data through the same door."""
    door, _ = place
    seen = ""
    with httpx.Client(base_url=door.base_url, headers=door.headers("owner"), trust_env=False) as web:
        case = door.his["case_id"]
        for path in (f"cases/{case}", f"cases/{case}/form", f"parcels/{door.his['parcel_id']}", f"licences/{door.his['licence_id']}", "me"):
            answer = web.get(f"/api/citizen/{path}")
            assert answer.status_code == 200, path
            seen += answer.text
        assert web.get(f"/api/citizen/appointments/{door.his['appointment_id']}").status_code == 200
        assert web.get(f"/api/citizen/licences/{door.his['licence_id']}/licence.pdf").content.startswith(b"%PDF")
    assert {"13800138000", "示例路9号2栋3单元1502", "老巷面馆"} <= {secret for secret in SECRETS if secret in seen}


def test_his_ids_open_nothing_for_others(place: tuple[Door, Elsewhere], document: dict[str, Any]) -> None:
    """Every GET with exactly his ids, as the other citizen, the clerk of another office, and the courier of another parcel."""
    door, elsewhere = place
    leaks, asked = [], 0
    for role in ("citizen", "clerk", "courier"):
        token = elsewhere.run(open_sessions(door.world, {role: door.accounts[role]}))[role]
        with httpx.Client(base_url=door.base_url, headers={"authorization": f"Bearer {token}"}, trust_env=False) as web:
            for template, methods in document["paths"].items():
                if (
                    "get" not in methods
                    or f"GET {template}" in BY_DESIGN
                    or not template.startswith(f"/api/{role}/")
                    or "{" not in template
                ):
                    continue
                path = template
                for name, value in door.his.items():
                    path = path.replace(f"{{{name}}}", value)
                answer = web.get(path)
                asked += 1
                if answer.status_code != 404 or any(secret in answer.text for secret in SECRETS):
                    leaks.append(f"{role} {path}: {answer.status_code}")
    assert leaks == [] and asked > 12


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, "citizen", "courier", "clerk", "supervisor", "admin"])
def test_no_crash_no_surprise_no_leak(place: tuple[Door, Elsewhere], document: dict[str, Any], role: str | None) -> None:
    door, elsewhere = place
    spare = {name: door.accounts[account] for name, account in SAMPLES.items() if role == "admin"}
    chosen = [operation for operation in operations(document) if is_for(role)(operation)]
    alluring = {operation.label: operation for operation in operations(tempted(document, {**door.his, **spare}))}
    tried = Tried()
    for operation in chosen:
        token = {} if role is None else elsewhere.run(open_sessions(door.world, {role: door.accounts[role]}))
        headers = {"Authorization": f"Bearer {token[role]}"} if role else {}
        attempt(operation, POSITIVE, door, headers, tried)
        if operation.body or operation.path_parameters or operation.query:
            attempt(operation, NEGATIVE, door, headers, tried, is_wrong=True)
            attempt(alluring[operation.label], TEMPTED, door, headers, tried, checks=[not_a_server_error, status_code_conformance])
    assert tried.faults == []
    assert len(chosen) >= 5 and {label for label, _ in tried.answers} == {operation.label for operation in chosen}
    # Requests that only ever hit the outermost wall would prove nothing.
    assert sum(status < 300 for _, status in tried.answers) > 3
