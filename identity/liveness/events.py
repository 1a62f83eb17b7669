"""What others may react to."""

from __future__ import annotations

from core.outbox import Event


class VerificationDecided(Event, frozen=True, tag="identity.verification_decided"):
    """`outcome`: accept, manual_review or reject. `method`: face, counter, video or ukey."""

    verification_id: str
    account_id: str
    application_id: str
    method: str
    outcome: str
