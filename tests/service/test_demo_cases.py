"""`zerotrip seed --demo` leaves a hall at work: everybody who logs in finds something, and a second seed changes nothing."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.development.service import ACCOUNTS_FILE, DemoAccounts
from api.runtime import opened, sole_server
from api.seed import seed_hall
from api.settings import load_settings
from api.wiring import Hall, wire
from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import BEIJING
from core.outbox import backlog
from esign.service import Esign
from express.service import Parcels
from hall.cases.models import Case
from hall.cases.presenting import clerk_view, summary
from hall.cases.service import Cases
from hall.licences.service import Licences
from identity.accounts.models import Account
from identity.accounts.service import Couriers, Staff
from tests.factories.cases import footprint
from tests.factories.identity import FakeVision

STATES = {
    "licence_on_the_way": "delivering", "under_review": "accepted", "passed_prereview": "prereviewed", "to_be_corrected": "returned",
    "just_submitted": "prereview", "to_be_signed": "signing", "half_filled": "draft",
}  # fmt: skip


def settings_of(database_url: str, tmp_path: Path) -> Any:
    return load_settings({"ZT_DATABASE_URL": database_url, "ZT_DATA_DIR": str(tmp_path / "data"), "ZT_PUBLIC_URL": "http://hall.example"})


async def by_command(database_url: str, tmp_path: Path) -> dict[str, Any]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZT_")}
    environ |= {"ZT_DATABASE_URL": database_url, "ZT_DATA_DIR": str(tmp_path / "data"), "ZT_PUBLIC_URL": "http://hall.example"}
    for arguments in (("migrate",), ("seed", "--demo", "--json")):
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "api", *arguments, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        told, wrong = await command.communicate()
        assert command.returncode == 0, wrong.decode()
    answer: dict[str, Any] = json.loads(told)
    return answer


async def people(hall: Hall) -> tuple[dict[str, Actor], dict[str, Actor]]:
    """Clerks by user name; citizens by what the story of a case calls them."""
    staff = await hall.service(Staff).list_all(SYSTEM, role="clerk")
    clerks = {row.username: Actor(Role.CLERK, row.staff_id, frozenset(row.permissions), row.office_id) for row in staff}
    known = DemoAccounts.read(hall.settings.server.data_dir / ACCOUNTS_FILE)
    owners = {key: (await Case.get(id=case_id)).owner_id for key, case_id in known.cases.items()}
    return clerks, {key: Actor(Role.CITIZEN, owner) for key, owner in owners.items()}


async def next_actions(hall: Hall, citizen: Actor) -> set[str]:
    cases = hall.service(Cases)
    shown = [await summary(cases, case, citizen) for case in await cases.progress.mine(citizen)]
    return {view.next_step.action or "" for view in shown}


async def check_the_desk(hall: Hall, clerks: dict[str, Actor]) -> None:
    cases = hall.service(Cases)
    queue = await cases.review.queue(clerks["chen.jing"], None)
    assert {case.state for case in queue} == {"prereview", "prereviewed", "accepted", "delivering"}
    waiting = next(case for case in queue if case.state == "accepted")
    assert "grant" in (await clerk_view(cases, waiting, clerks["liu.yang"])).allowed_actions
    now = datetime.now(UTC)
    assert all(case.submitted_at and case.submitted_at < now for case in queue) and len({case.submitted_at for case in queue}) == 4
    assert waiting.promised_on and waiting.promised_on >= now.astimezone(BEIJING).date()


async def check_the_licence(hall: Hall, owner: Actor, case_id: str) -> None:
    (licence,) = await hall.service(Licences).wallet(owner)
    report = await hall.service(Esign).verify_for_stranger(await hall.service(Licences).pdf(owner, licence.id))
    assert report.verdict == "TOTAL_PASSED", report
    (parcel,) = await hall.service(Parcels).list_for_citizen(owner)
    assert (parcel.state, parcel.case_id) == ("out_for_delivery", case_id)
    assert len(await hall.service(Parcels).pickup_code_for(owner, parcel.id)) == 6
    assert len(await hall.service(Parcels).tracking(parcel)) >= 1 and (await hall.service(Parcels).verify_custody(parcel.id)).is_intact
    (courier,) = await hall.service(Couriers).list_all(SYSTEM)
    assert not courier.is_activated, "whoever plays the courier still activates him with the code of the demo"
    assert await hall.service(Parcels).list_for_courier(Actor(Role.COURIER, courier.courier_id))


async def test_a_hall_at_work(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(database_url, tmp_path)
    assert (await seed_hall(settings, demo=True, with_cases=True))["cases"] == len(STATES)
    async with opened(wire(settings, FakeVision())) as hall:
        known = DemoAccounts.read(settings.server.data_dir / ACCOUNTS_FILE)
        assert {key: (await Case.get(id=case_id)).state for key, case_id in known.cases.items()} == STATES
        assert set(await backlog()) <= {"done"}
        clerks, owners = await people(hall)
        await check_the_desk(hall, clerks)
        await check_the_licence(hall, owners["licence_on_the_way"], known.cases["licence_on_the_way"])
        assert "sign" in await next_actions(hall, owners["to_be_signed"])
        assert await next_actions(hall, owners["to_be_corrected"]) == {"reopen"}
        assert "edit" in await next_actions(hall, owners["half_filled"])
        for case_id in known.cases.values():
            assert (await audit.verify(f"case:{case_id}")).is_intact
        before = await footprint(hall)
    again = await seed_hall(settings, demo=True, with_cases=True)
    assert again["cases"] == 0 and "no_cases" not in again
    async with opened(wire(settings, FakeVision())) as hall:
        assert await footprint(hall) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_story_that_was_cut_off_is_told_again_and_no_other(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(database_url, tmp_path)
    await seed_hall(settings, demo=True)
    path = settings.server.data_dir / ACCOUNTS_FILE
    known = DemoAccounts.read(path)
    known.cases = dict.fromkeys(STATES, "case_made_before") | {"half_filled": ""}
    known.write(path)
    assert (await seed_hall(settings, demo=True, with_cases=True))["cases"] == 1
    async with opened(wire(settings, FakeVision())):
        (case,) = await Case.all()
        assert case.state == "draft" and DemoAccounts.read(path).cases["half_filled"] == case.id
        assert abs((datetime.now(UTC) - case.created_at).total_seconds()) < 60, "not back in time where there is something already"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_command_tells_them_and_leaves_alone_what_people_did_themselves(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(database_url, tmp_path)
    assert (await by_command(database_url, tmp_path))["cases"] == len(STATES), "what `make run` calls"
    path = settings.server.data_dir / ACCOUNTS_FILE
    known = DemoAccounts.read(path)
    known.cases = {}
    known.write(path)
    assert (await seed_hall(settings, demo=True, with_cases=True))["cases"] == 0 and DemoAccounts.read(path).cases == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_why_there_are_none_is_said(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(database_url, tmp_path)
    with sole_server(settings):
        told = await seed_hall(settings, demo=True, with_cases=True)
    assert (told["cases"], told["no_cases"]) == (0, "AlreadyServed")
    gone = load_settings(
        {"ZT_DATABASE_URL": database_url, "ZT_DATA_DIR": str(tmp_path / "data"), "ZT_WECHAT_BASE_URL": "http://127.0.0.1:9"}
    )
    assert (await seed_hall(gone, demo=True, with_cases=True))["no_cases"] == "UpstreamUnavailable"
    async with opened(wire(settings, FakeVision())):
        assert not await Case.exists() and not await Account.exists()
