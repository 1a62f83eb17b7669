"""What the relay gave up on is seen and sent again by an administrator, and the resending is on record."""

from __future__ import annotations

from core import audit
from core.ids import new_id
from core.models import OutboxDelivery, OutboxEvent
from tests.factories.door import Door


async def _parked(door: Door) -> str:
    now = door.world.hall.clock.now()
    event = await OutboxEvent.create(id=new_id("event"), name="case.granted", payload="{}", created_at=now, fanned_out_at=now)
    row = await OutboxDelivery.create(
        id=new_id("delivery"),
        event_id=event.id,
        handler="licences.draft",
        state="parked",
        attempts=9,
        due_at=now,
        error="upstream.unavailable",
    )
    return row.id


async def test_a_parked_delivery_is_listed_and_sent_again_once(house_door: Door) -> None:
    """Failed notifications are visible (hall.md) and resent by hand after the retry limit."""
    delivery = await _parked(house_door)
    async with house_door.client("admin") as web:
        listed = (await web.get("/api/admin/outbox")).json()["data"]
        assert [(row["id"], row["event"], row["error"]) for row in listed] == [(delivery, "case.granted", "upstream.unavailable")]
        assert (await web.post(f"/api/admin/outbox/{delivery}/resend")).status_code == 200
        assert (await web.post(f"/api/admin/outbox/{delivery}/resend")).status_code == 409
        assert (await web.post("/api/admin/outbox/delivery_nothing/resend")).status_code == 404
        assert (await web.get("/api/admin/outbox")).json()["data"] == []
    row = await OutboxDelivery.get(id=delivery)
    assert (row.state, row.attempts, row.error) == ("pending", 0, None)
    assert [link.action for link in await audit.links("outbox")] == ["outbox.resent"]
