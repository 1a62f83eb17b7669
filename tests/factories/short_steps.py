"""Steps of the demo in short, for tests that are about something else."""

from __future__ import annotations

from api.demo.play import STEPS, Step
from api.demo.world import World


async def identified_at_the_counter(world: World) -> str:
    """Both at the counter, without an appointment: this says nothing new, and takes no face engine."""
    desk, case_id = await world.staff("chen.jing"), world.kept["case_id"]
    evidence = {"document_kind": "resident_id_card", "checked": ["document_genuine", "holder_matches_photo", "number_matches_account"]}
    for key in ("zhang_wei", "li_na"):
        phone = world.phone(key)
        whom = {"account_id": (await phone.get("/api/citizen/me"))["account_id"], "application_id": case_id}
        await desk.post("/api/clerk/identity/counter", {**whom, "document_sha256": world.kept["case_id:sha256"], "evidence": evidence})
        (row,) = await phone.get("/api/citizen/verifications", application_id=case_id)
        world.kept[f"verification:{key}"] = row["id"]
    return "identified"


SHORT_STEPS: tuple[tuple[str, Step], ...] = tuple(
    (name, identified_at_the_counter if name == "identity" else step) for name, _, step in STEPS
)
"""The whole demo, but nobody films himself."""
