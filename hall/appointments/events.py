"""What happened to an appointment; ids only."""

from __future__ import annotations

from core.outbox import Event


class AppointmentConfirmed(Event, frozen=True, tag="appointment.confirmed"):
    appointment_id: str
    account_id: str
    case_id: str | None
    purpose: str


class AppointmentCancelled(Event, frozen=True, tag="appointment.cancelled"):
    appointment_id: str
    account_id: str
    case_id: str | None
    purpose: str


class AppointmentCheckedIn(Event, frozen=True, tag="appointment.checked_in"):
    appointment_id: str
    account_id: str
    case_id: str | None
    purpose: str
    office_id: str
    clerk_id: str


class AppointmentCompleted(Event, frozen=True, tag="appointment.completed"):
    appointment_id: str
    account_id: str
    case_id: str | None
    purpose: str
    office_id: str
    clerk_id: str


class AppointmentMissed(Event, frozen=True, tag="appointment.missed"):
    appointment_id: str
    account_id: str
    case_id: str | None
    purpose: str
