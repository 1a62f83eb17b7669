"""The outbox on both databases: written with the change, delivered at least once and in effect once, parked when hopeless, resumed."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from core.cache import MemoryCache
from core.clock import ManualClock
from core.db import Database, is_postgres, transaction
from core.errors import Conflict, NotFound, UpstreamUnavailable
from core.models import Counter as Marks
from core.models import OutboxDelivery, OutboxEvent
from core.outbox import BACKOFF_SECONDS, WAKE_TOPIC, Event, Handler, Reaction, Relay, backlog, emit, event_name, resend

pytestmark = pytest.mark.usefixtures("database")


class Happened(Event, frozen=True, tag="test.happened"):
    thing_id: str


class Ignored(Event, frozen=True, tag="test.ignored"):
    thing_id: str


class Recorder:
    """Handlers that remember what they were given; `fail` makes the next deliveries raise."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []
        self.fail: list[Exception] = []

    def handler(self, name: str) -> Handler:
        async def handle(event: Happened, key: str) -> None:
            self.seen.append((name, event.thing_id, key))
            if self.fail:
                raise self.fail.pop(0)

        return handle

    def relay(self, clock: ManualClock, *names: str, **options: float) -> Relay:
        reactions = [Reaction(Happened, name, self.handler(name)) for name in names or ("test.one",)]
        return Relay(reactions, clock=clock, cache=MemoryCache(), **options)  # type: ignore[arg-type]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def only() -> OutboxDelivery:
    return await OutboxDelivery.get()


async def test_an_event_goes_to_every_subscribed_handler_once(clock: ManualClock, recorder: Recorder) -> None:
    relay = recorder.relay(clock, "test.one", "test.two")
    event_id = await emit(Happened(thing_id="a"), at=clock.now())
    await emit(Ignored(thing_id="b"), at=clock.now())
    await relay.drain()
    await relay.drain()
    assert sorted(recorder.seen) == [("test.one", "a", f"{event_id}:test.one"), ("test.two", "a", f"{event_id}:test.two")]
    assert await backlog() == {"done": 2}
    assert await OutboxEvent.filter(fanned_out_at=None).count() == 0


async def test_an_event_of_a_change_that_was_rolled_back_never_happened(clock: ManualClock, recorder: Recorder) -> None:
    with pytest.raises(RuntimeError):
        async with transaction():
            await emit(Happened(thing_id="a"), at=clock.now())
            raise RuntimeError("the change failed")
    await recorder.relay(clock).drain()
    assert recorder.seen == [] and await OutboxEvent.all().count() == 0


async def test_a_second_fan_out_makes_no_second_delivery(clock: ManualClock, recorder: Recorder) -> None:
    """A relay that died after the deliveries and before the mark starts over."""
    relay = recorder.relay(clock, "test.one", "test.two")
    await emit(Happened(thing_id="a"), at=clock.now())
    await relay.fan_out()
    await OutboxEvent.all().update(fanned_out_at=None)
    assert await relay.fan_out() == 1
    assert await OutboxDelivery.all().count() == 2


async def test_a_handler_that_came_later_is_not_told_of_the_past_but_of_what_follows(clock: ManualClock, recorder: Recorder) -> None:
    await emit(Happened(thing_id="a"), at=clock.now())
    await recorder.relay(clock, "test.one").drain()
    await emit(Happened(thing_id="b"), at=clock.now())
    await recorder.relay(clock, "test.one", "test.new").drain()
    assert sorted((name, thing) for name, thing, _ in recorder.seen) == [("test.new", "b"), ("test.one", "a"), ("test.one", "b")]


