"""Transactions, audit chains, numbers and idempotency keys, each under concurrent writers, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import random

import pytest
from tortoise.connection import get_connection

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import ManualClock
from core.crypto import FieldCipher
from core.db import IntegrityError, transaction
from core.errors import Conflict
from core.http.idempotency import KEEP, Idempotency, KeyReused
from core.models import AuditEntry, AuditHead, Counter, IdempotencyRecord
from core.numbering import next_number

pytestmark = pytest.mark.usefixtures("database")
CLERK = Actor(Role.CLERK, "staff_1")


@pytest.fixture
def idempotency(clock: ManualClock) -> Idempotency:
    return Idempotency(FieldCipher({"k1": b"k" * 32}, "k1"), clock)


async def names() -> set[str]:
    return {row.name for row in await Counter.all()}


async def test_a_transaction_is_all_or_nothing() -> None:
    async with transaction():
        await Counter.create(name="kept", value=1)
    with pytest.raises(RuntimeError):
        async with transaction():
            await Counter.create(name="lost", value=1)
            raise RuntimeError
    assert await names() == {"kept"}


async def test_an_inner_transaction_is_undone_alone() -> None:
    async with transaction():
        await Counter.create(name="outer", value=1)
        with pytest.raises(RuntimeError):
            async with transaction():
                await Counter.create(name="inner", value=1)
                raise RuntimeError
        async with transaction():
            await Counter.create(name="second", value=1)
    assert await names() == {"outer", "second"}


async def test_an_inner_transaction_does_not_outlive_the_outer() -> None:
    with pytest.raises(RuntimeError):
        async with transaction():
            async with transaction():
                await Counter.create(name="inner", value=1)
            raise RuntimeError
    assert await names() == set()


async def test_a_caught_duplicate_leaves_the_outer_transaction_usable() -> None:
    """On PostgreSQL a failed statement spoils the whole transaction; the savepoint confines it."""
    await Counter.create(name="a", value=1)
    async with transaction():
        with pytest.raises(IntegrityError):
            async with transaction():
                await Counter.create(name="a", value=2)
        await Counter.create(name="b", value=1)
    assert await names() == {"a", "b"}


async def test_a_cancelled_command_leaves_nothing_and_the_connection_works() -> None:
    async def command() -> None:
        async with transaction():
            await Counter.create(name="half", value=1)
            await asyncio.sleep(30)

    for _ in range(3):
        task = asyncio.create_task(command())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with transaction():
        await Counter.create(name="after", value=1)
    assert await names() == {"after"}


async def test_concurrent_transactions_do_not_mix() -> None:
    async def command(number: int) -> None:
        async with transaction():
            await Counter.create(name=f"{number}-a", value=1)
            await asyncio.sleep(random.random() / 100)
            if number % 3 == 0:
                raise RuntimeError
            await Counter.create(name=f"{number}-b", value=1)

    await asyncio.gather(*(command(number) for number in range(30)), return_exceptions=True)
    assert await names() == {f"{number}-{part}" for number in range(30) if number % 3 for part in "ab"}


async def test_fifty_writers_of_one_chain(clock: ManualClock) -> None:
    async def write(number: int) -> None:
        async with transaction():
            await audit.record("case:1", "case.viewed", at=clock.now(), actor=CLERK, data={"n": number})

    await asyncio.gather(*(write(number) for number in range(50)))
    report = await audit.verify("case:1")
    assert report.is_intact and report.length == 50
    assert sorted(link.data for link in await audit.links("case:1")) == sorted(f'{{"n":{number}}}' for number in range(50))


async def test_an_entry_of_a_command_that_failed_is_gone_without_a_gap(clock: ManualClock) -> None:
    async def write(number: int) -> None:
        async with transaction():
            await audit.record("case:1", "case.viewed", at=clock.now(), actor=CLERK, data={"n": number})
            if number % 2:
                raise RuntimeError

    await asyncio.gather(*(write(number) for number in range(20)), return_exceptions=True)
    report = await audit.verify("case:1")
    assert report.is_intact and report.length == 10


async def test_chains_do_not_disturb_each_other(clock: ManualClock) -> None:
    await asyncio.gather(*(audit.record(f"case:{n % 4}", "x", at=clock.now(), actor=SYSTEM) for n in range(20)))
    reports = [await audit.verify(f"case:{n}") for n in range(4)]
    assert all(report.is_intact and report.length == 5 for report in reports)
    assert (await audit.verify("case:never")).is_intact


@pytest.mark.parametrize("reason", ["altered", "missing", "truncated"])
async def test_a_row_changed_in_the_database_shows(clock: ManualClock, reason: str) -> None:
    for number in range(5):
        await audit.record("case:1", "case.viewed", at=clock.now(), actor=CLERK, data={"n": number})
    if reason == "altered":
        await AuditEntry.filter(chain="case:1", seq=3).update(data='{"n":9}')
    elif reason == "missing":
        await AuditEntry.filter(chain="case:1", seq=3).delete()
    else:
        await AuditEntry.filter(chain="case:1", seq__gte=3).delete()
    report = await audit.verify("case:1")
    assert (report.is_intact, report.broken_at, report.reason, report.length) == (False, 3, reason, 2)


async def test_a_time_is_recorded_in_utc_with_microseconds(clock: ManualClock) -> None:
    await audit.record("case:1", "x", at=clock.now(), actor=SYSTEM)
    assert (await AuditEntry.get()).at == "2026-11-23T01:00:00.000000+00:00"
    assert (await AuditHead.get()).hash == (await AuditEntry.get()).hash


async def test_numbers_have_no_gaps_and_no_twins() -> None:
    """Also while some commands that took a number fail."""
    got: list[int] = []

    async def command(number: int) -> None:
        async with transaction():
            taken = await next_number("case:2026-11-23")
            await asyncio.sleep(random.random() / 200)
            if number % 4 == 0:
                raise RuntimeError
        got.append(taken)

    await asyncio.gather(*(command(number) for number in range(40)), return_exceptions=True)
    assert sorted(got) == list(range(1, 31))
    assert await next_number("case:2026-11-24") == 1 and await next_number("case:2026-11-23") == 31


async def test_the_first_number_of_all_is_given_once() -> None:
    assert sorted(await asyncio.gather(*(next_number("fresh") for _ in range(20)))) == list(range(1, 21))


async def test_the_same_request_again_gets_the_first_answer(idempotency: Idempotency) -> None:
    done: list[int] = []

    async def work() -> bytes:
        done.append(1)
        await next_number("work")
        return f'{{"phone":"13912345678","n":{len(done)}}}'.encode()

    first = await idempotency.once("citizen:a:POST:/x", "key", b"body", work)
    assert await idempotency.once("citizen:a:POST:/x", "key", b"body", work) == first and len(done) == 1
    for scope, key in (("citizen:b:POST:/x", "key"), ("citizen:a:POST:/y", "key"), ("citizen:a:POST:/x", "key2")):
        assert await idempotency.once(scope, key, b"body", work) != first
    assert b"13912345678" not in b"".join(bytes(row.response or b"") for row in await IdempotencyRecord.all())


async def test_a_key_with_another_payload_is_refused(idempotency: Idempotency) -> None:
    async def work() -> bytes:
        return b"1"

    await idempotency.once("s", "key", b"one", work)
    with pytest.raises(KeyReused) as caught:
        await idempotency.once("s", "key", b"two", work)
    assert (caught.value.status, caught.value.code) == (422, "request.idempotency_key_reused")


async def test_work_that_fails_leaves_nothing_and_frees_the_key(idempotency: Idempotency) -> None:
    async def fail() -> bytes:
        await next_number("work")
        raise Conflict()

    async def work() -> bytes:
        return b"done"

    with pytest.raises(Conflict):
        await idempotency.once("s", "key", b"body", fail)
    assert await Counter.all().count() == 0 and await IdempotencyRecord.all().count() == 0
    assert await idempotency.once("s", "key", b"body", work) == b"done"


async def test_two_hundred_twins_do_the_work_once(idempotency: Idempotency) -> None:
    async def work() -> bytes:
        await asyncio.sleep(0.01)
        return str(await next_number("work")).encode()

    answers = await asyncio.gather(*(idempotency.once("s", "key", b"body", work) for _ in range(200)))
    assert set(answers) == {b"1"} and (await Counter.get(name="work")).value == 1


async def test_when_the_first_of_the_twins_fails_the_next_one_does_it(idempotency: Idempotency) -> None:
    tries: list[int] = []

    async def work() -> bytes:
        tries.append(1)
        await asyncio.sleep(0.02)
        if len(tries) == 1:
            raise RuntimeError
        return b"done"

    answers = await asyncio.gather(*(idempotency.once("s", "key", b"body", work) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, RuntimeError) for answer in answers) == 1 and answers.count(b"done") == 4 and len(tries) == 2


async def test_old_answers_are_forgotten(idempotency: Idempotency, clock: ManualClock) -> None:
    async def work() -> bytes:
        return b"1"

    await idempotency.once("s", "old", b"", work)
    clock.advance(seconds=KEEP.total_seconds() + 1)
    await idempotency.once("s", "new", b"", work)
    assert await idempotency.forget_old() == 1 and await IdempotencyRecord.all().count() == 1


async def test_the_connection_pool_is_whole_after_all_this() -> None:
    """Twenty connections, forty commands that each fail: one that was not given back would block the rest."""

    async def command() -> None:
        async with transaction():
            await get_connection("default").execute_query("SELECT nothing FROM nowhere")

    outcomes = await asyncio.wait_for(asyncio.gather(*(command() for _ in range(40)), return_exceptions=True), 20)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert await next_number("alive") == 1
