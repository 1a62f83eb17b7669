"""What happened to parcels; ids only."""

from __future__ import annotations

from core.outbox import Event


class ParcelOpened(Event, frozen=True, tag="express.parcel_opened"):
    parcel_id: str
    case_id: str


class ParcelOrdered(Event, frozen=True, tag="express.parcel_ordered"):
    parcel_id: str
    case_id: str


class ParcelHandedOver(Event, frozen=True, tag="express.parcel_handed_over"):
    parcel_id: str
    case_id: str


class ParcelOutForDelivery(Event, frozen=True, tag="express.parcel_out_for_delivery"):
    parcel_id: str
    case_id: str


class ParcelDelivered(Event, frozen=True, tag="express.parcel_delivered"):
    parcel_id: str
    case_id: str


class ParcelDeliveredUnproven(Event, frozen=True, tag="express.parcel_delivered_unproven"):
    """The carrier says delivered and we have no proof; somebody must ask the recipient."""

    parcel_id: str
    case_id: str


class ParcelReturned(Event, frozen=True, tag="express.parcel_returned"):
    parcel_id: str
    case_id: str


class ParcelLost(Event, frozen=True, tag="express.parcel_lost"):
    """The licence in it must be revoked and issued again, once."""

    parcel_id: str
    case_id: str
    licence_id: str


class PickupLockedOut(Event, frozen=True, tag="express.pickup_locked_out"):
    parcel_id: str
    case_id: str
