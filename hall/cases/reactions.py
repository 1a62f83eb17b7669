"""What the cases do when something happens elsewhere."""

from __future__ import annotations

from core.outbox import Reaction
from esign.envelopes.events import EnvelopeSigned, SignatureRequested
from express.events import ParcelDelivered
from hall.appointments.events import AppointmentCompleted
from hall.cases.service import Cases
from hall.licences.events import LicenceIssued


def reactions(cases: Cases) -> list[Reaction]:
    async def apply_signature(event: SignatureRequested, key: str) -> None:
        await cases.envelopes.apply(event.envelope_id, event.signer_id)

    async def record_signed(event: EnvelopeSigned, key: str) -> None:
        await cases.signing.record_signed(event.subject, event.envelope_id, event.account_id, event.sha256, is_complete=event.is_complete)

    async def record_licensed(event: LicenceIssued, key: str) -> None:
        await cases.progress.record_licensed(event.case_id, event.licence_id)

    async def record_delivered(event: ParcelDelivered, key: str) -> None:
        await cases.progress.record_delivered(event.case_id)

    async def record_trip(event: AppointmentCompleted, key: str) -> None:
        if event.case_id:
            await cases.progress.record_trip(event.case_id, event.appointment_id)

    return [
        Reaction(SignatureRequested, "cases.apply_signature", apply_signature),
        Reaction(EnvelopeSigned, "cases.record_signed", record_signed),
        Reaction(LicenceIssued, "cases.record_licensed", record_licensed),
        Reaction(ParcelDelivered, "cases.record_delivered", record_delivered),
        Reaction(AppointmentCompleted, "cases.record_trip", record_trip),
    ]