async def test_a_repeated_delivery_has_its_effect_once(clock: ManualClock) -> None:
    """The handler dies after its work and before the delivery is marked: the same key comes again, and a unique key makes it one effect."""
    deaths = [asyncio.CancelledError()]

    async def handle(_event: Happened, key: str) -> None:
        if not await Marks.exists(name=key):
            await Marks.create(name=key, value=1)
        if deaths:
            raise deaths.pop()

    relay = Relay([Reaction(Happened, "test.one", handle)], clock=clock, cache=MemoryCache(), lease_seconds=60)
    await emit(Happened(thing_id="a"), at=clock.now())
    await relay.fan_out()
    with pytest.raises(asyncio.CancelledError):
        await relay.deliver_due()
    assert (await only()).state == "leased" and await relay.deliver_due() == 0
    clock.advance(seconds=61)
    assert await relay.deliver_due() == 1
    assert (await only()).state == "done" and await Marks.all().count() == 1


async def test_failures_back_off_then_park_then_can_be_sent_again(clock: ManualClock, recorder: Recorder) -> None:
    relay = recorder.relay(clock)
    event_id = await emit(Happened(thing_id="a"), at=clock.now())
    await relay.fan_out()
    recorder.fail = [RuntimeError("张伟 13912345678")] * (len(BACKOFF_SECONDS) + 1)
    for attempt, wait in enumerate(BACKOFF_SECONDS, 1):
        assert await relay.deliver_due() == 1
        row = await only()
        assert (row.state, row.attempts, row.due_at, row.leased_by) == ("pending", attempt, clock.now() + timedelta(seconds=wait), None)
        clock.advance(seconds=wait - 0.5)
        assert await relay.deliver_due() == 0
        clock.advance(seconds=0.5)
    await relay.deliver_due()
    row = await only()
    assert (row.state, row.attempts, row.error) == ("parked", len(BACKOFF_SECONDS) + 1, "RuntimeError")
    clock.advance(days=30)
    assert await relay.deliver_due() == 0 and await backlog() == {"parked": 1}
    await resend(row.id, at=clock.now())
    await relay.drain()
    assert (await only()).state == "done" and {key for *_, key in recorder.seen} == {f"{event_id}:test.one"}


async def test_the_reason_is_a_code_and_never_a_text(clock: ManualClock, recorder: Recorder, capfd: pytest.CaptureFixture[str]) -> None:
    relay = recorder.relay(clock)
    await emit(Happened(thing_id="a"), at=clock.now())
    recorder.fail = [UpstreamUnavailable("张伟的电话 13912345678"), RuntimeError("张伟的电话 13912345678")]
    await relay.drain()
    assert (await only()).error == "upstream.unavailable"
    clock.advance(seconds=1)
    await relay.drain()
    assert (await only()).error == "RuntimeError"
    written = "".join(capfd.readouterr())
    assert "delivery_failed" in written and "张伟" not in written and "1391234" not in written


async def test_sending_again_what_is_not_parked(clock: ManualClock, recorder: Recorder) -> None:
    await emit(Happened(thing_id="a"), at=clock.now())
    await recorder.relay(clock).drain()
    with pytest.raises(Conflict):
        await resend((await only()).id, at=clock.now())
    with pytest.raises(NotFound):
        await resend("delivery_unknown", at=clock.now())
    assert len(recorder.seen) == 1


async def test_a_delivery_for_a_handler_that_is_gone_waits_and_parks(clock: ManualClock, recorder: Recorder) -> None:
    await emit(Happened(thing_id="a"), at=clock.now())
    await recorder.relay(clock, "test.old").fan_out()
    await recorder.relay(clock, "test.new").drain()
    assert ((await only()).state, (await only()).error) == ("pending", "LookupError") and recorder.seen == []
    clock.advance(seconds=1)
    await recorder.relay(clock, "test.old").drain()
    assert (await only()).state == "done"


async def test_one_that_fails_does_not_hold_up_the_others(clock: ManualClock, recorder: Recorder) -> None:
    for thing in "abc":
        await emit(Happened(thing_id=thing), at=clock.now())
    recorder.fail = [RuntimeError()]
    await recorder.relay(clock).drain()
    assert await backlog() == {"done": 2, "pending": 1}


