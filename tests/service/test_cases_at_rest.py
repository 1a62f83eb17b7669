"""What a thief of the database and of the files can read: nothing about anybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.connection import get_connection

from hall.cases.models import CaseMaterial
from hall.feedback.service import Feedback
from hall.licences.models import Licence
from sandbox.persons import find_person
from tests.factories.cases import DELIVERY, STROKES, CaseWorld, photo
from tests.factories.catalog import catering_form
from tests.factories.sandbox import lever

REASON, COMMENT, GAP = "现场照片与平面图相符，准予", "门口的台阶太高了", "餐位数与面积不相称"


async def lived_through(house: CaseWorld) -> Licence:
    """Everything that takes in something personal, up to the licence, a rating and a courier's push."""
    case = await house.submitted()
    await house.cases.review.send_back(house.front, case.id, {"form.seats": GAP})
    await house.cases.signing.reopen(house.zhang, case.id)
    await house.cases.drafts.save_form(house.zhang, case.id, {"seats": 24}, None)
    case = await house.cases.signing.prepare(house.zhang, case.id)
    await house.sign(house.zhang, case)
    await house.sign(house.li, case)
    await house.deliver_outbox()
    await house.cases.signing.submit(house.zhang, case.id)
    await house.cases.review.prereview(house.front, case.id)
    await house.cases.review.accept(house.front, case.id)
    await house.cases.review.decide(house.back, case.id, is_granted=True, reason=REASON)
    await house.deliver_outbox()
    (parcel,) = await house.parcels.of_case(case.id)
    await lever(house.sandbox, f"ems/{parcel.waybill_no}/pick_up")
    await house.parcels.refresh_tracking(parcel.id)
    other = await house.waved_through("accepted")
    await house.cases.review.decide(house.back, other.id, is_granted=False, reason=REASON)
    await house.hall.service(Feedback).rate(house.zhang, other.id, 1, comment=COMMENT)
    licence = await Licence.get(case_id=case.id)
    await house.licences.change_status(house.back, licence.id, "suspend", REASON)
    return licence


def secrets_of(house: CaseWorld) -> list[str]:
    """Names, numbers, telephones, addresses, form texts, reasons, and the strokes of the signature."""
    people = [find_person(key) for key in ("zhang_wei", "li_na", "wang_jianguo")]
    found = [text for person in people if person for text in (person.name, person.id_number, person.phone, person.openid)]
    found += [text for text in catering_form().values() if isinstance(text, str) and len(text) > 8 and not text.startswith("20")]
    found += [getattr(DELIVERY, field) for field in ("phone", "address")] + [REASON, COMMENT, GAP, "张伟家的店"]
    return [*found, f"[{STROKES[0][0].x},{STROKES[0][0].y}"]


def forms_of(secret: str) -> list[bytes]:
    """As text, in UTF-16 as PDF strings are, and escaped as in JSON."""
    return [secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-le"), json.dumps(secret)[1:-1].encode()]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_files_on_the_disk_tell_nothing(house: CaseWorld, database_url: str) -> None:
    licence = await lived_through(house)
    await get_connection("default").execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
    database = Path(database_url.removeprefix("sqlite://"))
    data_dir = house.hall.settings.server.data_dir
    files = [database, *database.parent.glob(f"{database.name}-*"), *(path for path in (data_dir / "objects").rglob("*") if path.is_file())]
    assert len(files) > 8
    kept = {path: path.read_bytes() for path in files}
    assert licence.id.encode() in kept[database]  # the search below can find what is there
    for secret in secrets_of(house):
        for form in forms_of(secret):
            assert [path.name for path, data in kept.items() if form in data] == [], secret
    for path, data in kept.items():
        if path != database and not path.name.startswith(database.name):
            assert not data.startswith((b"%PDF", b"\xff\xd8\xff")) and photo() not in data, path.name
    hashes = {row.sha256 for row in await CaseMaterial.all()}
    assert not {path.name for path in files} & hashes  # nor does a name tell which known file is held


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_the_rows_in_postgresql_tell_nothing(house: CaseWorld) -> None:
    await lived_through(house)
    connection, rows = get_connection("default"), 0
    for app in (Tortoise.apps or {}).values():
        for model in app.values():
            for row in await connection.execute_query_dict(f'SELECT * FROM "{model._meta.db_table}"'):  # noqa: S608 - our own table names
                rows += 1
                values = [bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row.values()]
                for secret in secrets_of(house):
                    hit = any(form in value for form in forms_of(secret) for value in values)
                    assert not hit, (model._meta.db_table, secret)
    assert rows > 100