async def test_the_lease_of_a_dead_worker_is_taken_over(clock: ManualClock, recorder: Recorder) -> None:
    await emit(Happened(thing_id="a"), at=clock.now())
    dead, heir = recorder.relay(clock, lease_seconds=60), recorder.relay(clock, lease_seconds=60)
    await dead.fan_out()
    assert len(await dead._lease_due()) == 1
    assert await heir.deliver_due() == 0
    clock.advance(seconds=61)
    assert await heir.deliver_due() == 1 and (await only()).state == "done"


async def test_a_worker_that_lost_its_lease_marks_nothing(clock: ManualClock) -> None:
    """It slept, another took over and is still at work: its late answer must not end the other's lease."""
    slow = asyncio.Event()

    async def handle(_event: Happened, _key: str) -> None:
        await slow.wait()

    late = Relay([Reaction(Happened, "test.one", handle)], clock=clock, cache=MemoryCache(), lease_seconds=60)
    await emit(Happened(thing_id="a"), at=clock.now())
    await late.fan_out()
    running = asyncio.create_task(late.deliver_due())
    await asyncio.sleep(0.1)
    await OutboxDelivery.all().update(leased_by="another")
    slow.set()
    await running
    assert ((await only()).state, (await only()).leased_by) == ("leased", "another")


async def test_a_single_process_takes_over_at_its_start(clock: ManualClock, recorder: Recorder) -> None:
    """On SQLite every lease at start is a dead one's; on PostgreSQL it may be a living neighbour's."""
    await emit(Happened(thing_id="a"), at=clock.now())
    dead = recorder.relay(clock)
    await dead.fan_out()
    await dead._lease_due()
    started = recorder.relay(clock)
    await started.take_over()
    assert await started.deliver_due() == (0 if is_postgres() else 1)


async def test_a_relay_that_runs_is_woken_and_stops(clock: ManualClock, recorder: Recorder) -> None:
    cache = MemoryCache()
    relay = Relay([Reaction(Happened, "test.one", recorder.handler("test.one"))], clock=clock, cache=cache)
    running = asyncio.create_task(relay.run(poll_seconds=30))
    await asyncio.sleep(0.2)
    await emit(Happened(thing_id="a"), at=clock.now())
    await cache.wake(WAKE_TOPIC)
    for _ in range(100):
        await asyncio.sleep(0.02)
        if await backlog() == {"done": 1}:
            break
    assert await backlog() == {"done": 1}
    relay.stop()
    await cache.wake(WAKE_TOPIC)
    await asyncio.wait_for(running, 5)


async def test_lost_wake_ups_only_cost_time(clock: ManualClock, recorder: Recorder) -> None:
    class Deaf(MemoryCache):
        async def wakes(self, topic: str):  # type: ignore[no-untyped-def]
            raise ConnectionError
            yield

    relay = Relay([Reaction(Happened, "test.one", recorder.handler("test.one"))], clock=clock, cache=Deaf())
    running = asyncio.create_task(relay.run(poll_seconds=0.02))
    await emit(Happened(thing_id="a"), at=clock.now())
    for _ in range(100):
        await asyncio.sleep(0.02)
        if recorder.seen:
            break
    relay.stop()
    await asyncio.wait_for(running, 5)
    assert len(recorder.seen) == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_relays_share_the_work_without_doubling(clock: ManualClock, recorder: Recorder) -> None:
    """SKIP LOCKED: several workers on one PostgreSQL, each delivery to exactly one of them."""
    for number in range(120):
        await emit(Happened(thing_id=f"t{number}"), at=clock.now())
    relays = [recorder.relay(clock, f"test.{name}", batch=7) for name in ("same", "same", "same")]
    await asyncio.gather(*(relay.drain() for relay in relays))
    for relay in relays:
        await relay.drain()
    counts = Counter(thing for _, thing, _ in recorder.seen)
    assert len(counts) == 120 and set(counts.values()) == {1}
    assert await backlog() == {"done": 120}


def test_an_event_without_a_tag_is_a_mistake_of_the_programmer(database: Database) -> None:
    class Nameless(Event, frozen=True, tag=7):
        thing_id: str

    with pytest.raises(TypeError, match="needs a tag"):
        event_name(Nameless)
